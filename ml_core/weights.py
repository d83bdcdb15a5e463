"""The manifest of weights: what there is, under which licence, and whether it lies on this machine."""

from __future__ import annotations

import importlib.util
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ml_core.errors import WeightsUnavailable

MANIFEST = Path(__file__).parent / "weights.toml"
_REPOSITORY = Path(__file__).parent.parent


@dataclass(frozen=True)
class WeightsEntry:
    """One row of the manifest. ``kind``: package, repository or file (see weights.toml)."""

    name: str
    task: str
    kind: str
    file: str
    source: str
    licence: str
    commercial: bool
    module: str = ""

    def path(self, folder: Path) -> Path | None:
        """Where these weights are, or None. ``folder``: where operators put weights."""
        if self.kind == "package":
            spec = importlib.util.find_spec(self.module)  # finds, does not import
            locations = spec.submodule_search_locations if spec else None
            found = Path(next(iter(locations))) / self.file if locations else None
        else:
            found = (_REPOSITORY if self.kind == "repository" else folder) / self.file
        return found if found is not None and found.exists() else None


def manifest(path: Path = MANIFEST) -> Mapping[str, WeightsEntry]:
    """Name -> entry, in the order of the file."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: WeightsEntry(name=name, **row) for name, row in rows.items()}


def weights_path(name: str, *, folder: Path, commercial_mode: bool = True) -> Path:
    """The path of installed weights that may be used here.

    Raises WeightsUnavailable: weights_unknown, weights_not_commercial, weights_missing.
    """
    entry = manifest().get(name)
    if entry is None:
        raise WeightsUnavailable("weights_unknown", f"There are no weights named {name!r} in the manifest.")
    if commercial_mode and not entry.commercial:
        raise WeightsUnavailable(
            "weights_not_commercial",
            f"{name} ({entry.licence}) may not be used commercially; set EMOTOON_LICENCE_MODE=research "
            "if that is what you do.",
        )
    path = entry.path(folder)
    if path is None:
        raise WeightsUnavailable(
            "weights_missing", f"{name} is not on this machine; get it from {entry.source} into {folder}."
        )
    return path
