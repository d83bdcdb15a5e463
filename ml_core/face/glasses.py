"""Are there glasses? A frame has to cross the bridge of the nose, and skin there has no edge of its own.

Rings around the eyes were tried and gave brows, bags and lashes away as frames; the bridge alone told
real and drawn glasses from bare faces. Rimless and very pale frames stay unseen, so the person's own
word (``FaceAnalyser.analyse(glasses=...)``) always wins.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.face import topology
from ml_core.face.exposure import lab_of
from ml_core.face.geometry import cut, moved, square_transform
from ml_core.types import Image, Points

UNIT: Final = 80
"""Pixels between the outer eye corners of the picture that is searched."""
COLUMNS: Final = 9
HALF_WIDTH: Final = 0.08
"""Of the distance between the inner eye corners: stays on the ridge, clear of the shadows beside it."""
ABOVE, BELOW = 0.16, 0.14
"""Height searched around the eye line, in outer-eye distances: from the brows to the middle of the nose."""
LEAST_EVIDENCE: Final = 4.0
"""Geometric middle of the largest bare face (2.0) and the weakest frame (9.1) that were measured."""


def glasses_evidence(image: Image, points: Points) -> float:
    """Mean strength of the best left-to-right edge over the ridge of the nose.

    image (S, S, 3) uint8 RGB with (468, 2+) points. In Lab gradient per pixel at UNIT, relative to a
    skin lightness of 50. See LEAST_EVIDENCE.
    """
    side = round(1.6 * UNIT)
    transform = square_transform(points[topology.NOSE_BRIDGE, :2], 1.6 * topology.unit_of(points), 0.0, side)
    lab = np.asarray(cv2.GaussianBlur(lab_of(cut(image, transform, side)), (0, 0), 0.8), dtype=np.float32)
    down = np.asarray(cv2.Sobel(lab, cv2.CV_32F, 0, 1), dtype=np.float32) / 8
    local = moved(points[:, :2], transform)
    right, left = local[topology.EYE_CORNERS_RIGHT[1]], local[topology.EYE_CORNERS_LEFT[1]]
    middle, reach = (right + left) / 2, float(np.linalg.norm(left - right)) * HALF_WIDTH
    x = np.linspace(middle[0] - reach, middle[0] + reach, COLUMNS, dtype=np.float32)
    y = np.arange(middle[1] - ABOVE * UNIT, middle[1] + BELOW * UNIT, dtype=np.float32)
    columns, rows = np.meshgrid(x, y)
    crossing = np.asarray(cv2.remap(down, columns, rows, cv2.INTER_LINEAR), dtype=np.float32)
    edge = np.sqrt((crossing**2).sum(axis=-1)).astype(np.float32)
    skin = max(float(np.median(lab[..., 0])), 10.0)
    return _strongest_path(edge) / skin * 50


def _strongest_path(edge: NDArray[np.float32]) -> float:
    """Over all left-to-right paths that climb at most one row a column, the largest mean edge."""
    best = edge[:, 0].copy()
    for column in edge.T[1:]:
        padded = np.pad(best, 1)
        best = np.maximum(np.maximum(padded[:-2], padded[1:-1]), padded[2:]) + column
    return float(best.max()) / COLUMNS
