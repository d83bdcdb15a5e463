"""A drawn face as the puppet would report it: real mesh points are not needed to place drawings."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ml_core.types import FaceFrame, Palette

SIZE = 256
UNIT = 0.24 * SIZE
# The mesh points that drawing uses, in outer-eye distances from the middle between the eyes.
POINTS = {
    33: (-0.50, 0.0), 133: (-0.19, 0.02), 159: (-0.34, -0.06), 145: (-0.34, 0.06),
    263: (0.50, 0.0), 362: (0.19, 0.02), 386: (0.34, -0.06), 374: (0.34, 0.06),
    17: (0.0, 0.92), 10: (0.0, -0.72), 152: (0.0, 1.30), 54: (-0.62, -0.42), 284: (0.62, -0.42),
    105: (-0.36, -0.26), 334: (0.36, -0.26), 6: (0.0, 0.10), 13: (0.0, 0.78), 14: (0.0, 0.82),
    205: (-0.44, 0.50), 425: (0.44, 0.50), 172: (-0.56, 0.92), 397: (0.56, 0.92),
    234: (-0.82, 0.10), 454: (0.82, 0.10), 116: (-0.68, 0.22), 345: (0.68, 0.22),
}  # fmt: skip


def face_frame(*, size: int = SIZE, turn: float = 0.0) -> FaceFrame:
    """A face in the upper middle of the canvas, turned by degrees clockwise."""
    unit = UNIT * size / SIZE
    origin = np.array([0.5 * size, 0.36 * size], np.float32)
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    rotation = np.array([[cos, -sin], [sin, cos]], np.float32)
    landmarks = np.tile(origin, (468, 1)).astype(np.float32)
    for index, place in POINTS.items():
        landmarks[index] = origin + unit * rotation @ np.array(place, np.float32)
    alpha = np.zeros((size, size), np.uint8)
    centre = (int(origin[0]), int(origin[1] + 0.2 * unit))
    cv2.ellipse(alpha, centre, (int(0.95 * unit), int(1.25 * unit)), turn, 0, 360, 255, -1)
    return FaceFrame(landmarks=landmarks, unit=unit, roll=turn, alpha=alpha, size=size)


@pytest.fixture
def face() -> FaceFrame:
    return face_frame()


@pytest.fixture
def palette() -> Palette:
    return Palette(
        skin=(214, 150, 110), skin_shadow=(176, 112, 78), lip=(180, 80, 80), brow=(60, 40, 30),
        hair=(50, 36, 30), iris=(70, 50, 40), line=(48, 30, 34), clothes=(60, 120, 200),
    )  # fmt: skip
