"""Vector shapes from few points: smooth paths, tapered strokes, and the paints they are drawn with (skia)."""

from __future__ import annotations

import numpy as np
import skia
from numpy.typing import ArrayLike, NDArray

from ml_core.types import Rgb

Array = NDArray[np.float64]

SAMPLES = 4
"""Points per span of a tapered stroke; more cannot be told apart at 512 px."""


def colour(rgb: Rgb | ArrayLike, alpha: float = 255.0) -> int:
    """0xAARRGGBB of an RGB triple 0..255."""
    red, green, blue = (int(min(255.0, max(0.0, float(value)))) for value in np.asarray(rgb).tolist())
    return int(alpha) << 24 | red << 16 | green << 8 | blue


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


def smooth_path(points: Array, closed: bool) -> skia.Path:
    """Catmull-Rom through (N, 2) points as cubic Beziers (tangents are a sixth of the neighbours' span)."""
    path = skia.Path()
    if closed:
        before, after = np.roll(points, 1, axis=0), np.roll(points, -1, axis=0)
    else:
        before = np.concatenate([points[:1], points[:-1]])
        after = np.concatenate([points[1:], points[-1:]])
    tangent = (after - before) / 6
    ends = after if closed else points[1:]
    end_tangents = np.roll(tangent, -1, axis=0) if closed else tangent[1:]
    count = len(ends)
    spans = np.concatenate([points[:count] + tangent[:count], ends - end_tangents, ends], axis=1).tolist()
    path.moveTo(float(points[0, 0]), float(points[0, 1]))
    for span in spans:
        path.cubicTo(*span)
    if closed:
        path.close()
    return path


_T = np.linspace(0, 1, SAMPLES, endpoint=False)[:, None]
_CATMULL_ROM = 0.5 * np.concatenate(
    [-_T + 2 * _T**2 - _T**3, 2 - 5 * _T**2 + 3 * _T**3, _T + 4 * _T**2 - 3 * _T**3, -(_T**2) + _T**3], axis=1
)
"""(SAMPLES, 4) weights of the four control points of a span."""


def dense(points: Array) -> Array:
    """(N, 2) -> ((N - 1) * SAMPLES + 1, 2) along the Catmull-Rom curve through the points."""
    wide = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    windows = np.stack([wide[:-3], wide[1:-2], wide[2:-1], wide[3:]], axis=1)
    curve = (_CATMULL_ROM @ windows).reshape(-1, 2)
    return np.concatenate([curve, points[-1:]])


def ribbon(points: Array, widths: Array, lean: float = 0.5) -> skia.Path:
    """A stroke of varying width along (N, 2) points: brush lines taper.

    widths: (N,) full widths. lean: share of the width that lies to the left of the direction of travel.
    """
    line = dense(points)
    width = np.interp(np.linspace(0, len(points) - 1, len(line)), np.arange(len(points)), widths)
    tangent = np.empty_like(line)
    tangent[1:-1] = line[2:] - line[:-2]
    tangent[0], tangent[-1] = line[1] - line[0], line[-1] - line[-2]
    tangent /= np.hypot(tangent[:, 0], tangent[:, 1])[:, None] + 1e-9
    left = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1)
    outline = np.concatenate(
        [line + left * (width * lean)[:, None], (line - left * (width * (1 - lean))[:, None])[::-1]]
    )
    path = skia.Path()
    path.addPoly([skia.Point(x, y) for x, y in outline.tolist()], True)
    return path
