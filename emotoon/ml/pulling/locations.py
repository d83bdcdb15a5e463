"""Where one file of a set may be found, for each kind of origin."""

from __future__ import annotations

from pathlib import PurePosixPath

from emotoon.ml.pulling.order import Location, Origin
from ml_core.weights import WeightsEntry


def file_locations(origin: Origin, entry: WeightsEntry, spelling: str) -> list[Location]:
    """In the order to try. Folders: only what is there. Empty: this origin cannot have it."""
    if origin is None:
        return list(entry.addresses(spelling))
    if isinstance(origin, str):
        return [f"{origin.rstrip('/')}/{spelling}"]
    if origin.is_file():
        return [origin] if entry.is_single and origin.suffix == PurePosixPath(spelling).suffix else []
    within = spelling.removeprefix(f"{entry.file}/")
    return [path for path in dict.fromkeys((origin / spelling, origin / within)) if path.is_file()]


def archive_locations(origin: Origin, entry: WeightsEntry) -> list[Location]:
    """The same for the archive that holds all files."""
    if entry.archive is None:
        return []
    if origin is None:
        return list(entry.archive.urls)
    if isinstance(origin, str):
        return [f"{origin.rstrip('/')}/{entry.archive.name}"]
    if origin.is_file():
        return [origin] if origin.suffix == PurePosixPath(entry.archive.name).suffix else []
    return [origin / entry.archive.name] if (origin / entry.archive.name).is_file() else []
