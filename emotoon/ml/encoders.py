"""The door to the sentence encoder of the settings, and what stands in when it cannot be used.

Web workers read it without torch. Commands that build or measure may export it first, which imports torch.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from emotoon.ml.refusals import for_operators

if TYPE_CHECKING:
    from ml_core.text.encoder import Encoder
    from ml_core.text.sentence_model import SentenceModels

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class EncoderChoice:
    """``source``: what load_encoder reads. ``code``: why the embedded one stands in; empty: it does not."""

    source: str
    code: str = ""

    @property
    def name(self) -> str:
        """What indexes are versioned by."""
        from ml_core.text.encoder import encoder_name

        return encoder_name(self.source)


def encoder_choice(*, may_export: bool = False) -> EncoderChoice:
    """The encoder of EMOTOON_ENCODER, or the embedded one with the reason, which is logged."""
    from ml_core.errors import WeightsUnavailable
    from ml_core.text.encoder import EMBEDDED
    from ml_core.text.sentence_model import readable_encoder

    try:
        return EncoderChoice(readable_encoder(settings.ENCODER, _models(), may_export=may_export))
    except WeightsUnavailable as error:
        _warn_once(f"encoder {settings.ENCODER}: the embedded one stands in: {error}")
        return EncoderChoice(EMBEDDED, error.code)


def encoder_required() -> Encoder:
    """The encoder of EMOTOON_ENCODER and no other: for measuring. Raises InvalidInput."""
    from ml_core.text.encoder import load_encoder
    from ml_core.text.sentence_model import readable_encoder

    with for_operators():
        return load_encoder(readable_encoder(settings.ENCODER, _models(), may_export=True))


def encoder_of_index(name: str) -> Encoder:
    """What an index was built with; the chosen one where that has another name (the index is stale)."""
    from ml_core.text.encoder import EMBEDDED

    choice = encoder_choice()
    if choice.source == EMBEDDED or choice.name == name or not name.startswith(f"{EMBEDDED}-"):
        return _opened(choice.source, name)
    _warn_once(f"encoder {settings.ENCODER}: the search index was built with {name}: run load_catalog")
    return _opened(EMBEDDED, name)


@lru_cache(maxsize=16)
def _warn_once(text: str) -> None:
    """Every search asks; the log is told once a process."""
    logger.warning(text)


@lru_cache(maxsize=1)
def _opened(source: str, name: str) -> Encoder:
    """Both indexes of a process share one encoder, which can take half a gigabyte.

    name: of the index's encoder, so that a model exported anew is opened anew.
    """
    from ml_core.text.encoder import load_encoder

    return load_encoder(source)


def encoder_told(used: str = "") -> dict[str, Any]:
    """``used`` (the name in an index) beside what is asked for, as JSON: {wanted, used, fallbacks}.

    Without it: what the next index would be built with.
    """
    choice = encoder_choice()
    used = used or choice.name
    code = choice.code if choice.name == used else "index_stale"
    fallback = {"stage": "search", "wanted": settings.ENCODER, "used": used, "code": code}
    return {"wanted": settings.ENCODER, "used": used, "fallbacks": [fallback] if code else []}


def encoder_export(*, name: str) -> dict[str, Any]:
    """Export a sentence-transformers model, whatever was exported before: {model, path, least_cosine, ...}.

    Raises InvalidInput; see ml_core.text.onnx_export.
    """
    from ml_core.text.onnx_export import export_onnx
    from ml_core.text.sentence_model import model_folder

    models = _models()
    with for_operators():
        out = models.export_folder(name)
        card = export_onnx(model_folder(name, models), out, name)
    return {key: card[key] for key in ("model", "sha256", "dimension", "least_cosine")} | {"path": str(out)}


def _models() -> SentenceModels:
    from ml_core.text.sentence_model import SentenceModels

    return SentenceModels(
        weights=Path(settings.WEIGHTS_DIR),
        hub_cache=settings.HUB_CACHE_DIR,
        exports=settings.ENCODER_EXPORTS_DIR,
        commercial_mode=settings.LICENCE_MODE == "commercial",
    )
