"""Emoji in captions: the system's colour emoji where there is one, our own drawing elsewhere."""

from __future__ import annotations

import numpy as np
import skia

from ml_core.drawing.emoji_shapes import SIDE, emoji_sprite
from ml_core.drawing.ink import surface_over
from ml_core.drawing.outline import outline
from ml_core.drawing.typefaces import FontBook

BORDER = 0.10
"""White border of an emoji as a share of its side, like the outline of the letters beside it."""


def emoji_image(cluster: str, side: int, fonts: FontBook) -> skia.Image:
    """An emoji sequence with its white border as a square picture of ``side`` pixels."""
    border = max(1, round(BORDER * side))
    inner = side - 2 * border - 2
    picture = fonts.emoji(cluster, inner)
    pixels = np.zeros((side, side, 4), np.uint8)
    surface = surface_over(pixels)
    if picture is not None:
        surface.getCanvas().drawImage(picture, border + 1, border + 1)
    else:
        emoji_sprite(cluster).draw(surface.getCanvas(), side / 2, side / 2, inner / SIDE)
    bordered = outline(pixels, stroke=border)
    return skia.Image.fromarray(bordered, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
