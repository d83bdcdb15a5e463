"""What weights there are, for operators."""

from __future__ import annotations

from typing import Any

from django.conf import settings


def weights_list() -> list[dict[str, Any]]:
    """One row per entry of the manifest; ``path`` is None when it is not on this machine."""
    from ml_core.weights import manifest

    rows = []
    for entry in manifest(settings.WEIGHTS_DIR).values():
        path = entry.path(settings.WEIGHTS_DIR)
        rows.append(
            {
                "name": entry.name,
                "task": entry.task,
                "licence": entry.licence,
                "commercial": entry.commercial,
                "usable": path is not None and (entry.commercial or settings.LICENCE_MODE == "research"),
                "source": entry.source,
                "path": None if path is None else str(path),
            }
        )
    return rows
