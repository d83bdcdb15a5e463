"""The manifest: one row per set of weights, shipped as ``weights.toml``; operators add rows of their own."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ml_core.errors import WeightsUnavailable

MANIFEST = Path(__file__).parent / "weights.toml"
OPERATORS_MANIFEST = "weights.toml"
"""Rows of the operator, in the weights folder: they add to the shipped ones or replace them, by name."""
KINDS = ("package", "repository", "file")
_REPOSITORY = Path(__file__).parents[2]
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class WeightsFile:
    """One file of a set. ``path`` and ``alternatives`` are relative to the weights folder.

    ``size`` (bytes) and ``sha256`` are None when no publisher states them. An alternative holds the same
    weights in another container (safetensors for a pickle); its own hash is known only after a pull.
    ``optional``: the set works without it.
    """

    path: str
    size: int | None = None
    sha256: str | None = None
    alternatives: tuple[str, ...] = ()
    optional: bool = False

    def present(self, folder: Path) -> list[Path]:
        """Those of ``path`` and ``alternatives`` that are files. Loaders may prefer any of them."""
        spellings = (folder / spelling for spelling in (self.path, *self.alternatives))
        return [path for path in spellings if path.is_file()]


@dataclass(frozen=True)
class Archive:
    """A zip in which the publisher offers all files of a set; members are found by their last name."""

    name: str
    urls: tuple[str, ...]
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class WeightsEntry:
    """One row. ``kind``: package, repository or file (see weights.toml).

    ``file``: what loaders are given: one file, or the folder of ``files``. ``urls``: where the publisher
    offers it (a file), or what the files' names within the folder are appended to. ``memory_mb``: the
    parameters in memory; activations come on top. ``hub``: its name on the Hugging Face hub.
    """

    name: str
    task: str
    kind: str
    file: str
    source: str
    licence: str
    commercial: bool
    memory_mb: int
    module: str = ""
    hub: str = ""
    urls: tuple[str, ...] = ()
    files: tuple[WeightsFile, ...] = ()
    archive: Archive | None = None

    def path(self, folder: Path) -> Path | None:
        """Where these weights are, or None. ``folder``: where operators put weights. Checks nothing."""
        if self.kind == "package":
            spec = importlib.util.find_spec(self.module)  # finds, does not import
            locations = spec.submodule_search_locations if spec else None
            found = Path(next(iter(locations))) / self.file if locations else None
        elif self.kind == "repository":
            found = _REPOSITORY / self.file
        else:
            found = folder / self.file
            if self.is_single:  # perhaps the same weights in another container
                found = next(iter(self.files[0].present(folder)), None)
        return found if found is not None and found.exists() else None

    @property
    def is_single(self) -> bool:
        """Whether loaders are given a file, not a folder."""
        return len(self.files) == 1 and self.files[0].path == self.file

    @property
    def size(self) -> int | None:
        """Bytes of all files together, None when one of them is not known."""
        sizes = [file.size for file in self.files if not file.optional]
        known = [size for size in sizes if size is not None]
        return sum(known) if known and len(known) == len(sizes) else None

    def addresses(self, spelling: str) -> tuple[str, ...]:
        """Where the publisher offers the file of this name (a path or alternative of one of ``files``)."""
        if not self.is_single:
            return tuple(base + spelling.removeprefix(f"{self.file}/") for base in self.urls)
        return self.urls if spelling == self.file else ()


def manifest(folder: Path | None = None) -> Mapping[str, WeightsEntry]:
    """Name -> entry: the shipped rows, then those of ``folder`` (an operator's weights folder).

    Raises WeightsUnavailable (``manifest_invalid``) naming the row that is not understood.
    """
    rows = _read(MANIFEST)
    if folder is not None and (folder / OPERATORS_MANIFEST).is_file():
        rows = {**rows, **_read(folder / OPERATORS_MANIFEST)}
    return rows


def entry_named(name: str, folder: Path | None = None) -> WeightsEntry:
    """The entry of that name, or of that name on the hub. Raises WeightsUnavailable (``weights_unknown``)."""
    rows = manifest(folder)
    by_hub = (entry for entry in rows.values() if entry.hub == name)
    entry = rows.get(name) or (next(by_hub, None) if name else None)
    if entry is None:
        raise WeightsUnavailable(
            "weights_unknown", f"There are no weights named {name!r} in the manifest.", name=name
        )
    return entry


def _read(path: Path) -> dict[str, WeightsEntry]:
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _invalid(path, str(error)) from error
    entries = {}
    for name, row in rows.items():
        try:
            entries[name] = _entry(name, row)
        except (TypeError, ValueError) as error:
            raise _invalid(path, f"[{name}] {error}") from error
    return entries


def _invalid(path: Path, reason: str) -> WeightsUnavailable:
    return WeightsUnavailable(
        "manifest_invalid", f"{path} is not understood: {reason}", path=str(path), reason=reason
    )


def _entry(name: str, row: dict[str, Any]) -> WeightsEntry:
    row = dict(row)
    files = tuple(_file(file) for file in row.pop("files", ()))
    archive = row.pop("archive", None)
    entry = WeightsEntry(
        name=name,
        urls=tuple(row.pop("urls", ())),
        files=files,
        archive=None if archive is None else _archive(archive),
        **row,
    )
    if entry.kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}")
    if entry.kind == "file":
        if not files:
            raise ValueError("kind file needs its files")
        inside = [file.path == entry.file or file.path.startswith(f"{entry.file}/") for file in files]
        if not all(inside):
            raise ValueError(f"its files must lie in {entry.file}")
    return entry


def _file(row: dict[str, Any]) -> WeightsFile:
    file = WeightsFile(**{**row, "alternatives": tuple(row.get("alternatives", ()))})
    for spelling in (file.path, *file.alternatives):
        if PurePosixPath(spelling).is_absolute() or ".." in PurePosixPath(spelling).parts:
            raise ValueError(f"{spelling} leaves the weights folder")
    _check_numbers(file.size, file.sha256)
    return file


def _archive(row: dict[str, Any]) -> Archive:
    archive = Archive(**{**row, "urls": tuple(row["urls"])})
    _check_numbers(archive.size, archive.sha256)
    return archive


def _check_numbers(size: int | None, sha256: str | None) -> None:
    if size is not None and size <= 0:
        raise ValueError("size is in bytes, above 0")
    if sha256 is not None and not _SHA256.fullmatch(sha256):
        raise ValueError("sha256 is 64 hexadecimal digits")
