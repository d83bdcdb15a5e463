"""What to pull from where, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Origin = str | Path | None
"""A mirror's address, a folder (or a single file), or None: the publisher."""
Location = str | Path
HashFrom = Literal["publisher", "operator", "first pull", "nobody"]
"""Who says what the hash of a file must be."""
OnProgress = Callable[[str, int, int | None], None]
"""(file, bytes there, bytes in all if known), as they arrive."""


@dataclass(frozen=True)
class PullOrder:
    """``sha256``: file of the manifest -> hash that the operator vouches for. ``trust_first``: take a file
    without any known hash as it comes now, and hold every later one against it."""

    name: str
    folder: Path
    commercial_mode: bool
    origin: Origin = None
    sha256: Mapping[str, str] = field(default_factory=dict)
    trust_first: bool = False


@dataclass(frozen=True)
class PulledFile:
    """``here``: it was there already. ``not offered``: an optional file that the origin does not have."""

    path: str
    state: Literal["here", "pulled", "not offered"]
    sha256: str | None = None
    hash_from: HashFrom = "nobody"
