"""Vector shapes in sticker style: white halo, dark line, flat fill, built once and drawn many times.

Shapes are authored in design units: 100 units are one outer-eye distance of the face they accompany.
A ``Sprite`` converts its strokes to filled paths when it is made, so that drawing is a few plain fills.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import skia
from numpy.typing import NDArray

from ml_core.types import Image, Rgb

WHITE: Rgb = (255, 255, 255)
LINE = 3.2
"""Width of the dark line in design units: about 3.5 pixels on a usual 512 pixel sticker."""
HALO = 6.0
"""Width of the white border around a thing, in design units; narrower than the puppet's own."""
_RESOLUTION = 1.5
"""Design units are small; stroke conversion is asked for somewhat finer than one unit."""
_WINDINGS = 5
"""More than a rim winds around any point."""

_TOKEN = re.compile(r"[MLHVCSQTZ]|-?\d*\.?\d+")
_ARITY = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "Q": 4, "Z": 0}


def surface_over(pixels: Image) -> skia.Surface:
    """A surface whose canvas draws into ``pixels``: (H, W, 4) uint8 premultiplied RGBA, C-contiguous.

    ``skia.Surface(array)`` would take the array for straight alpha, which is slower and wrong here.
    """
    return skia.Surface(pixels, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)


def fill_paint(colour: Rgb, alpha: float = 1.0) -> skia.Paint:
    """Antialiased fill; alpha 0..1."""
    return skia.Paint(AntiAlias=True, Color=skia.Color(*colour, round(255 * alpha)))


def stroke_paint(colour: Rgb, width: float, alpha: float = 1.0) -> skia.Paint:
    """Antialiased stroke with round ends and joins; alpha 0..1."""
    paint = fill_paint(colour, alpha)
    paint.setStyle(skia.Paint.kStroke_Style)
    paint.setStrokeWidth(width)
    paint.setStrokeCap(skia.Paint.kRound_Cap)
    paint.setStrokeJoin(skia.Paint.kRound_Join)
    return paint


def mix(first: Rgb, second: Rgb, share: float) -> Rgb:
    """``share`` of the second colour in the first, 0..1."""
    r, g, b = (round(x + (y - x) * share) for x, y in zip(first, second, strict=True))
    return r, g, b


def hex_colour(text: str) -> Rgb:
    """``#rrggbb`` to RGB; ValueError for anything else."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise ValueError(f"{text!r} is not #rrggbb")
    value = int(text[1:], 16)
    return value >> 16, value >> 8 & 255, value & 255


def path(data: str) -> skia.Path:
    """Path from SVG path data with absolute M L H V C Q Z commands (SVG 1.1, section 8.3)."""
    builder = skia.PathBuilder()
    x = y = 0.0
    for command, values in _commands(data):
        if command == "M":
            builder.moveTo(*values)
        elif command == "Z":
            builder.close()
            continue
        elif command == "C":
            builder.cubicTo(*values)
        elif command == "Q":
            builder.quadTo(*values)
        else:
            builder.lineTo(*_line_end(command, values, x, y))
        x, y = _line_end(command, values, x, y)
    return builder.detach()


def _line_end(command: str, values: list[float], x: float, y: float) -> tuple[float, float]:
    """Where a command ends that started at (x, y)."""
    if command == "H":
        return values[0], y
    if command == "V":
        return x, values[0]
    return values[-2], values[-1]


def _commands(data: str) -> Iterator[tuple[str, list[float]]]:
    """Commands of path data with their numbers; repeated groups of numbers repeat the command."""
    tokens = _TOKEN.findall(data)
    at = 0
    command = "M"
    while at < len(tokens):
        if tokens[at].isalpha():
            command = tokens[at]
            at += 1
        count = _ARITY[command]
        yield command, [float(token) for token in tokens[at : at + count]]
        at += count
        if command == "M":
            command = "L"


def oval(x: float, y: float, rx: float, ry: float | None = None) -> skia.Path:
    """Ellipse around a centre."""
    ry = rx if ry is None else ry
    builder = skia.PathBuilder()
    builder.addOval(skia.Rect(x - rx, y - ry, x + rx, y + ry))
    return builder.detach()


def box(x0: float, y0: float, x1: float, y1: float, radius: float = 0.0) -> skia.Path:
    """Rectangle with rounded corners."""
    builder = skia.PathBuilder()
    builder.addRRect(skia.RRect.MakeRectXY(skia.Rect(x0, y0, x1, y1), radius, radius))
    return builder.detach()


def polygon(points: Sequence[tuple[float, float]]) -> skia.Path:
    """Closed polygon."""
    builder = skia.PathBuilder()
    builder.addPolygon([skia.Point(x, y) for x, y in points], True)
    return builder.detach()


def star(points: int, outer: float, inner: float, turn: float = 0.0) -> skia.Path:
    """Star around the origin with a tip up."""
    tips = []
    for index in range(2 * points):
        radius = outer if index % 2 == 0 else inner
        angle = math.pi * index / points + math.radians(turn)
        tips.append((math.sin(angle) * radius, -math.cos(angle) * radius))
    return polygon(tips)


def thick(outline: skia.Path, width: float) -> skia.Path:
    """The area that a round pen of a width covers along a path."""
    area = skia.Path()
    stroke_paint(WHITE, width).getFillPath(outline, area, None, _RESOLUTION)
    return area


def union(parts: Iterable[skia.Path]) -> skia.Path:
    """One silhouette of several paths."""
    builder = skia.OpBuilder()
    for part in parts:
        builder.add(part, skia.kUnion_PathOp)
    return builder.resolve()


def grown(shape: skia.Path, margin: float) -> skia.Path:
    """A shape made larger by a margin all around.

    Not skia's stroke-and-fill: it leaves holes where contours run round both ways, as they do in some fonts.
    """
    rim = thick(shape, 2.0 * margin)
    try:
        return skia.Op(rim, shape, skia.kUnion_PathOp)
    except RuntimeError:  # degenerate curves: both as they are, the shape so often that no winding cancels it
        for _ in range(_WINDINGS):
            rim.addPath(shape)
        return rim


def lean(shape: skia.Path) -> skia.Path:
    """The same area without inner contours and overlaps, which are drawn twice as fast.

    Skia's path operations give up on some degenerate curves; then the shape stays as it was.
    """
    try:
        return skia.Simplify(shape)
    except RuntimeError:
        return shape


def _points(shape: skia.Path) -> list[skia.Point]:
    """Control points of a path; the path lies inside their convex hull."""
    return list(shape.getPoints(shape.countPoints()))


def moved(
    shape: skia.Path,
    x: float = 0.0,
    y: float = 0.0,
    *,
    turn: float = 0.0,
    scale: float = 1.0,
    flip: bool = False,
) -> skia.Path:
    """A copy scaled, flipped left to right, turned by degrees clockwise and shifted, in that order."""
    matrix = skia.Matrix.Translate(x, y)
    matrix.preRotate(turn)
    matrix.preScale(-scale if flip else scale, scale)
    copy = skia.Path()
    shape.transform(matrix, copy)
    return copy


@dataclass(frozen=True)
class Layer:
    """One flat shape: fill colour (None: line only), line colour (None: no line), line width."""

    shape: skia.Path
    fill: Rgb | None
    line: Rgb | None = None
    width: float = LINE
    alpha: float = 1.0

    def moved(
        self, x: float = 0.0, y: float = 0.0, *, turn: float = 0.0, scale: float = 1.0, flip: bool = False
    ) -> Layer:
        """The same layer elsewhere; see :func:`moved`. Line width stays."""
        shape = moved(self.shape, x, y, turn=turn, scale=scale, flip=flip)
        return Layer(shape, self.fill, self.line, self.width, self.alpha)

    def body(self) -> skia.Path:
        """Everything the layer covers."""
        if self.fill is None:
            return thick(self.shape, self.width)
        return grown(self.shape, self.width) if self.line is not None else self.shape

    def fills(self) -> Iterator[tuple[skia.Path, skia.Paint]]:
        """The plain fills that draw the layer, back to front."""
        if self.line is not None:
            yield self.body(), fill_paint(self.line, self.alpha)
        if self.fill is not None:
            yield self.shape, fill_paint(self.fill, self.alpha)


def curve(data: str, colour: Rgb, width: float = LINE, alpha: float = 1.0) -> Layer:
    """A drawn stroke from path data."""
    return Layer(path(data), None, colour, width, alpha)


class Sprite:
    """Layers with one common white halo, ready to be drawn anywhere.

    The line of a filled layer lies outside its shape, the halo outside the line. Immutable once made.
    """

    def __init__(self, layers: Sequence[Layer], *, halo: float = HALO) -> None:
        self.layers = tuple(layers)
        self._fills: list[tuple[skia.Path, skia.Paint]] = []
        if halo > 0.0:
            silhouette = union(layer.body() for layer in self.layers)
            self._fills.append((lean(grown(silhouette, halo)), fill_paint(WHITE)))
        for layer in self.layers:
            self._fills.extend((lean(shape), paint) for shape, paint in layer.fills())
        corners = [(p.fX, p.fY) for shape, _ in self._fills for p in _points(shape)]
        hull = cv2.convexHull(np.array(corners, np.float32))[:, 0]
        self._hull: NDArray[np.float32] = np.asarray(hull, dtype=np.float32)
        self.reach = float(np.hypot(*self._hull.T).max())
        """Largest distance of anything drawn from the origin, in design units, halo included."""

    def extent(self, turn: float = 0.0, *, flip: bool = False) -> tuple[float, float, float, float]:
        """Extent x0, y0, x1, y1 in design units, flipped and turned by degrees clockwise."""
        cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        x, y = (-self._hull[:, 0] if flip else self._hull[:, 0]), self._hull[:, 1]
        across, along = x * cos - y * sin, x * sin + y * cos
        return float(across.min()), float(along.min()), float(across.max()), float(along.max())

    def draw(
        self,
        canvas: skia.Canvas,
        x: float,
        y: float,
        scale: float,
        *,
        turn: float = 0.0,
        stretch: float = 1.0,
        squeeze: float = 1.0,
        flip: bool = False,
    ) -> None:
        """Draw with the origin at (x, y) canvas pixels; ``scale`` is pixels per design unit.

        turn: degrees clockwise. stretch: vertical squash and stretch that keeps the area. squeeze: factor of
        the width, as when a flat thing turns about its upright axis. Nothing is drawn at a scale of zero.
        """
        if scale <= 1e-3:
            return
        canvas.save()
        canvas.translate(x, y)
        if turn:
            canvas.rotate(turn)
        wide = squeeze * scale / math.sqrt(stretch)
        canvas.scale(-wide if flip else wide, scale * math.sqrt(stretch))
        for shape, paint in self._fills:
            canvas.drawPath(shape, paint)
        canvas.restore()
