"""Vector shapes from few points: smooth paths, tapered strokes, and the paints they are drawn with (skia)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import skia
from numpy.typing import ArrayLike, NDArray

from ml_core.kernels import kernel

Array = NDArray[np.float64]


def colour(rgb: Iterable[float], alpha: float = 255.0) -> int:
    """0xAARRGGBB of an RGB triple 0..255."""
    red, green, blue = rgb
    return int(alpha) << 24 | _byte(red) << 16 | _byte(green) << 8 | _byte(blue)


def _byte(value: float) -> int:
    return 0 if value <= 0 else 255 if value >= 255 else int(value)


def fill(argb: int) -> skia.Paint:
    return skia.Paint(AntiAlias=True, Color=argb)


def pen(argb: int, width: float) -> skia.Paint:
    return skia.Paint(
        AntiAlias=True,
        Color=argb,
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=width,
        StrokeCap=skia.Paint.kRound_Cap,
        StrokeJoin=skia.Paint.kRound_Join,
    )


def gradient(
    start: ArrayLike, end: ArrayLike, colours: list[int], stops: list[float] | None = None
) -> skia.Paint:
    """A linear gradient from one point to another."""
    a, b = (skia.Point(*map(float, np.asarray(point).tolist())) for point in (start, end))
    shader = skia.GradientShader.MakeLinear([a, b], colours, stops or [])
    return skia.Paint(AntiAlias=True, Shader=shader)


@kernel()
def _spans(points, closed):  # type: ignore[no-untyped-def]
    """(N, 2) -> (M, 6) Bezier spans; tangents are a sixth of the neighbours' span."""
    count = points.shape[0]
    last = count if closed else count - 1
    out = np.empty((last, 6))
    for i in range(last):
        following = (i + 1) % count
        before = (i - 1) % count if closed or i > 0 else i
        after = (i + 2) % count if closed or i + 2 < count else following
        for axis in range(2):
            here, there = points[i, axis], points[following, axis]
            out[i, axis] = here + (there - points[before, axis]) / 6
            out[i, 2 + axis] = there - (points[after, axis] - here) / 6
            out[i, 4 + axis] = there
    return out


def smooth_path(points: Array, closed: bool) -> skia.Path:
    """Catmull-Rom through (N, 2) points, as cubic Beziers."""
    path = skia.Path()
    path.moveTo(float(points[0, 0]), float(points[0, 1]))
    for span in _spans(points, closed).tolist():
        path.cubicTo(*span)
    if closed:
        path.close()
    return path


@kernel()
def _ribbon_outline(points, widths, lean):  # type: ignore[no-untyped-def]
    """(N, 2), (N,) -> (2N, 2): along the left side and back along the right."""
    count = points.shape[0]
    out = np.empty((2 * count, 2))
    for i in range(count):
        before, after = points[max(i - 1, 0)], points[min(i + 1, count - 1)]
        dx, dy = after[0] - before[0], after[1] - before[1]
        length = np.sqrt(dx * dx + dy * dy) + 1e-9
        nx, ny = dy / length, -dx / length
        left, right = widths[i] * lean, widths[i] * (1 - lean)
        out[i, 0], out[i, 1] = points[i, 0] + nx * left, points[i, 1] + ny * left
        back = 2 * count - 1 - i
        out[back, 0], out[back, 1] = points[i, 0] - nx * right, points[i, 1] - ny * right
    return out


def ribbon(points: Array, widths: Array, lean: float = 0.5) -> skia.Path:
    """A stroke of varying width along (N, 2) points: brush lines taper.

    widths: (N,) full widths. lean: share of the width that lies to the left of the direction of travel.
    """
    return smooth_path(_ribbon_outline(points, widths, lean), closed=True)


@kernel()
def bowed(points, amount):  # type: ignore[no-untyped-def]
    """(N, 2) points moved towards the nearest cubic through their ends; ``amount`` 1 reaches it.

    Across the chord the cubic is t (1 - t) (a + b t), with t from 0 to 1 along it: least squares for a, b.
    """
    dx, dy = points[-1, 0] - points[0, 0], points[-1, 1] - points[0, 1]
    square = dx * dx + dy * dy + 1e-12
    aa = ab = bb = ya = yb = 0.0
    for i in range(1, points.shape[0] - 1):
        x, y = points[i, 0] - points[0, 0], points[i, 1] - points[0, 1]
        t, height = (x * dx + y * dy) / square, (y * dx - x * dy) / square
        first = t * (1 - t)
        second = first * t
        aa, ab, bb = aa + first * first, ab + first * second, bb + second * second
        ya, yb = ya + first * height, yb + second * height
    scale = 1 / (aa * bb - ab * ab + 1e-12)
    a, b = (bb * ya - ab * yb) * scale, (aa * yb - ab * ya) * scale
    out = points.copy()
    for i in range(1, points.shape[0] - 1):
        x, y = points[i, 0] - points[0, 0], points[i, 1] - points[0, 1]
        t, height = (x * dx + y * dy) / square, (y * dx - x * dy) / square
        shift = (t * (1 - t) * (a + b * t) - height) * amount
        out[i, 0], out[i, 1] = points[i, 0] - shift * dy, points[i, 1] + shift * dx
    return out
