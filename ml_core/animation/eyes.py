"""Eyes, drawn anew on every frame: white, iris, lights, lid shadow, lashes, and the cartoon's symbol eyes.

A texture cannot open or close an eye without smearing lashes; vectors can, at any size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import skia
from numpy.typing import NDArray

from ml_core.animation.contours import EyeContour
from ml_core.animation.curves import bowed, colour, fill, gradient, pen, ribbon, smooth_path
from ml_core.animation.symbols import cross_eye, heart, spiral, star
from ml_core.types import Palette, Points, Rgb

Array = NDArray[np.float64]

CLOSED = 0.075
"""Opening over width under which an eye is drawn as a line."""
NARROW = 0.26
"""Below this the lids are drawn more and more as plain bows: the bumps of a moved lid show as it narrows."""
IRIS_OF_WIDTH = 1.16
IRIS_OF_OPENING = 0.60
"""The iris is at least this share of the neutral opening: large irises read as young and friendly."""
LARGEST_IRIS = 0.36
SOURCE_GAZE = 0.5
"""How much of the photo's off-centre look stays: all of it squints on a small sticker."""
GAZE_REACH = 0.17
WHITE, PUPIL = fill(colour((253, 251, 250))), fill(colour((20, 13, 17)))
LIGHT, SECOND_LIGHT, THIRD_LIGHT = fill(0xF8FFFFFF), fill(0xDCFFFFFF), fill(0xC8FFFFFF)
LASH_PROFILE_OPEN = np.array([0.25, 0.62, 0.95, 1.0, 1.0, 0.92, 0.80, 0.66, 0.48, 0.22])
LASH_PROFILE_CLOSED = np.array([0.25, 0.50, 0.75, 0.95, 1.0, 1.0, 0.95, 0.80, 0.60, 0.35])
LASH_WEIGHT, CLOSED_WEIGHT = 0.054, 0.070
"""Thickest part of the upper lash line, in units."""


@dataclass(frozen=True)
class EyeSpec:
    """What does not change while the face moves. Offsets are in eye widths along and across the eye.

    centre: of the neutral opening from the middle of the corners. iris: of the photo's iris from ``centre``.
    radius: of the iris. opening: neutral height over width.
    """

    contour: EyeContour
    centre: tuple[float, float]
    iris: tuple[float, float]
    radius: float
    opening: float


def _axes(outer: Array, inner: Array) -> tuple[Array, Array, float]:
    """Unit vectors along and across (downwards) the eye, and its width."""
    along = inner - outer
    width = float(np.hypot(along[0], along[1])) + 1e-9
    along = along / width
    across = np.array([-along[1], along[0]])
    return along, across if across[1] > 0 else -across, width


def eye_spec(contour: EyeContour, face: Array, landmarks: Points, iris: NDArray[np.float32]) -> EyeSpec:
    """From the neutral face (468, 3), the photo's landmarks (468, 3) and its iris (5, 2)."""
    outer, inner = face[contour.corners[0], :2], face[contour.corners[1], :2]
    along, across, width = _axes(outer, inner)
    offset = face[list(contour.ring), :2].mean(axis=0) - (outer + inner) / 2
    opening = float(np.linalg.norm(face[contour.upper[3], :2] - face[contour.lower[3], :2])) / width
    photo = landmarks[:, :2].astype(np.float64)
    p_along, p_across, p_width = _axes(photo[contour.corners[0]], photo[contour.corners[1]])
    look = iris[0] - photo[list(contour.ring)].mean(axis=0)
    rim = np.linalg.norm(iris[[1, 2]] - iris[[3, 4]], axis=1).mean() / 2 / p_width
    return EyeSpec(
        contour=contour,
        centre=(float(offset @ along) / width, float(offset @ across) / width),
        iris=(
            float(np.clip(look @ p_along / p_width, -0.2, 0.2)),
            float(np.clip(look @ p_across / p_width, -0.1, 0.1)),
        ),
        radius=float(np.clip(rim, 0.20, 0.27)),
        opening=opening,
    )


@dataclass(frozen=True)
class IrisColours:
    """From the lid's shadow down to the lit lower half, and the ring."""

    top: int
    middle: int
    bottom: int
    ring: int


def iris_colours(rgb: Rgb) -> IrisColours:
    """Shades of an iris colour that stay readable: very dark or grey ones gain some light and warmth."""
    hue, saturation, value = cv2.cvtColor(np.array([[rgb]], np.float32) / 255, cv2.COLOR_RGB2HSV)[
        0, 0
    ].tolist()
    if saturation < 0.12:
        hue, saturation = 25.0, 0.30
    saturation = float(np.clip(saturation * 1.15, 0.35, 0.95))

    def shade(brightness: float) -> Array:
        pixel = np.array([[[hue, saturation, brightness]]], np.float32)
        return np.asarray(cv2.cvtColor(pixel, cv2.COLOR_HSV2RGB)[0, 0] * 255, np.float64)

    base = shade(float(np.clip(value, 0.26, 0.55)))
    return IrisColours(
        colour(base * 0.42),
        colour(base),
        colour(shade(float(np.clip(value * 2.0, 0.62, 0.92)))),
        colour(base * 0.30),
    )


class EyePainter:
    """Draws one eye on a skia canvas, given the frame's face vertices."""

    def __init__(self, spec: EyeSpec, palette: Palette) -> None:
        self.spec = spec
        self.colours = iris_colours(palette.iris)
        self.line = colour(palette.line)
        self._line, self._soft_line = fill(self.line), fill(colour(palette.line, 120))
        self.weight = palette.line_weight
        contour = spec.contour
        self._upper = [contour.corners[0], *contour.upper, contour.corners[1]]
        self._lower = [contour.corners[0], *contour.lower, contour.corners[1]]
        self._fold = list(contour.above)

    def draw(self, canvas: skia.Canvas, face: Array, unit: float, row: Mapping[str, float]) -> None:
        """face: (468, 2) canvas pixels; unit: pixels; row: channel values."""
        upper, lower = face[self._upper], face[self._lower]
        along, across, width = _axes(upper[0], upper[-1])
        if self._draw_symbol(canvas, upper, along, across, width, unit, row):
            return
        opening = float(((lower - upper) @ across)[1:-1].max()) / width
        closed = opening <= CLOSED
        if not closed:
            narrow = float(np.clip((NARROW - opening) / (NARROW - CLOSED), 0, 1))
            upper, lower = bowed(upper, narrow), bowed(lower, narrow)
            self._draw_open(canvas, face, upper, lower, (along, across, width, opening), unit, row)
        else:
            upper = bowed((upper + lower) / 2, 1.0)  # lids meet: one line
        self._draw_lashes(canvas, upper, along, across, width, unit, closed, row)

    def _draw_symbol(
        self, canvas: skia.Canvas, upper: Array, along: Array, across: Array, width: float, unit: float,
        row: Mapping[str, float],
    ) -> bool:  # fmt: skip
        middle = (upper[0] + upper[-1]) / 2
        size = width * 0.62
        if row["eye.heart"] > 0.05:
            heart(canvas, middle, size * row["eye.heart"] * 1.15, unit)
        elif row["eye.star"] > 0.05:
            star(canvas, middle, size * row["eye.star"] * 1.15, unit)
        elif row["eye.spiral"] > 0.05:
            spiral(canvas, middle, size * row["eye.spiral"], unit, self.line, -self.spec.contour.sign)
        elif row["eye.cross"] > 0.4:
            cross_eye(canvas, middle, along, across, size * 0.82, unit * 0.062, self.line)
        else:
            return False
        return True

    def _iris_at(
        self, face: Array, along: Array, across: Array, width: float, row: Mapping[str, float]
    ) -> Array:
        spec, side = self.spec, self.spec.contour.side
        outer, inner = (face[index] for index in spec.contour.corners)
        towards_nose = row[f"eyeLookIn{side}"] - row[f"eyeLookOut{side}"]
        x = (
            -self.spec.contour.sign * row["gaze.x"] + towards_nose
        )  # along runs from the outer corner to the nose
        y = row["gaze.y"] + row[f"eyeLookDown{side}"] - row[f"eyeLookUp{side}"]
        dx = spec.centre[0] + SOURCE_GAZE * spec.iris[0] + GAZE_REACH * x
        dy = spec.centre[1] + SOURCE_GAZE * spec.iris[1] + GAZE_REACH * y
        return np.asarray((outer + inner) / 2 + along * (dx * width) + across * (dy * width))

    def _draw_open(
        self, canvas: skia.Canvas, face: Array, upper: Array, lower: Array,
        frame: tuple[Array, Array, float, float], unit: float, row: Mapping[str, float],
    ) -> None:  # fmt: skip
        along, across, width, opening = frame
        outline = smooth_path(np.concatenate([upper, lower[-2:0:-1]]), closed=True)
        canvas.save()
        canvas.clipPath(outline, skia.ClipOp.kIntersect, True)
        canvas.drawPath(outline, WHITE)
        at = self._iris_at(face, along, across, width, row)
        radius = max(self.spec.radius * IRIS_OF_WIDTH, IRIS_OF_OPENING * self.spec.opening)
        radius = min(radius, LARGEST_IRIS) * width * row["iris.size"]
        looking = row["eye.blank"] < 0.5
        if looking:
            self._draw_iris(canvas, at, radius)
        lid = upper[4]
        reach = width * (0.10 + 0.28 * max(opening, 0.2))
        canvas.drawPath(outline, gradient(lid, lid + across * reach, [0x70382848, 0x00382848]))
        if looking:
            self._draw_lights(canvas, at, radius, row["eye.gloss"])  # after the shadow: lights are wet
        if row["eye.gloss"] > 0.05:
            depth = min(0.11, 0.28 * opening) * width * row["eye.gloss"]
            self._draw_tear_film(canvas, lower, across, depth, row["eye.gloss"])
        canvas.restore()
        canvas.drawPath(
            ribbon(lower[1:8], np.array([0.4, 0.8, 1, 1, 0.9, 0.7, 0.4]) * 0.017 * unit), self._soft_line
        )

    def _draw_iris(self, canvas: skia.Canvas, at: Array, radius: float) -> None:
        x, y = float(at[0]), float(at[1])
        shades = self.colours
        paint = gradient(
            (x, y - radius), (x, y + radius), [shades.top, shades.middle, shades.bottom], [0.05, 0.5, 1.0]
        )
        canvas.drawCircle(x, y, radius, paint)
        canvas.drawCircle(x, y, radius * 0.94, pen(shades.ring, radius * 0.15))
        canvas.drawCircle(x, y - radius * 0.04, radius * 0.46, PUPIL)

    def _draw_lights(self, canvas: skia.Canvas, at: Array, radius: float, gloss: float) -> None:
        x, y = float(at[0]), float(at[1])
        grown = 1 + 0.35 * gloss
        canvas.drawCircle(x - radius * 0.32, y - radius * 0.38, radius * 0.31 * grown, LIGHT)
        canvas.drawCircle(x + radius * 0.38, y + radius * 0.36, radius * 0.16 * grown, SECOND_LIGHT)
        if gloss > 0.3:
            canvas.drawCircle(x - radius * 0.30, y + radius * 0.42, radius * 0.12, THIRD_LIGHT)

    def _draw_tear_film(
        self, canvas: skia.Canvas, lower: Array, across: Array, depth: float, gloss: float
    ) -> None:
        rim = lower[1:8]
        film = np.concatenate([rim + across * depth, (rim - across * depth)[::-1]])
        canvas.drawPath(smooth_path(film, closed=True), fill(colour((190, 226, 255), 190 * gloss)))

    def _draw_lashes(
        self, canvas: skia.Canvas, upper: Array, along: Array, across: Array, width: float, unit: float,
        closed: bool, row: Mapping[str, float],
    ) -> None:  # fmt: skip
        bend = float((upper[4] - (upper[0] + upper[-1]) / 2) @ across)  # negative: arched upwards
        flick = 0.035 * width if not closed else (-0.05 * width if bend < 0 else 0.02 * width)
        wing = upper[0] - along * 0.075 * width - across * flick
        profile = LASH_PROFILE_CLOSED * CLOSED_WEIGHT if closed else LASH_PROFILE_OPEN * LASH_WEIGHT
        stroke = np.concatenate([wing[None], upper])
        # the outer corner is left of travel's end for one eye and right for the other: lean outwards in both
        lean = 0.68 if along[0] * across[1] - along[1] * across[0] > 0 else 0.32
        canvas.drawPath(ribbon(stroke, profile * unit * self.weight, lean), self._line)
