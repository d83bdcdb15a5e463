"""What the hash of each file must be, and who says so."""

from __future__ import annotations

import datetime

from django.utils.translation import gettext_lazy as _

from emotoon.ml.pulling.order import HashFrom, PullOrder
from emotoon.ml.pulling.refusals import PullRefused
from ml_core.weights import Pin, WeightsEntry, WeightsFile, pins_read, pins_write


class KnownHashes:
    """Published hashes come first, then those the operator gives now, then those of first pulls."""

    def __init__(self, order: PullOrder, entry: WeightsEntry) -> None:
        self._order = order
        self._pins = pins_read(order.folder)
        published = {file.path: file.sha256 for file in entry.files}
        for name, given in order.sha256.items():
            if name not in {spelling for file in entry.files for spelling in spellings(file)}:
                raise PullRefused(
                    "weights_file_unknown",
                    _("%(name)s has no file %(file)s.") % {"name": entry.name, "file": name},
                )
            if (published.get(name) or given) != given:
                raise PullRefused(
                    "weights_hash_wrong",
                    _("The sha256 given for %(file)s is not the published one.") % {"file": name},
                )

    def of(self, file: WeightsFile, name: str) -> tuple[str | None, HashFrom]:
        """``name``: a spelling of the file. (None, "nobody") when no hash is known."""
        if name == file.path and file.sha256:
            return file.sha256, "publisher"
        if name in self._order.sha256:
            return self._order.sha256[name], "operator"
        pin = self._pins.get(name)
        return (None, "nobody") if pin is None else (pin.sha256, "first pull")

    def check_known(self, files: list[WeightsFile]) -> None:
        """Before the first byte: a pull that cannot end well does not begin. Raises PullRefused."""
        without = [
            file.path for file in files if not any(self.of(file, spelling)[0] for spelling in spellings(file))
        ]
        if without and not self._order.trust_first:
            raise PullRefused(
                "weights_hash_unknown",
                _(
                    "Nobody publishes the sha256 of %(files)s. Give it with --sha256 FILE=HASH, or take it "
                    "as it comes now with --trust-first: later ones are then held against it."
                )
                % {"files": ", ".join(without)},
            )

    def pin(self, file: WeightsFile, name: str, sha256: str, source: str) -> HashFrom:
        """Remember the hash unless it is published. Returns who says it from now on."""
        hash_from = self.of(file, name)[1]
        if hash_from == "publisher":
            return hash_from
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        by_operator = hash_from == "operator"
        pins_write(self._order.folder, {name: Pin(sha256, "the operator" if by_operator else source, now)})
        return "operator" if by_operator else "first pull"


def spellings(file: WeightsFile) -> tuple[str, ...]:
    """All names a file may have in the weights folder, the published one first."""
    return (file.path, *file.alternatives)
