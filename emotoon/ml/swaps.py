"""A person's face into a picture or a short clip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from emotoon.core.errors import InvalidInput
from emotoon.ml.backends import fallbacks_told
from emotoon.ml.engine import run
from emotoon.ml.looks import Look
from emotoon.ml.refusals import translated

if TYPE_CHECKING:
    from ml_core.backends import Fallback
    from ml_core.service import Batch
    from ml_core.swap_pipeline import FaceSwapper, SwapRequest, SwapResult
    from ml_core.types import EncodedFile, FaceAnalysis

BACKENDS = ("mesh", "insightface")
OnProgress = Callable[[str, int], None]


@dataclass(frozen=True)
class SwapOrder:
    """source: analysis of photo_examine. target: a picture or clip. faces: best first from 0, None all.

    regions: some of eyes, brows, nose, mouth, skin; empty the whole face. keep: "eyes", "mouth" of the
    target. toon: paint the face first. format: of the file; "" is the target's own kind.
    """

    source: bytes
    target: bytes
    faces: tuple[int, ...] | None = (0,)
    regions: tuple[str, ...] = ()
    amount: float = 1.0
    keep: tuple[str, ...] = ()
    toon: Look | None = None
    format: str = ""
    backend: str = "mesh"


@dataclass(frozen=True)
class Swapped:
    """faces: how many the target has. backends: what swapped, and why not what was asked for, as JSON."""

    file: EncodedFile
    faces: int
    backends: dict[str, Any]


def face_swap(*, order: SwapOrder, on_progress: OnProgress) -> Swapped:
    """Our own engine stands in where InsightFace cannot be had; ``backends`` says so."""
    from ml_core.swap.look import SwapLook
    from ml_core.swap_pipeline import SwapRequest

    if order.backend not in BACKENDS:
        known = ", ".join(BACKENDS)
        raise InvalidInput("unknown_backend", _("Please choose one of these engines: %s.") % known)
    with translated():
        request = SwapRequest(
            source=order.source,
            target=order.target,
            faces=order.faces,
            look=SwapLook(order.regions, order.amount, order.keep),
            toon=order.toon,
            format=order.format,
        )
        result, fallbacks = run("swap", (request, order.backend), on_progress)
    used = fallbacks[0].used if fallbacks else order.backend
    told = {"swap": used, "fallbacks": fallbacks_told(fallbacks)}
    return Swapped(result.file, len(result.boxes), told)


def swaps(batch: Batch) -> Sequence[Any]:
    """The operation of the GpuService: items are (SwapRequest, back end), results (SwapResult, fallbacks)."""
    return [_swapped(batch, request, backend) for request, backend in batch.items]


def _swapped(batch: Batch, request: SwapRequest, backend: str) -> tuple[SwapResult, list[Fallback]]:
    from ml_core.backends import CANNOT_BE_HAD, fallen_back
    from ml_core.swap_pipeline import mesh_swapper, source_face, swap

    own, fallbacks = BACKENDS[0], []

    def insight_swapper(analysis: FaceAnalysis, request: SwapRequest) -> FaceSwapper:
        from ml_core.swap.inswapper import InsightSwap

        try:
            faces, model = batch.models["insightface"], batch.models["inswapper"]
        except CANNOT_BE_HAD as error:
            fallbacks.append(fallen_back("swap", backend, own, error.code, str(error)))
            return mesh_swapper(analysis, request)
        return InsightSwap(faces, model, source_face(analysis, request.toon).image, request.look)

    make = mesh_swapper if backend == own else insight_swapper
    return swap(request, batch.report, make), fallbacks
