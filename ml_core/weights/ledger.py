"""What is remembered beside the weights: hashes of first pulls (``pins.json``) and files already checked
(``seen.json``). Both are replaced whole, so that readers never see half of one."""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ml_core.errors import WeightsUnavailable

PINS = "pins.json"
SEEN = "seen.json"
_READABLE = 0o644

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pin:
    """The hash a file had when it was first pulled without a published one. ``source``: from where."""

    sha256: str
    source: str
    pulled: str


@dataclass(frozen=True)
class Stamp:
    """A file as it was when it was checked; another size or time means it must be checked again."""

    size: int
    mtime_ns: int
    sha256: str | None
    """None: no hash was known, the form was checked."""


def pins_read(folder: Path) -> dict[str, Pin]:
    """Path relative to the weights folder -> pin. Raises WeightsUnavailable (``pins_unreadable``)."""
    try:
        return {name: Pin(**row) for name, row in _read(folder / PINS).items()}
    except (TypeError, ValueError, AttributeError) as error:
        # Going on without pins would accept any file: somebody has to look.
        raise WeightsUnavailable(
            "pins_unreadable",
            f"{folder / PINS} is not understood: {error}",
            path=str(folder / PINS),
            reason=str(error),
        ) from error


def pins_write(folder: Path, pins: Mapping[str, Pin]) -> None:
    """Add to the pins in place. Raises OSError."""
    rows = {name: asdict(pin) for name, pin in {**pins_read(folder), **pins}.items()}
    _write(folder / PINS, rows)


def seen_read(folder: Path) -> dict[str, Stamp]:
    """Path relative to the weights folder -> stamp. Unreadable: nothing was seen, all is checked anew."""
    try:
        return {name: Stamp(**row) for name, row in _read(folder / SEEN).items()}
    except (TypeError, ValueError, AttributeError):
        return {}


def seen_write(folder: Path, path: Path, sha256: str | None) -> None:
    """Remember a file that was just checked. A folder that cannot be written costs time, not safety."""
    found = path.stat()
    stamps = {
        **seen_read(folder),
        path.relative_to(folder).as_posix(): Stamp(found.st_size, found.st_mtime_ns, sha256),
    }
    try:
        _write(folder / SEEN, {name: asdict(stamp) for name, stamp in stamps.items()})
    except OSError as error:
        logger.info(
            "what was checked in %s cannot be remembered (%s): it is checked at every start", folder, error
        )


def _read(path: Path) -> dict[str, Any]:
    try:
        rows: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return rows


def _write(path: Path, rows: Mapping[str, Any]) -> None:
    handle, half = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(rows, stream, indent=1, sort_keys=True)
        Path(half).chmod(_READABLE)
        Path(half).replace(path)
    except OSError:
        Path(half).unlink(missing_ok=True)
        raise
