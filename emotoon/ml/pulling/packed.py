"""Sets that the publisher offers as one zip: pulled, checked, and its members taken out one by one."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable
from pathlib import PurePosixPath

from django.utils.translation import gettext_lazy as _

from emotoon.ml.pulling.hashes import KnownHashes
from emotoon.ml.pulling.order import PulledFile
from emotoon.ml.pulling.part import Part
from emotoon.ml.pulling.place import settle
from emotoon.ml.pulling.refusals import PullRefused
from ml_core.weights import Archive, WeightsFile, file_sha256


def unpack(
    packed: Part,
    archive: Archive,
    files: list[WeightsFile],
    hashes: KnownHashes,
    on_bytes: Callable[[str, int], None],
) -> list[PulledFile]:
    """Only members that the manifest names are read, by their last name, and no more than it says.

    Raises PullRefused (``weights_hash_wrong``, ``weights_archive``, ...).
    """
    if archive.sha256 is not None and file_sha256(packed.path) != archive.sha256:
        packed.discard()
        raise PullRefused(
            "weights_hash_wrong",
            _("%(file)s has another sha256 than published. It was removed.") % {"file": archive.name},
        )
    try:
        with zipfile.ZipFile(packed.path) as members:
            by_name = {
                PurePosixPath(member.filename).name: member
                for member in members.infolist()
                if not member.is_dir()
            }
            return [_take(members, by_name, file, archive, packed, hashes, on_bytes) for file in files]
    except (zipfile.BadZipFile, RuntimeError, zlib.error) as error:
        packed.discard()
        raise PullRefused(
            "weights_archive",
            _("%(file)s is damaged (%(reason)s). It was removed.") % {"file": archive.name, "reason": error},
        ) from error


def _take(
    members: zipfile.ZipFile,
    by_name: dict[str, zipfile.ZipInfo],
    file: WeightsFile,
    archive: Archive,
    packed: Part,
    hashes: KnownHashes,
    on_bytes: Callable[[str, int], None],
) -> PulledFile:
    member = by_name.get(PurePosixPath(file.path).name)
    if member is None and file.optional:
        return PulledFile(file.path, "not offered")
    if member is None:
        raise PullRefused(
            "weights_archive",
            _("%(archive)s has no %(file)s in it.") % {"archive": archive.name, "file": file.path},
        )
    if file.size is not None and member.file_size != file.size:
        raise PullRefused.other_size(file.path, member.file_size, file.size)
    part = Part(packed.folder, file.path)
    with members.open(member) as stream:
        part.fill(stream, member.file_size, lambda done: on_bytes(file.path, done))
    return settle(part, file, archive.name, hashes)
