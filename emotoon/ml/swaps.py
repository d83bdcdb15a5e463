"""A person's face into a picture or a short clip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from emotoon.core.errors import InvalidInput
from emotoon.ml.engine import run
from emotoon.ml.looks import Look
from emotoon.ml.refusals import for_operators, translated
from ml_core.types import EncodedFile

if TYPE_CHECKING:
    from ml_core.service import Batch
    from ml_core.swap_pipeline import FaceSwapper, SwapRequest
    from ml_core.types import FaceAnalysis

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


def face_swap(*, order: SwapOrder, on_progress: OnProgress) -> tuple[EncodedFile, int]:
    """The finished file, and how many faces the target has."""
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
    with translated() if order.backend == "mesh" else for_operators():
        result = run("swap", (request, order.backend), on_progress)
    return result.file, len(result.boxes)


def swaps(batch: Batch) -> Sequence[Any]:
    """The operation of the GpuService: items are (SwapRequest, back end)."""
    from ml_core.swap_pipeline import mesh_swapper, swap

    def insight_swapper(analysis: FaceAnalysis, request: SwapRequest) -> FaceSwapper:
        from ml_core.swap.inswapper import InsightSwap
        from ml_core.swap_pipeline import source_face

        faces, model = batch.models["insightface"], batch.models["inswapper"]
        return InsightSwap(faces, model, source_face(analysis, request.toon).image, request.look)

    return [
        swap(request, batch.report, mesh_swapper if backend == "mesh" else insight_swapper)
        for request, backend in batch.items
    ]
