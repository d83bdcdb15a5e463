"""Two blends of a photo model and a toon model, side by side."""

from __future__ import annotations

import io

from emotoon.ml.engine import run
from emotoon.ml.refusals import for_operators


def blends_compare(*, analysis: bytes, first: float, second: float) -> bytes:
    """A PNG: the photo and both blends. analysis: as photo_examine gives it; first, second: strengths 0..1.

    Raises InvalidInput when the weights are not here or not allowed.
    """
    from PIL import Image

    from ml_core.face.archive import analysis_from_bytes

    with for_operators():
        sheet = run("blends", (analysis_from_bytes(analysis), (first, second)), lambda stage, percent: None)
    out = io.BytesIO()
    Image.fromarray(sheet).save(out, "PNG")
    return out.getvalue()
