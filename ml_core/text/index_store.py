"""Index versions on disk: arrays as safetensors, words as JSON, one pointer file that is renamed into place.

A folder holds ``<version>/`` directories and ``current``, a text file with the name of the live one. Readers
see the old or the new version, never a mixture; nothing here is a pickle.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from ml_core.errors import WeightsUnavailable

POINTER = "current"
_ARRAYS = "index.safetensors"
_WORDS = "index.json"
_KEPT_VERSIONS = 2
"""The live version and the one before: a process in the middle of loading finds its files."""
_READABLE = 0o644
Arrays = dict[str, NDArray[Any]]


def write_version(
    root: Path, version: str, arrays: Mapping[str, NDArray[Any]], words: Mapping[str, Any]
) -> Path:
    """Write a version and make it current, atomically. Older versions but one are removed. Raises OSError."""
    root.mkdir(parents=True, exist_ok=True)
    target = root / version
    with tempfile.TemporaryDirectory(dir=root, prefix=".building-") as building:
        folder = Path(building) / "index"
        folder.mkdir()
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, folder / _ARRAYS)
        (folder / _ARRAYS).chmod(_READABLE)  # safetensors writes 0600; the web and the worker are two users
        (folder / _WORDS).write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
        if target.exists():  # the same words and weights: the content is the same
            shutil.rmtree(target)
        folder.rename(target)
        pointer = Path(building) / POINTER
        pointer.write_text(version, encoding="utf-8")
        os.replace(pointer, root / POINTER)  # noqa: PTH105 - the atomic call, named as such
    _remove_old(root, version)
    return target


def read_current(root: Path) -> tuple[str, Arrays, dict[str, Any]]:
    """(version, arrays, words) of the live version. Raises WeightsUnavailable (``index_missing``)."""
    try:
        version = (root / POINTER).read_text(encoding="utf-8").strip()
        folder = root / version
        words = json.loads((folder / _WORDS).read_text(encoding="utf-8"))
        return version, load_file(folder / _ARRAYS), words
    except (OSError, ValueError) as error:
        raise WeightsUnavailable(
            "index_missing", f"No readable search index in {root}: run manage.py load_catalog."
        ) from error


def current_version(root: Path) -> str | None:
    """Name of the live version, or None while there is none."""
    try:
        return (root / POINTER).read_text(encoding="utf-8").strip()
    except OSError:
        return None


def pointer_stamp(root: Path) -> tuple[int, int] | None:
    """Changes when another version becomes current; None while there is none."""
    try:
        found = (root / POINTER).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def _remove_old(root: Path, version: str) -> None:
    others = [path for path in root.iterdir() if (path / _WORDS).is_file() and path.name != version]
    others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in others[_KEPT_VERSIONS - 1 :]:
        shutil.rmtree(path)
