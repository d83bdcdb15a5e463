"""One pull: what is missing is fetched beside its place, checked, and moved there whole."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from emotoon.core.safe_http import FetchFailed
from emotoon.ml.pulling.hashes import KnownHashes, spellings
from emotoon.ml.pulling.locations import archive_locations, file_locations
from emotoon.ml.pulling.order import Location, OnProgress, PulledFile, PullOrder
from emotoon.ml.pulling.packed import unpack
from emotoon.ml.pulling.part import PARTS, Part
from emotoon.ml.pulling.place import settle
from emotoon.ml.pulling.refusals import PullRefused, folder_unusable, weights_translated
from ml_core.weights import (
    Archive,
    FileReport,
    WeightsEntry,
    WeightsFile,
    check_licence,
    entry_named,
    file_sha256,
    verify_weights,
)

_NOT_THERE = frozenset({401, 403, 404, 410})
"""Hosts answer with any of these when they do not have a file."""
_USABLE = frozenset({"verified", "pinned", "unverified"})


def pull(order: PullOrder, on_progress: OnProgress) -> list[PulledFile]:
    """Make a set of weights complete and right in its folder; what is right already stays.

    Raises WeightsRefused: ``weights_unknown``, ``weights_not_commercial``, ``weights_unsafe``, ...
    Raises PullRefused: ``weights_hash_unknown``, ``weights_hash_wrong``, ``weights_disk_full``,
    ``weights_interrupted``, ``weights_no_address``, ``weights_not_there``, ``weights_not_pulled``,
    ``weights_busy``, ``weights_folder``, ``weights_archive``, ``weights_file_unknown``.
    Raises FetchRefused, FetchFailed.
    """
    with weights_translated():
        entry = entry_named(order.name, order.folder)
        check_licence(entry, commercial_mode=order.commercial_mode)
        if entry.kind != "file":
            raise PullRefused(
                "weights_not_pulled",
                _("%(name)s comes with emotoon or its packages: there is nothing to pull.")
                % {"name": entry.name},
            )
        with _alone(order.folder):
            return _Pull(order, entry, on_progress).run()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One pull at a time in a folder, also between processes; a killed one leaves no lock behind."""
    try:
        (folder / PARTS).mkdir(parents=True, exist_ok=True)
        lock = (folder / PARTS / "lock").open("w")
    except OSError as error:
        raise folder_unusable(error, folder) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PullRefused(
                "weights_busy", _("Another pull into %(folder)s is running.") % {"folder": folder}
            ) from None
        yield


class _Pull:
    def __init__(self, order: PullOrder, entry: WeightsEntry, on_progress: OnProgress) -> None:
        self.order = order
        self.entry = entry
        self.on_progress = on_progress
        self.hashes = KnownHashes(order, entry)

    def run(self) -> list[PulledFile]:
        reports = {report.path: report for report in verify_weights(self.entry, self.order.folder)}
        here = {file.path: self._found(file, reports) for file in self.entry.files}
        wanted = [file for file in self.entry.files if here[file.path] is None]
        self.hashes.check_known(wanted)
        kept = [self._keep(file, report) for file in self.entry.files if (report := here[file.path])]
        return kept + self._fetch_all(wanted) if wanted else kept

    def _found(self, file: WeightsFile, reports: dict[str, FileReport]) -> FileReport | None:
        """The report of a file that is here and right in all its spellings, else None."""
        found = [reports[name] for name in spellings(file) if name in reports]
        right = [report.state in _USABLE and self._agrees(report) for report in found]
        return found[0] if found and all(right) else None

    def _agrees(self, report: FileReport) -> bool:
        given = self.order.sha256.get(report.path)
        return given is None or given == file_sha256(self.order.folder / report.path)

    def _keep(self, file: WeightsFile, report: FileReport) -> PulledFile:
        """What is here without a known hash gets one, if the operator says so now."""
        name = report.path
        known, hash_from = self.hashes.of(file, name)
        if hash_from == "operator" or (known is None and self.order.trust_first):
            known = file_sha256(self.order.folder / name)
            hash_from = self.hashes.pin(file, name, known, str(self.order.folder / name))
        return PulledFile(name, "here", known, hash_from)

    def _fetch_all(self, wanted: list[WeightsFile]) -> list[PulledFile]:
        archive, origin = self.entry.archive, self.order.origin
        packed = archive_locations(origin, self.entry)
        if archive is None or not packed:
            return [self._fetch(file) for file in wanted]
        if not any(file_locations(origin, self.entry, file.path) for file in wanted):
            return self._fetch_packed(archive, packed, wanted)
        try:
            return [self._fetch(file) for file in wanted]
        except FetchFailed as error:  # a mirror may hold the archive instead
            if error.params.get("status") not in _NOT_THERE:
                raise
        return self._fetch_packed(archive, packed, wanted)

    def _fetch(self, file: WeightsFile) -> PulledFile:
        refused: FetchFailed | None = None
        for name in spellings(file):
            for location in file_locations(self.order.origin, self.entry, name):
                try:
                    return self._from(file, name, location)
                except FetchFailed as error:
                    if error.params.get("status") not in _NOT_THERE:
                        raise
                    refused = refused or error  # that of the published name
        if file.optional:
            return PulledFile(file.path, "not offered")
        raise refused or self._no_location(file)

    def _from(self, file: WeightsFile, name: str, location: Location) -> PulledFile:
        part = Part(self.order.folder, name)
        size = file.size if name == file.path else None
        hash_known = self.hashes.of(file, name)[0] is not None
        continued = part.size > 0
        self._fill(part, location, size, hash_known=hash_known)
        try:
            return settle(part, file, str(location), self.hashes)
        except PullRefused:
            if not continued or isinstance(location, Path):
                raise
        # What was continued may have belonged to another file: once more, from the start.
        self._fill(part, location, size, hash_known=hash_known)
        return settle(part, file, str(location), self.hashes)

    def _fill(self, part: Part, location: Location, size: int | None, *, hash_known: bool) -> None:
        def on_bytes(done: int) -> None:
            self.on_progress(part.spelling, done, size)

        if isinstance(location, Path):
            part.copy(location, on_bytes)
            return
        trusted = self.order.origin if isinstance(self.order.origin, str) else ""
        part.download(location, size=size, hash_known=hash_known, trusted=trusted, on_bytes=on_bytes)

    def _fetch_packed(
        self, archive: Archive, locations: list[Location], wanted: list[WeightsFile]
    ) -> list[PulledFile]:
        part = Part(self.order.folder, archive.name)
        refused: FetchFailed | None = None
        for location in locations:
            try:
                self._fill(part, location, archive.size, hash_known=archive.sha256 is not None)
                break
            except FetchFailed as error:
                if error.params.get("status") not in _NOT_THERE:
                    raise
                refused = error
        else:
            raise refused or self._no_location(wanted[0])
        taken = unpack(
            part, archive, wanted, self.hashes, lambda file, done: self.on_progress(file, done, None)
        )
        part.discard()
        return taken

    def _no_location(self, file: WeightsFile) -> PullRefused:
        if self.order.origin is not None:
            return PullRefused(
                "weights_not_there",
                _("%(file)s is not in %(origin)s.") % {"file": file.path, "origin": self.order.origin},
            )
        return PullRefused(
            "weights_no_address",
            _(
                "The publisher of %(name)s offers no address that can be pulled from. Get %(file)s from "
                "%(source)s and run `manage.py models pull %(name)s --from FOLDER`."
            )
            % {"name": self.entry.name, "file": file.path, "source": self.entry.source},
        )
