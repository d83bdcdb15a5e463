"""Symbols that replace a cartoon's eyes: hearts, stars, spirals, and the > < of a squeezed face."""

from __future__ import annotations

import numpy as np
import skia
from numpy.typing import NDArray

from ml_core.animation.curves import fill, pen

Array = NDArray[np.float64]

HEART_RED, HEART_EDGE = 0xFFFF3F6C, 0xFFB3123F
STAR_YELLOW, STAR_EDGE = 0xFFFFD23F, 0xFFB77A06
SPIRAL_TURNS = 2.6


def _placed(path: skia.Path, centre: Array, size: float) -> skia.Path:
    matrix = skia.Matrix()
    matrix.setScale(size, size)
    matrix.postTranslate(float(centre[0]), float(centre[1]))
    path.transform(matrix)
    return path


def heart(canvas: skia.Canvas, centre: Array, size: float, unit: float) -> None:
    """A glossy heart of half width ``size``."""
    path = skia.Path()
    path.moveTo(0, 0.9)
    path.cubicTo(-1.3, 0.1, -0.95, -0.95, -0.45, -0.85)
    path.cubicTo(-0.15, -0.8, 0, -0.55, 0, -0.4)
    path.cubicTo(0, -0.55, 0.15, -0.8, 0.45, -0.85)
    path.cubicTo(0.95, -0.95, 1.3, 0.1, 0, 0.9)
    path.close()
    path = _placed(path, centre, size)
    canvas.drawPath(path, fill(HEART_RED))
    canvas.drawPath(path, pen(HEART_EDGE, 0.022 * unit))
    canvas.drawCircle(
        float(centre[0]) - 0.42 * size, float(centre[1]) - 0.42 * size, 0.17 * size, fill(0xE6FFFFFF)
    )


def star(canvas: skia.Canvas, centre: Array, size: float, unit: float) -> None:
    """A five-pointed star of radius ``size``."""
    angles = np.arange(10) * np.pi / 5
    radii = np.where(np.arange(10) % 2 == 0, 1.0, 0.5)
    path = skia.Path()
    path.addPoly(
        [
            skia.Point(x, y)
            for x, y in zip(
                (np.sin(angles) * radii).tolist(), (-np.cos(angles) * radii).tolist(), strict=True
            )
        ],
        True,
    )
    path = _placed(path, centre, size)
    canvas.drawPath(path, pen(STAR_EDGE, 0.045 * unit))
    canvas.drawPath(path, fill(STAR_YELLOW))
    canvas.drawCircle(
        float(centre[0]) - 0.2 * size, float(centre[1]) - 0.3 * size, 0.12 * size, fill(0xE6FFFFFF)
    )


def spiral(canvas: skia.Canvas, centre: Array, size: float, unit: float, line: int, sign: float) -> None:
    """A dizzy spiral in an eyeball of radius ``size``."""
    x, y = float(centre[0]), float(centre[1])
    canvas.drawCircle(x, y, size, fill(0xFFFDFBFA))
    canvas.drawCircle(x, y, size, pen(line, 0.03 * unit))
    turn = np.linspace(0, SPIRAL_TURNS * 2 * np.pi, 40)
    radius = np.linspace(0.04, 0.86, 40) * size
    path = skia.Path()
    points = np.stack([x + sign * radius * np.cos(turn), y + radius * np.sin(turn)], axis=1).tolist()
    path.addPoly([skia.Point(px, py) for px, py in points], False)
    canvas.drawPath(path, pen(line, 0.032 * unit))


def cross_eye(
    canvas: skia.Canvas, centre: Array, along: Array, across: Array, size: float, width: float, line: int
) -> None:
    """One half of > <: the point looks to the nose (``along``)."""
    tip = centre + along * size * 0.7
    path = skia.Path()
    start, end = (
        centre - along * size * 0.7 - across * size * 0.55,
        centre - along * size * 0.7 + across * size * 0.55,
    )
    path.moveTo(*start.tolist())
    path.lineTo(*tip.tolist())
    path.lineTo(*end.tolist())
    canvas.drawPath(path, pen(line, width))
