"""The mouth, drawn anew on every frame: lips, line, dark inside, tongue, teeth, and its cartoon variants."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import skia
from numpy.typing import NDArray

from ml_core.animation.contours import LOWER_INNER, UPPER_INNER
from ml_core.animation.curves import colour, fill, gradient, pen, ribbon, smooth_path
from ml_core.animation.lips import LipPainter
from ml_core.types import Palette

Array = NDArray[np.float64]

OPEN_FROM = 0.032
"""Lip gap in units from which there is an inside to see."""
TONGUE_FROM = 0.13
TEETH_HEIGHT = 0.088
"""Upper teeth show at most this much, in units."""
TEETH_LEVEL = 0.75
ROUND_FROM, ROUND_AT = 0.45, 0.8
"""Height over width from which an open mouth becomes rounder, and at which it has no corners."""
ROUNDING = 4
"""Passes of a binomial filter around a round mouth; it shrinks a circle by a known factor."""
LIP_SOFTENING = 2
"""Passes of a binomial filter over the 11 points of a lip."""
THROAT, PALATE = colour((66, 14, 26)), colour((128, 34, 48))
TONGUE, TONGUE_EDGE, TONGUE_GROOVE = (
    colour((232, 110, 118)),
    colour((186, 70, 86)),
    colour((186, 70, 86), 160),
)
ENAMEL, ENAMEL_EDGE, ENAMEL_SEAM = (
    colour((255, 253, 249)),
    colour((150, 60, 74), 110),
    colour((120, 96, 108), 210),
)
DROOL, DROOL_DROP = colour((170, 222, 255), 225), colour((170, 222, 255), 240)
TONGUE_RIM = ((-0.72, 0.05), (-0.25, -0.03), (0.0, 0.02), (0.25, -0.03), (0.72, 0.05))
"""Upper edge of the tongue: half widths across, shares of the mouth's height down."""
_ARCH = np.sin(np.linspace(0.12, np.pi - 0.12, 11)) ** 0.6
_LINE = np.sin(np.linspace(0, np.pi, 11))


def _softened(line: Array) -> Array:
    """(N, 2), ends kept: acted lips bend where several shapes meet, drawn lips must not kink."""
    out = line.copy()
    for _ in range(LIP_SOFTENING):
        out[1:-1] += (out[:-2] - 2 * out[1:-1] + out[2:]) / 4
    return out


def _apart(upper: Array, lower: Array) -> tuple[Array, Array]:
    """Both lips, (11, 2): where shapes add up to an upper lip below the lower one, they meet instead."""
    across = upper[-1] - upper[0]
    down = np.array([-across[1], across[0]]) / (np.hypot(*across) + 1e-9)
    overlap = np.minimum((lower - upper) @ down, 0)[:, None] / 2 * down
    return upper + overlap, lower - overlap


def _rounded(upper: Array, lower: Array) -> tuple[Array, Array]:
    """Both lips, (11, 2): the taller the mouth is for its width, the more its edge becomes one round curve.

    The ring of both lips is smoothed with its corners, and keeps its size.
    """
    width = np.hypot(*(upper[-1] - upper[0])) + 1e-9
    tall = float(np.hypot(*(lower[5] - upper[5])) / width)
    share = np.clip((tall - ROUND_FROM) / (ROUND_AT - ROUND_FROM), 0, 1)
    if share == 0:
        return upper, lower
    ring = np.concatenate([upper, lower[-2:0:-1]])
    middle, even = ring.mean(axis=0), ring
    for _ in range(ROUNDING):
        even = (np.roll(even, 1, axis=0) + 2 * even + np.roll(even, -1, axis=0)) / 4
    kept = np.cos(np.pi / len(ring)) ** (2 * ROUNDING)
    ring = ring + share * (middle + (even - middle) / kept - ring)
    return ring[:11], ring[[0, *range(19, 10, -1), 10]]


class MouthPainter:
    """Draws the mouth on a skia canvas, given the frame's face vertices.

    rest: (468, 2) the face at rest, puppet space. lips: 0..1, how much of drawn lips shows.
    """

    def __init__(self, rest: Array, palette: Palette, lips: float) -> None:
        self._lips = LipPainter(rest, palette, lips)
        mixed = 0.55 * np.array(palette.line) + 0.22 * np.array(palette.lip)
        self.line = colour(mixed)
        self.weight = palette.line_weight
        self._upper, self._lower = list(UPPER_INNER), list(LOWER_INNER)

    def draw(self, canvas: skia.Canvas, face: Array, unit: float, row: Mapping[str, float]) -> None:
        """face: (468, 2) canvas pixels; unit: pixels; row: channel values."""
        upper, lower = _softened(face[self._upper]), _softened(face[self._lower])
        upper, lower = _rounded(*_apart(upper, lower))
        gap = float(np.linalg.norm(lower[1:-1] - upper[1:-1], axis=1).max()) / unit
        if row["mouth.wavy"] > 0.3:
            self._draw_wavy(canvas, upper, lower, unit, row["mouth.wavy"])
        elif gap > OPEN_FROM:
            self._draw_open(canvas, upper, lower, gap, unit, row)
        else:
            middle = (upper + lower) / 2
            self._lips.draw(canvas, middle, middle, unit, row)
            self._draw_line(canvas, middle, unit)
        if row["tongueOut"] > 0.05:
            self._draw_tongue_out(canvas, face, unit, row["tongueOut"])
        if row["mouth.drool"] > 0.05:
            self._draw_drool(canvas, face, unit, row["mouth.drool"])

    def _draw_line(self, canvas: skia.Canvas, middle: Array, unit: float) -> None:
        width = (0.013 + 0.025 * _LINE) * unit * self.weight
        canvas.drawPath(ribbon(middle, width), fill(self.line))

    def _draw_wavy(self, canvas: skia.Canvas, upper: Array, lower: Array, unit: float, amount: float) -> None:
        middle = (upper + lower) / 2
        down = np.array([-(middle[-1] - middle[0])[1], (middle[-1] - middle[0])[0]])
        down /= np.linalg.norm(down) + 1e-9
        wave = np.sin(np.linspace(0, 5 * np.pi, 21)) * 0.055 * unit * amount
        path = np.stack(
            [np.interp(np.linspace(0, 10, 21), np.arange(11), middle[:, axis]) for axis in (0, 1)], axis=1
        )
        canvas.drawPath(
            ribbon(path + wave[:, None] * down, np.full(21, 0.042 * unit * self.weight)), fill(self.line)
        )

    def _draw_open(
        self,
        canvas: skia.Canvas,
        upper: Array,
        lower: Array,
        gap: float,
        unit: float,
        row: Mapping[str, float],
    ) -> None:
        self._lips.draw(canvas, upper, lower, unit, row)
        outline = smooth_path(np.concatenate([upper, lower[-2:0:-1]]), closed=True)
        across = upper[-1] - upper[0]
        width = float(np.hypot(across[0], across[1]))
        down = np.array([-across[1], across[0]]) / (width + 1e-9)
        canvas.save()
        canvas.clipPath(outline, skia.ClipOp.kIntersect, True)
        canvas.drawPath(outline, gradient(upper[5], lower[5], [THROAT, PALATE]))
        if row["mouth.grit"] > 0.3:
            self._draw_grit(canvas, outline, upper, lower, unit)
        else:
            if gap > TONGUE_FROM:
                self._draw_tongue(canvas, upper[5], lower[5], across, down, unit)
            wide = float(np.clip((width / (gap * unit) - 0.7) / 0.6, 0, 1))  # a round mouth hides its teeth
            height = row["mouth.teeth"] * wide * min(TEETH_HEIGHT, 0.62 * gap) * unit
            if height > 0.5:
                depth = (upper - upper[0]) @ down
                level = (1 - TEETH_LEVEL) * depth + TEETH_LEVEL * depth[2:-2].mean()
                # a row of teeth is level: it follows the lip's ends but not its bow, unless that would bare
                # one long tooth under a lip that arches
                shown = np.clip((level - depth) * _LINE + height * _ARCH, 0, height)
                edge = upper + down * shown[:, None]
                teeth = np.concatenate([upper - down * 0.03 * unit, edge[::-1]])
                canvas.drawPath(smooth_path(teeth, closed=True), fill(ENAMEL))
                canvas.drawPath(smooth_path(edge[1:-1], closed=False), pen(ENAMEL_EDGE, 0.010 * unit))
        canvas.restore()
        canvas.drawPath(outline, pen(self.line, 0.022 * unit * self.weight))
        # the upper lip line is the heavier one: it gives the mouth its shape
        canvas.drawPath(ribbon(upper, (0.012 + 0.018 * _LINE) * unit * self.weight), fill(self.line))

    def _draw_tongue(
        self, canvas: skia.Canvas, top: Array, bottom: Array, across: Array, down: Array, unit: float
    ) -> None:
        half = across * 0.27
        deep = bottom - top
        crest = bottom - deep * 0.40
        left, right = bottom - half * 1.15 + down * 0.1 * unit, bottom + half * 1.15 + down * 0.1 * unit
        rim = [crest + half * across + deep * drop for across, drop in TONGUE_RIM]
        shape = np.stack([left, *rim, right])
        canvas.drawPath(smooth_path(shape, closed=True), fill(TONGUE))
        groove = np.stack([crest + deep * 0.10, bottom])
        canvas.drawPath(smooth_path(groove, closed=False), pen(TONGUE_GROOVE, 0.014 * unit))

    def _draw_grit(
        self, canvas: skia.Canvas, outline: skia.Path, upper: Array, lower: Array, unit: float
    ) -> None:
        canvas.drawPath(outline, fill(ENAMEL))
        seam = pen(ENAMEL_SEAM, 0.013 * unit)
        canvas.drawPath(smooth_path((upper + lower) / 2, closed=False), seam)
        for first, second in zip(upper[1:-1].tolist(), lower[1:-1].tolist(), strict=True):
            canvas.drawLine(*first, *second, seam)

    def _draw_tongue_out(self, canvas: skia.Canvas, face: Array, unit: float, amount: float) -> None:
        root, lip = face[14], face[17]
        across = face[308] - face[78]
        half = across * 0.20
        down = np.array([-across[1], across[0]]) / (np.linalg.norm(across) + 1e-9)
        tip = root + (lip - root) * 0.6 + down * 0.20 * unit * amount
        shape = np.stack([root - half, (root + tip) / 2 - half * 1.08, tip - half * 0.62 + down * 0.03 * unit,
                          tip + down * 0.055 * unit, tip + half * 0.62 + down * 0.03 * unit,
                          (root + tip) / 2 + half * 1.08, root + half])  # fmt: skip
        path = smooth_path(shape, closed=True)
        canvas.drawPath(path, fill(TONGUE))
        canvas.drawPath(path, pen(TONGUE_EDGE, 0.018 * unit))
        groove = np.stack([root + down * 0.02 * unit, tip])
        canvas.drawPath(smooth_path(groove, closed=False), pen(TONGUE_GROOVE, 0.015 * unit))

    def _draw_drool(self, canvas: skia.Canvas, face: Array, unit: float, amount: float) -> None:
        start = face[308] * 0.85 + face[14] * 0.15
        end = start + np.array([0.02, 0.30 * amount]) * unit
        strip = ribbon(np.stack([start, (start + end) / 2, end]), np.array([0.05, 0.06, 0.10]) * unit)
        canvas.drawPath(strip, fill(DROOL))
        canvas.drawCircle(float(end[0]), float(end[1]), 0.055 * unit, fill(DROOL_DROP))
        canvas.drawCircle(
            float(end[0]) - 0.015 * unit, float(end[1]) - 0.015 * unit, 0.017 * unit, fill(0xF0FFFFFF)
        )
