"""Many stickers in one picture, on a checkerboard that shows their transparency."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image as Pil

from ml_core.types import Image

SQUARE = 12
LIGHT, DARK = 238, 222


def checkerboard(width: int, height: int) -> Pil.Image:
    y, x = np.mgrid[0:height, 0:width] // SQUARE
    grey = np.where((x + y) % 2 == 0, LIGHT, DARK).astype(np.uint8)
    return Pil.fromarray(np.dstack([grey] * 3))


def sheet(cells: Sequence[Image], *, columns: int, cell: int) -> Pil.Image:
    """cells: (H, W, 4) uint8 straight-alpha RGBA. Returns an RGB picture, row by row."""
    rows = -(-len(cells) // columns)
    picture = checkerboard(columns * cell, rows * cell)
    for index, frame in enumerate(cells):
        row, column = divmod(index, columns)
        small = Pil.fromarray(frame).resize((cell, cell), Pil.Resampling.LANCZOS)
        picture.paste(small, (column * cell, row * cell), small)
    return picture
