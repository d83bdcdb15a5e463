"""What a drawn picture is made on: a canvas of 512 design units, one moment, and the persons' colours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import skia

from ml_core.drawing.ink import Layer, Sprite, fill_paint, moved, oval, polygon, stroke_paint
from ml_core.drawing.typefaces import EM, ROUND, FontBook
from ml_core.face import topology
from ml_core.types import Palette, Points, Rgb

SIDE: Final = 512.0
"""Design units of a picture's side."""
INK: Final[Rgb] = (52, 40, 48)


@dataclass(frozen=True)
class Sheet:
    """canvas: scaled so that the picture is SIDE units wide. phase: 0..1 of the loop. palettes: one a face.

    faces: (468, 3) landmarks of each slot in design units, at this moment.
    """

    canvas: skia.Canvas
    phase: float
    palettes: Sequence[Palette]
    faces: Sequence[Points]
    fonts: FontBook

    @cached_property
    def palette(self) -> Palette:
        return self.palettes[0]

    def fill(self, shape: skia.Path, colour: Rgb, alpha: float = 1.0) -> None:
        self.canvas.drawPath(shape, fill_paint(colour, alpha))

    def line(self, shape: skia.Path, colour: Rgb, width: float, alpha: float = 1.0) -> None:
        self.canvas.drawPath(shape, stroke_paint(colour, width, alpha))

    def shape(self, shape: skia.Path, colour: Rgb, edge: Rgb = INK, width: float = 5.0) -> None:
        """Filled, with a line around it."""
        self.fill(shape, colour)
        self.line(shape, edge, width)

    def sprite(self, sprite: Sprite, x: float, y: float, scale: float = 1.0, turn: float = 0.0) -> None:
        sprite.draw(self.canvas, x, y, scale, turn=turn)

    def text(
        self,
        words: str,
        x: float,
        y: float,
        size: float,
        colour: Rgb,
        *,
        edge: Rgb | None = None,
        turn: float = 0.0,
    ) -> None:
        """One line centred at x, its baseline at y; ``edge``: colour of an outline."""
        glyphs = [(char, self.fonts.glyph(char, font=ROUND)) for char in words]
        scale = size / EM
        width = sum(0.32 * size if glyph is None else glyph[1] * scale for _, glyph in glyphs)
        self.canvas.save()
        self.canvas.translate(x, y)
        self.canvas.rotate(turn)
        at = -width / 2
        shapes = []
        for char, glyph in glyphs:
            if glyph is None or char == " ":
                at += 0.32 * size
                continue
            shapes.append(moved(glyph[0], at, 0, scale=scale))
            at += glyph[1] * scale
        if edge is not None:
            for shape in shapes:
                self.line(shape, edge, size * 0.22)
        for shape in shapes:
            self.fill(shape, colour)
        self.canvas.restore()

    def gradient(self, shape: skia.Path, top: Rgb, bottom: Rgb, y0: float = 0.0, y1: float = SIDE) -> None:
        paint = skia.Paint(AntiAlias=True)
        paint.setShader(
            skia.GradientShader.MakeLinear(
                [skia.Point(0, y0), skia.Point(0, y1)], [skia.Color(*top), skia.Color(*bottom)]
            )
        )
        self.canvas.drawPath(shape, paint)


@dataclass(frozen=True)
class Picture:
    """``behind`` is drawn under the faces, ``before`` over them."""

    behind: Callable[[Sheet], None]
    before: Callable[[Sheet], None]


def nothing(sheet: Sheet) -> None:
    """Nothing on this side of the faces."""


def blank_face(sheet: Sheet, points: Points, skin: Rgb, line: Rgb) -> None:
    """A face without features, in the shape of its landmarks: the features are swapped in."""
    rim = [(float(x), float(y)) for x, y in points[list(topology.FACE_OVAL), :2]]
    centre = np.mean(rim, axis=0)
    wide = [
        (float(centre[0] + (x - centre[0]) * 1.06), float(centre[1] + (y - centre[1]) * 1.05)) for x, y in rim
    ]
    sheet.shape(polygon(wide), skin, line, 4.0)


def blush(x: float, y: float, rx: float, colour: Rgb = (255, 120, 130), alpha: float = 0.4) -> Layer:
    """A soft cheek."""
    return Layer(oval(x, y, rx, rx * 0.62), colour, alpha=alpha)
