"""Where the face is on the canvas, in words that effects and gestures use."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.types import FaceFrame, Points

CAPTION_BAND = 0.24
"""Share of the canvas at the bottom that belongs to the caption."""
DESIGN_UNITS = 100.0
"""Design units per outer-eye distance (see ml_core.drawing.ink)."""
SCALE_RANGE = (0.19, 0.27)
"""Drawn things keep one size relation to the canvas: the face unit is taken within this share of its side,
so that neither a small head gets specks nor a large one giant hands."""
COVERED = 60
"""Coverage 0..255 from which a pixel counts as puppet."""
FEATURE_WIDTH, FEATURE_HEIGHT, FEATURE_DROP = 0.68, 0.72, 0.32
"""Ellipse around eyes and mouth in outer-eye distances: half axes, and its centre below the eyes."""
FEATURE_FADE = 0.35
"""Over this share of the ellipse, passing particles shrink to nothing."""
RAY_STEP = 4.0
"""Pixels between samples along a ray; finer than any gap an effect leaves to the silhouette."""

_EYES = {"right": (33, 133, 159, 145), "left": (263, 362, 386, 374)}


class Anchors:
    """Named places of one frame's face, in canvas pixels; (x, y) tuples of float.

    Right and left are the subject's own, as everywhere in ml_core.
    """

    def __init__(self, face: FaceFrame) -> None:
        self._face = face
        self.size = face.size
        self.unit = face.unit
        low, high = SCALE_RANGE
        self.scale = min(max(face.unit, low * face.size), high * face.size) / DESIGN_UNITS
        """Canvas pixels per design unit."""

    def point(self, index: int) -> tuple[float, float]:
        """Mesh point ``index``."""
        x, y = self._face.landmarks[index, :2].tolist()
        return x, y

    def eye(self, side: str) -> tuple[float, float]:
        """Centre of the ``right`` or ``left`` eye."""
        x, y = self._face.landmarks[list(_EYES[side]), :2].mean(axis=0).tolist()
        return x, y

    @cached_property
    def origin(self) -> tuple[float, float]:
        """Midpoint between the eyes."""
        (x0, y0), (x1, y1) = self.eye("right"), self.eye("left")
        return (x0 + x1) / 2.0, (y0 + y1) / 2.0

    @cached_property
    def axis(self) -> tuple[float, float]:
        """Unit vector from the subject's right eye to the left one."""
        (x0, y0), (x1, y1) = self.eye("right"), self.eye("left")
        length = math.hypot(x1 - x0, y1 - y0) or 1.0
        return (x1 - x0) / length, (y1 - y0) / length

    @property
    def tilt(self) -> float:
        """Degrees by which drawn things on the face are turned with it."""
        return math.degrees(math.atan2(self.axis[1], self.axis[0]))

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Point in face coordinates: outer-eye distances from the origin, x to the picture right, y down."""
        ax, ay = self.axis
        ox, oy = self.origin
        return ox + self.unit * (x * ax - y * ay), oy + self.unit * (x * ay + y * ax)

    @cached_property
    def centre(self) -> tuple[float, float]:
        """Middle of the face, between forehead top and chin."""
        (x0, y0), (x1, y1) = self.point(10), self.point(152)
        return (x0 + x1) / 2.0, (y0 + y1) / 2.0

    @cached_property
    def crown(self) -> float:
        """Canvas y of the top of the hair (or of the puppet, whatever is highest)."""
        _, top, _, height = cv2.boundingRect(self._face.alpha)
        return float(top) if height else self.point(10)[1]

    @property
    def floor(self) -> float:
        """Canvas y where the caption band begins."""
        return self.size * (1.0 - CAPTION_BAND)

    def clearance(self, x: float, y: float) -> float:
        """0 where a thing at (x, y) would hide eyes or mouth, 1 outside the face, smooth in between."""
        dx = (x - self.centre[0]) / (FEATURE_WIDTH * self.unit)
        dy = (y - self.origin[1] - FEATURE_DROP * self.unit) / (FEATURE_HEIGHT * self.unit)
        return min(max((math.hypot(dx, dy) - 1.0) / FEATURE_FADE, 0.0), 1.0)

    def rim(self, angles: Sequence[float]) -> list[float]:
        """Pixels from ``centre`` to the silhouette along each angle (radians, 0 right, -pi/2 up)."""
        alpha: NDArray[np.uint8] = self._face.alpha
        height, width = alpha.shape
        radii: NDArray[np.float32] = np.arange(RAY_STEP, max(height, width), RAY_STEP, dtype=np.float32)
        turn = np.asarray(angles, dtype=np.float32)[:, None]
        x = (self.centre[0] + np.cos(turn) * radii).astype(np.int32)
        y = (self.centre[1] + np.sin(turn) * radii).astype(np.int32)
        inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
        covered = inside & (alpha[y.clip(0, height - 1), x.clip(0, width - 1)] > COVERED)
        last = covered.shape[1] - 1 - np.argmax(covered[:, ::-1], axis=1)
        fallback = 0.9 * self.unit
        return [
            float(radii[k]) if hit else fallback
            for k, hit in zip(last.tolist(), covered.any(axis=1).tolist(), strict=True)
        ]

    @property
    def landmarks(self) -> Points:
        """(468, 2) float32, canvas pixels."""
        return self._face.landmarks
