"""Notches: the gaps between the ends of locks, without which hair is a helmet or a piece of cloth.

A lock leaves the outline along its strands and ends in a point; under it the next one comes out. The gap is
narrow where they part and open where the upper one ends. Only hair is taken away: what it would add has no
picture.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import cv2
import numpy as np

from ml_core.toonify.anatomy import OUTER_CORNERS, SUBPIXEL_BITS, Anatomy
from ml_core.toonify.colour import Field, ramp, vector
from ml_core.toonify.layers import Layers
from ml_core.toonify.strands import GRID, Combing
from ml_core.types import Points

BEHIND = ("alpha", "flesh", "cloth")
"""What hair may lie before: nothing, skin, clothes. Cut by the picture's edge, it lies before hair."""
OUTER = np.radians([-213, -202, -188, -170, -150, -124, -67, -37, -16, 4, 19, 31])
"""Rays from between the eyes, clockwise from the picture's right, on whose outer end a lock may end.

A handful, unevenly spread, and fixed to the face: notches stay where they are in a clip.
"""
FRINGE = np.arctan2(-0.5, [-0.66, -0.46, -0.21, 0.02, 0.31, 0.52])
"""As OUTER, for the inner end of the ray: evenly spread along a fringe, half a unit above the eyes."""
SIZES = (1.0, 0.65, 1.2, 0.8)
LEAST_SIZE = (0.20, 0.45)
"""Sizes of notches in turn, and those between which small ones go away: a few bold ones, no serration."""
WIDTH, ASIDE = 1.5, 0.10
"""Width of a notch in its depths, and where over its mouth it is deepest: nearer to the upper lock."""
STEEPEST = 0.36
"""Least sine of the angle between a notch and the border, also where strands run along it."""
FALL = 0.7
"""How much ends of hair turn downwards, against its flow."""
TANGENTIAL, CROSSING = 0.75, 0.3
"""Size where strands run along the border, and what it gains where they cross it: ends are raggeder."""
INSIDE, BEYOND = 0.08, 0.12
"""Units inside the border where strands are looked at, and outside it as far as a notch is drawn."""
STEP = 0.2
"""Units by which the border may jump within a notch."""
CROWN = 1.25
"""Units above the eyes from where hair falls to all sides."""
THIN, NEIGHBOURS = (0.32, 0.52), (-0.35, 0.35)
"""Units of thickness over which hair has locks, not cropped sides; and radians around a ray to look at."""
HAIRLINE = (0.40, 0.60)
"""Units above the brows over which a border is no fringe but where hair grows."""
SURE_SIGN = 4.0
"""One over the cosine between flow and the way from the crown from which its sign is sure."""
REACH = 3.2
"""Units: length of the rays."""
BULGE_UNDER, BULGE_OVER = 0.012, 0.035
"""Units by which the two locks of a notch are round."""


def notched(blocks: Layers, combing: Combing, face: Anatomy, depth: float) -> Layers:
    """Take notches out of hair, where the photo shows locks. depth: of a usual one, units.

    What lies behind becomes what it borders on: flesh, cloth, or the outside of the silhouette.
    """
    if depth <= 0.0 or not combing.locks.any():
        return blocks
    head = _Head.of(np.asarray(blocks.hair * blocks.alpha, np.float32), combing, face)
    cut = {name: np.zeros(face.shape, np.uint8) for name in BEHIND}
    for notch in (*head.outer_notches(depth), *head.fringe_notches(depth)):
        behind = {_material(blocks, point) for point in notch.mouth}
        if len(behind) == 1 and behind < set(BEHIND):  # half a notch would stand out from a shoulder
            mask = cut[behind.pop()]
            outline = np.round(notch.outline * (1 << SUBPIXEL_BITS)).astype(np.int32)
            cv2.fillPoly(mask, [outline], 255, cv2.LINE_AA, SUBPIXEL_BITS)
    changed = {"hair": blocks.hair}
    for name, mask in cut.items():
        if not mask.any():
            continue
        taken = np.asarray(changed["hair"] * mask * np.float32(1 / 255), np.float32)
        if name == "alpha":
            changed[name] = blocks.alpha * (1.0 - taken)
        else:
            changed[name] = getattr(blocks, name) + taken
            changed["hair"] = changed["hair"] - taken
    return dataclasses.replace(blocks, **changed)


def _material(blocks: Layers, point: Points) -> str:
    """The field of Layers that a point belongs to."""
    x, y = np.clip(point.round().astype(int), 0, np.asarray(blocks.alpha.shape[::-1]) - 1)
    if blocks.alpha[y, x] < 0.5:
        return "alpha"
    return max(("flesh", "cloth", "hair"), key=lambda name: float(getattr(blocks, name)[y, x]))


@dataclass(frozen=True)
class _Notch:
    """outline: (N, 2) pixels. mouth: two points just outside the ends of its mouth."""

    outline: Points
    mouth: tuple[Points, Points]


@dataclass(frozen=True)
class _Span:
    """ends: radii in pixels at which a ray enters hair and leaves it. thickness: pixels of hair on it."""

    ends: tuple[float, float]
    thickness: float


@dataclass(frozen=True)
class _Head:
    """Hair seen along rays from between the eyes. brows: pixels by which they lie above that point."""

    hair: Field
    combing: Combing
    unit: float
    centre: Points
    roll: float
    brows: float

    @classmethod
    def of(cls, hair: Field, combing: Combing, face: Anatomy) -> _Head:
        right, left = face.points[list(OUTER_CORNERS)]
        centre, across = (right + left) / 2, left - right
        roll = math.atan2(float(across[1]), float(across[0]))
        up = vector([math.sin(roll), -math.cos(roll)])
        brows = float((face.points[[105, 334]].mean(axis=0) - centre) @ up)
        return cls(hair, combing, face.unit, centre, roll, brows)

    def outer_notches(self, depth: float) -> list[_Notch]:
        """At the silhouette, smaller where hair is thin."""
        found = []
        for index, angle in enumerate(OUTER.tolist()):
            span = self._ray(angle)
            thick = span.thickness
            if thick < THIN[1] * self.unit:
                thick = max(thick, *(self._ray(angle + aside).thickness for aside in NEIGHBOURS))
            size = SIZES[index % len(SIZES)] * ramp(thick / self.unit, *THIN)
            found.append(self._notch(angle, span.ends, -1, depth, size))
        return [notch for notch in found if notch is not None]

    def fringe_notches(self, depth: float) -> list[_Notch]:
        """At the forehead, where hair hangs into it."""
        found = []
        for index, angle in enumerate(FRINGE.tolist()):
            ends = self._ray(angle).ends
            above = (ends[0] * -math.sin(angle) - self.brows) / self.unit
            size = SIZES[-1 - index % len(SIZES)] * (1.0 - ramp(above, *HAIRLINE))
            found.append(self._notch(angle, ends, 0, depth, size))
        return [notch for notch in found if notch is not None]

    def _notch(
        self, angle: float, ends: tuple[float, float], end: int, depth: float, size: float
    ) -> _Notch | None:
        """The notch at the inner (0) or outer (-1) end of hair on a ray; None where no lock ends."""
        direction, radius = self._direction(angle), ends[end]
        outward = direction if end else -direction
        start = self.centre + direction * np.float32(radius)
        inside = start - outward * np.float32(INSIDE * self.unit)
        size *= ramp(self._at(self.combing.locks, inside), 0.1, 0.5)
        if size <= 0.0 or radius <= 0.0:
            return None
        way = self._way(inside, start)
        size *= TANGENTIAL + CROSSING * max(float(way @ outward), 0.0)
        size *= ramp(size, *LEAST_SIZE)
        # Ends point down: the mouth of a notch opens to that side.
        width = math.copysign(WIDTH * depth * size * self.unit, math.cos(angle))
        turned = angle + width / radius
        other = self._ray(turned).ends[end]
        if size <= 0.0 or abs(other - radius) > STEP * self.unit:
            return None
        stop = np.asarray(self.centre + self._direction(turned) * np.float32(other), np.float32)
        way = way + outward * np.float32(max(STEEPEST - float(way @ outward), 0.0))
        way *= np.float32(depth * size * self.unit / float(np.linalg.norm(way)))
        apex = np.asarray(start + (stop - start) * np.float32(ASIDE) - way, np.float32)
        under = _curve(apex, start, outward * np.float32(BULGE_UNDER * self.unit))
        over = _curve(stop, apex, outward * np.float32(BULGE_OVER * size * self.unit))
        beyond = outward * np.float32(BEYOND * self.unit)
        outline = np.concatenate([under, [start + beyond, stop + beyond], over])
        half = beyond * np.float32(0.5)
        return _Notch(np.asarray(outline, np.float32), (start + half, stop + half))

    def _direction(self, angle: float) -> Points:
        return vector([math.cos(angle + self.roll), math.sin(angle + self.roll)])

    def _ray(self, angle: float) -> _Span:
        """Where a ray is in hair, to a fraction of a pixel: whole pixels would tremble in a clip."""
        steps = np.arange(REACH * self.unit, dtype=np.float32)[:, None]
        x, y = np.asarray(self.centre + steps * self._direction(angle), np.float32).T[:, None]
        found = cv2.remap(self.hair, x, y, cv2.INTER_LINEAR)[0]
        there = np.flatnonzero(found > 0.5)
        if not len(there):
            return _Span((0.0, 0.0), 0.0)
        first, last = int(there[0]), int(there[-1])
        before, after = found[max(first - 1, 0)], found[min(last + 1, len(found) - 1)]
        inner = first - (found[first] - 0.5) / max(found[first] - before, 0.5)
        outer = last + (found[last] - 0.5) / max(found[last] - after, 0.5)
        return _Span((float(inner), float(outer)), float(found.sum()))

    def _way(self, point: Points, border: Points) -> Points:
        """The direction in which hair grows at a point: along its flow away from the crown, and down.

        The flow has no sign of its own. Where it runs across the way from the crown it has no say, so that
        the answer never jumps.
        """
        flow = vector([self._at(self.combing.flow.x, point), self._at(self.combing.flow.y, point)])
        away = border - self.centre - self._direction(-math.pi / 2) * np.float32(CROWN * self.unit)
        share = float(flow @ away) / max(float(np.linalg.norm(away)), 1.0)
        way = flow * np.clip(share * SURE_SIGN, -1.0, 1.0) + self._direction(math.pi / 2) * FALL
        return np.asarray(way / max(float(np.linalg.norm(way)), 1e-3), np.float32)

    def _at(self, field: Field, point: Points) -> float:
        x, y = (round(float(value) / GRID) for value in point)
        return float(field[min(max(y, 0), field.shape[0] - 1), min(max(x, 0), field.shape[1] - 1)])


def _curve(start: Points, stop: Points, bulge: Points) -> Points:
    """Eight points of a quadratic Bezier curve whose middle control point is off the chord by ``bulge``."""
    t = np.linspace(0.0, 1.0, 8, dtype=np.float32)[:, None]
    middle = (start + stop) / 2 + bulge
    return np.asarray((1 - t) ** 2 * start + 2 * t * (1 - t) * middle + t**2 * stop, np.float32)
