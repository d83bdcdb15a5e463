"""Which engines a sticker is made with, and what people are told when one had to stand in for another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from emotoon.core.errors import Text
from emotoon.ml.refusals import for_operators

if TYPE_CHECKING:
    from ml_core.backends import Backends, Fallback, Used

_WHY: Mapping[str, Text] = {
    "weights_missing": _("its weights are not on this machine"),
    "weights_not_commercial": _("its weights may not be used commercially"),
    "torch_missing": _("torch is not installed"),
    "insightface_missing": _("insightface is not installed"),
    "no_gpu": _("no CUDA device was found"),
    "out_of_memory": _("there is not enough memory"),
    "encoder_missing": _("its weights are not on this machine"),
    "encoder_not_exported": _("it has not been exported yet"),
    "onnxruntime_missing": _("onnxruntime is not installed"),
    "index_stale": _("the search index was built without it"),
}
_UNUSABLE: Text = _("its weights cannot be used")


def toonifier_names() -> tuple[str, ...]:
    from ml_core.backends import TOONIFIERS

    return tuple(TOONIFIERS)


def animator_names() -> tuple[str, ...]:
    from ml_core.backends import ANIMATORS

    return tuple(ANIMATORS)


def backends_wanted(*, toonify: str = "", animate: str = "") -> Backends:
    """Engines by name; empty: as EMOTOON_TOONIFY and EMOTOON_ANIMATE say. Raises InvalidInput."""
    from ml_core.backends import Backends

    with for_operators():
        return Backends(toonify or settings.TOONIFY, animate or settings.ANIMATE)


def backends_told(used: Used) -> dict[str, Any]:
    """What drew and animated, as JSON that a row keeps and programs read."""
    return {
        "toonify": used.toonify,
        "animate": used.animate,
        "fallbacks": fallbacks_told(used.fallbacks),
    }


def fallbacks_told(fallbacks: Iterable[Fallback]) -> list[dict[str, str]]:
    """As JSON, which ``fallback_notes`` puts into words."""
    return [
        {"stage": each.stage, "wanted": each.wanted, "used": each.used, "code": each.code}
        for each in fallbacks
    ]


def fallback_notes(told: Mapping[str, Any]) -> list[str]:
    """One sentence for every engine that stood in. told: see ``backends_told``; empty for older rows."""
    return [
        _("%(wanted)s could not be used (%(why)s), so %(used)s stood in.")
        % {"wanted": each["wanted"], "used": each["used"], "why": _WHY.get(each["code"], _UNUSABLE)}
        for each in told.get("fallbacks", ())
    ]
