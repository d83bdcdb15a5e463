"""The door to weights, for operators: what there is, whether it is right, pulling it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings

OnProgress = Callable[[str, int, int | None], None]
"""(file, bytes there, bytes in all if known)."""


def weights_list() -> list[dict[str, Any]]:
    """One row per entry of the manifest; ``path`` is None when it is not here. Nothing is checked."""
    from emotoon.ml.pulling.refusals import weights_translated
    from ml_core.weights import manifest

    with weights_translated():
        entries = list(manifest(settings.WEIGHTS_DIR).values())
    rows = []
    for entry in entries:
        path = entry.path(settings.WEIGHTS_DIR)
        rows.append(
            {
                "name": entry.name,
                "task": entry.task,
                "licence": entry.licence,
                "commercial": entry.commercial,
                "usable": path is not None and (entry.commercial or not _commercial_mode()),
                "source": entry.source,
                "size": entry.size,
                "memory_mb": entry.memory_mb,
                "files": [{"path": f.path, "size": f.size, "sha256": f.sha256} for f in entry.files],
                "path": None if path is None else str(path),
            }
        )
    return rows


def weights_path(*, name: str) -> Path:
    """Where usable weights lie. Raises WeightsRefused; see ml_core.weights.weights_path."""
    from emotoon.ml.pulling.refusals import weights_translated
    from ml_core.weights import weights_path as installed_path

    with weights_translated():
        return installed_path(name, folder=settings.WEIGHTS_DIR, commercial_mode=_commercial_mode())


def weights_verify(*, names: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Every file hashed in full. Without names: of all weights that are on this machine."""
    from emotoon.ml.pulling.refusals import weights_translated
    from ml_core.weights import entry_named, manifest, verify_weights

    folder = settings.WEIGHTS_DIR
    with weights_translated():
        entries = [entry_named(name, folder) for name in names] or [
            entry for entry in manifest(folder).values() if entry.kind == "file" and entry.path(folder)
        ]
        return [
            {"name": entry.name, **asdict(report)}
            for entry in entries
            for report in verify_weights(entry, folder)
        ]


def weights_pull(
    *,
    name: str,
    origin: str = "",
    sha256: Mapping[str, str] | None = None,
    trust_first: bool = False,
    on_progress: OnProgress = lambda *_: None,
) -> list[dict[str, Any]]:
    """Pull a set of weights; see emotoon.ml.pulling.

    ``origin``: a folder, a file or a mirror's address; empty: the mirror of the settings, else the publisher.
    """
    from emotoon.ml.pulling import PullOrder, pull

    chosen = origin or settings.WEIGHTS_MIRROR
    order = PullOrder(
        name=name,
        folder=settings.WEIGHTS_DIR,
        commercial_mode=_commercial_mode(),
        origin=(chosen if "://" in chosen else Path(chosen).expanduser()) if chosen else None,
        sha256=sha256 or {},
        trust_first=trust_first,
    )
    return [asdict(file) for file in pull(order, on_progress)]


def _commercial_mode() -> bool:
    return bool(settings.LICENCE_MODE == "commercial")
