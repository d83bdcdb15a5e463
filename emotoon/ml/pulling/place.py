"""The last step of every file: checked as a whole, then moved into place in one step."""

from __future__ import annotations

import os

from django.utils.translation import gettext_lazy as _

from emotoon.ml.pulling.hashes import KnownHashes
from emotoon.ml.pulling.order import PulledFile
from emotoon.ml.pulling.part import Part
from emotoon.ml.pulling.refusals import PullRefused, folder_unusable
from ml_core.errors import WeightsUnavailable
from ml_core.weights import WeightsFile, check_format, file_sha256, seen_write


def settle(part: Part, file: WeightsFile, source: str, hashes: KnownHashes) -> PulledFile:
    """Put an arrived file where loaders look. What is wrong is removed, never kept beside.

    Raises PullRefused (``weights_hash_wrong``, ``weights_folder``), WeightsUnavailable (``weights_corrupt``,
    ``weights_unsafe``).
    """
    name = part.spelling
    sha256 = file_sha256(part.path)
    expected, hash_from = hashes.of(file, name)
    if expected is not None and sha256 != expected:
        part.discard()
        raise PullRefused(
            "weights_hash_wrong",
            _("%(file)s from %(source)s has another sha256 than it must: %(sha256)s. It was removed.")
            % {"file": name, "source": source.partition("?")[0], "sha256": sha256},
        )
    if hash_from != "publisher":
        try:
            check_format(part.path, name)
        except WeightsUnavailable:
            part.discard()
            raise
    _move(part)
    seen_write(part.folder, part.folder / name, sha256)
    return PulledFile(name, "pulled", sha256, hashes.pin(file, name, sha256, source.partition("?")[0]))


def _move(part: Part) -> None:
    target = part.folder / part.spelling
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with part.path.open("rb") as stream:
            os.fsync(stream.fileno())  # a crash must not leave a whole name with half a content
        part.path.replace(target)
        part.discard()
    except OSError as error:
        raise folder_unusable(error, target) from error
