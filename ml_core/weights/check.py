"""Whether the weights on this machine may be used and are what the manifest says."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ml_core.errors import WeightsUnavailable
from ml_core.weights.formats import check_format
from ml_core.weights.ledger import Pin, Stamp, pins_read, seen_read, seen_write
from ml_core.weights.manifest import OPERATORS_MANIFEST, WeightsEntry, WeightsFile, entry_named, manifest

FileState = Literal["verified", "pinned", "unverified", "missing", "corrupt", "unsafe"]
"""verified: the published hash. pinned: that of its first pull. unverified: no hash known, form checked."""


@dataclass(frozen=True)
class FileReport:
    """One file after checking. ``reason``: one sentence when it cannot be used."""

    path: str
    state: FileState
    sha256: str | None = None
    reason: str = ""


def weights_path(name: str, *, folder: Path, commercial_mode: bool = True) -> Path:
    """The path of installed weights that may be used here: what every loader calls.

    Sizes are compared each time; hashes when a file is first used or has changed (by size and time, kept in
    ``folder``), so a call costs a few ``stat``. Weights without a known hash are checked for their form.
    ``folder``: where operators put weights; its ``weights.toml`` may add rows and replace shipped ones.

    Raises WeightsUnavailable: ``weights_unknown``, ``weights_not_commercial``, ``weights_missing``,
    ``weights_corrupt``, ``weights_unsafe``.
    """
    entry = entry_named(name, folder)
    check_licence(entry, commercial_mode=commercial_mode)
    path = entry.path(folder)
    if path is None:
        raise _missing(entry, entry.file, folder)
    if entry.kind == "file":
        pins, seen = pins_read(folder), seen_read(folder)
        for file in entry.files:
            for spelling in _present(entry, file, folder):
                _check_file(file, spelling, folder, pins, seen)
    return path


def check_licence(entry: WeightsEntry, *, commercial_mode: bool) -> None:
    """Raises WeightsUnavailable (``weights_not_commercial``)."""
    if commercial_mode and not entry.commercial:
        raise WeightsUnavailable(
            "weights_not_commercial",
            f"{entry.name} ({entry.licence}) may not be used commercially; set EMOTOON_LICENCE_MODE=research "
            "if that is what you do.",
            name=entry.name,
            licence=entry.licence,
        )


def verify_weights(entry: WeightsEntry, folder: Path) -> list[FileReport]:
    """Every file of a set, hashed whatever is remembered. Packages and the repository are not hashed."""
    if entry.kind != "file":
        there = entry.path(folder) is not None
        return [FileReport(entry.file, "unverified" if there else "missing")]
    pins = pins_read(folder)
    reports = []
    for file in entry.files:
        try:
            found = _present(entry, file, folder)
        except WeightsUnavailable as error:
            reports.append(FileReport(file.path, "missing", None, str(error)))
            continue
        reports += [_report(file, path, folder, pins) for path in found]
    return reports


def file_sha256(path: Path) -> str:
    """Hexadecimal. Raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _present(entry: WeightsEntry, file: WeightsFile, folder: Path) -> list[Path]:
    """All spellings of a file that are there: a loader may read any of them."""
    found = file.present(folder)
    if not found and not file.optional:
        raise _missing(entry, file.path, folder)
    return found


def _report(file: WeightsFile, path: Path, folder: Path, pins: dict[str, Pin]) -> FileReport:
    name = path.relative_to(folder).as_posix()
    try:
        sha256 = _check_file(file, path, folder, pins, {})
    except WeightsUnavailable as error:
        return FileReport(name, "unsafe" if error.code == "weights_unsafe" else "corrupt", None, str(error))
    if sha256 is None:
        return FileReport(name, "unverified")
    return FileReport(name, "verified" if sha256 == file.sha256 else "pinned", sha256)


def _check_file(
    file: WeightsFile, path: Path, folder: Path, pins: dict[str, Pin], seen: dict[str, Stamp]
) -> str | None:
    """The hash expected and found, None when none is known. ``seen`` spares what was checked before."""
    name = path.relative_to(folder).as_posix()
    published = name == file.path
    pin = pins.get(name)
    expected = file.sha256 if published and file.sha256 else (pin.sha256 if pin else None)
    found = path.stat()
    if published and file.size is not None and found.st_size != file.size:
        raise _corrupt(path, folder, f"it has {found.st_size:,} bytes, not {file.size:,}", why="size")
    if seen.get(name) == Stamp(found.st_size, found.st_mtime_ns, expected):
        return expected
    if expected is None:
        check_format(path)
    elif file_sha256(path) != expected:
        raise _corrupt(path, folder, "its sha256 is another one", why="hash")
    seen_write(folder, path, expected)
    return expected


def _missing(entry: WeightsEntry, file: str, folder: Path) -> WeightsUnavailable:
    what = entry.name if file == entry.file else f"{entry.name} ({file})"
    return WeightsUnavailable(
        "weights_missing",
        f"{what} is not in {folder}: `manage.py models pull {entry.name}`, or get it from {entry.source}.",
        name=entry.name,
        file=file,
        folder=str(folder),
        source=entry.source,
    )


def _corrupt(path: Path, folder: Path, reason: str, *, why: str) -> WeightsUnavailable:
    """``why``: size, hash, or renamed when it is another published file."""
    known = _name_of_content(path, folder)
    if known:
        reason, why = f"it is {known} under another name", "renamed"
    return WeightsUnavailable(
        "weights_corrupt",
        f"{path} is not what the manifest says: {reason}. Pull it again, or write weights of your own into "
        f"{folder / OPERATORS_MANIFEST}.",
        why=why,
        path=str(path),
        known=known,
        manifest=str(folder / OPERATORS_MANIFEST),
    )


def _name_of_content(path: Path, folder: Path) -> str:
    """The manifest's name of what a file holds, when it is another published file; else empty."""
    size = path.stat().st_size
    twins = [
        file
        for entry in manifest(folder).values()
        for file in entry.files
        if file.sha256 and file.size == size and file.path != path.relative_to(folder).as_posix()
    ]
    if not twins:
        return ""
    sha256 = file_sha256(path)
    return next((file.path for file in twins if file.sha256 == sha256), "")
