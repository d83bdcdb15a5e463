"""Ribbons of steam over hot food and drinks."""

from __future__ import annotations

import skia

from ml_core.drawing.ink import WHITE, stroke_paint
from ml_core.drawing.scene import Scene

GREY = (168, 176, 196)
RIBBON = 9.0
"""Width of a ribbon in design units."""
EDGE = 5.0
"""Width of its grey edge, both sides together."""


def ribbon(scene: Scene, x: float, y: float, height: float, bend: float, fade: float) -> None:
    """A wavy ribbon that rises ``height`` pixels from (x, y); ``bend`` pixels of sway, ``fade`` 0..1."""
    reach = 0.30 * height + bend
    builder = skia.PathBuilder()
    builder.moveTo(x, y)
    builder.cubicTo(x + reach, y - 0.35 * height, x - reach, y - 0.65 * height, x, y - height)
    shape = builder.detach()
    scene.canvas.drawPath(shape, stroke_paint(GREY, (RIBBON + EDGE) * scene.scale * fade))
    scene.canvas.drawPath(shape, stroke_paint(WHITE, RIBBON * scene.scale * fade))
