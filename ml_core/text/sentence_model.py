"""Where a published sentence encoder lies (folder, pulled weights, hub cache) and its ONNX export.

Nothing is fetched: what is not on this machine is refused.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from ml_core.errors import WeightsUnavailable
from ml_core.text.encoder import EMBEDDED, is_readable
from ml_core.text.onnx_encoder import read_card
from ml_core.text.onnx_export import export_onnx, source_stamp
from ml_core.weights import check_licence, manifest, weights_path

_HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")
_ABSENT = {"weights_unknown", "weights_missing"}


@dataclass(frozen=True)
class SentenceModels:
    """weights: folder of pulled weights. hub_cache: as huggingface_hub lays it out. exports: ours, ONNX."""

    weights: Path
    hub_cache: Path
    exports: Path
    commercial_mode: bool = True

    def export_folder(self, spec: str) -> Path:
        """Where the export of a model is put: readable, and different for different specs."""
        words = re.sub(r"[^\w.-]+", "-", spec).strip("-")[-60:]
        return self.exports / f"{words}-{hashlib.sha256(spec.encode()).hexdigest()[:8]}"


def readable_encoder(spec: str, models: SentenceModels, *, may_export: bool = False) -> str:
    """What ``load_encoder`` reads without torch for a setting: ``embedded``, a folder of ours, or an export.

    spec: ``embedded``, a folder, a name of the manifest, or a name on the hub. ``may_export``: make an
    export that is missing or older than the model, which imports torch; otherwise one that is there serves.
    Raises WeightsUnavailable: as ``model_folder``, ``encoder_not_exported``, and as ``export_onnx``.
    """
    if spec == EMBEDDED or is_readable(spec):
        return spec
    _check_licence(spec, models)
    out = models.export_folder(spec)
    exported = read_card(out)
    if exported is not None and not may_export:
        return str(out)
    try:
        source = model_folder(spec, models)
    except WeightsUnavailable as error:
        if exported is None or error.code != "encoder_missing":
            raise
        return str(out)  # an export is whole: the model it was made from may be gone
    if exported is not None and exported["source"] == source_stamp(source):
        return str(out)
    if not may_export:
        raise WeightsUnavailable(
            "encoder_not_exported",
            f"{spec} has not been exported yet: run `manage.py models export-onnx {spec}` or load_catalog.",
            name=spec,
        )
    export_onnx(source, out, spec)
    return str(out)


def model_folder(spec: str, models: SentenceModels) -> Path:
    """The folder of a sentence-transformers model.

    A folder is the operator's own choice; names of the manifest are held to its licences, also in the cache.
    Raises WeightsUnavailable: ``encoder_missing``, ``weights_not_commercial``, ``weights_corrupt``, ...
    """
    if Path(spec).is_dir():
        return Path(spec)
    try:
        return weights_path(spec, folder=models.weights, commercial_mode=models.commercial_mode)
    except WeightsUnavailable as error:
        if error.code not in _ABSENT:
            raise
        cached = _cached(spec, models.hub_cache)
        if cached is None:
            raise WeightsUnavailable(
                "encoder_missing",
                f"The encoder {spec} is neither a folder, nor among the pulled weights in {models.weights}, "
                f"nor in {models.hub_cache}. Nothing is fetched here: `manage.py models pull` does that.",
                name=spec,
            ) from error
        return cached


def _check_licence(spec: str, models: SentenceModels) -> None:
    """An export was perhaps made in another licence mode."""
    for entry in manifest(models.weights).values():
        if spec in {entry.name, entry.hub}:
            check_licence(entry, commercial_mode=models.commercial_mode)


def _cached(spec: str, hub_cache: Path) -> Path | None:
    """The snapshot of ``main``, which is what loading by name would take."""
    if not _HUB_NAME.fullmatch(spec):
        return None
    repository = hub_cache / f"models--{spec.replace('/', '--')}"
    try:
        commit = (repository / "refs" / "main").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    folder = repository / "snapshots" / commit
    return folder if (folder / "modules.json").is_file() else None
