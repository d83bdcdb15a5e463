"""Every picture template with one face in it, on one sheet: docs/pictures/picture_templates.webp."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image as Pil

from emotoon import ml
from emotoon.bench.sheet import sheet
from emotoon.catalog.files import pictures_read

COLUMNS, CELL = 5, 250


def picture_sheet_write(*, analysis: bytes, out: Path) -> None:
    """analysis: of a photo that may be published."""
    cells = []
    for file in pictures_read():
        order = ml.StickerOrder(
            analysis=analysis,
            motion="",
            caption=file.fields["captions"]["banmal"][0],
            formats=("png",),
            size=384,
            picture=file.fields["picture"],
        )
        (still,) = ml.sticker_render(order=order, on_progress=_quietly).files
        cells.append(np.asarray(Pil.open(io.BytesIO(still.data)).convert("RGBA")))
    out.parent.mkdir(parents=True, exist_ok=True)
    sheet(cells, columns=COLUMNS, cell=CELL).save(out, "WEBP", quality=82)


def _quietly(stage: str, percent: int) -> None:
    """Nobody waits for these."""
