"""The bust: where a sticker's figure ends below the chin, as one designed curve."""

from __future__ import annotations

import cv2
import numpy as np

from ml_core.face import topology
from ml_core.toonify.smoothing import crisp
from ml_core.types import Mask, Points

HALF_WIDTH, DEPTH, CORNER = 1.42, 0.90, 2.7
"""Size of the bust in outer-eye distances, and the exponent of its superellipse corners.

Arms and long bodies would leave the head small, and the head is what acts.
"""
FREE = 0.35
"""Units above the chin over which the cut begins, so that long hair is led in by a curve."""
ROUNDING = 0.085
"""Units: shoulders that meet the cut at an angle become a curve of about twice this radius."""
ROUNDED_FROM = (0.15, 0.45)
"""Units below the chin over which rounding sets in: hair and ears keep their corners."""


def bust_shape(landmarks: Points, side: int, first_row: int = 0) -> Mask:
    """(side - first_row, side) in 0..1: a rounded bust under the chin, 1 above it. landmarks: (468, 3)."""
    right, left = landmarks[[topology.OUTER_EYE_RIGHT, topology.OUTER_EYE_LEFT]]
    unit = float(np.linalg.norm(left - right))  # with depth: a turned head is not a narrow one
    middle = landmarks[[topology.CHEEK_EDGE_RIGHT, topology.CHEEK_EDGE_LEFT], 0].mean()
    chin = landmarks[topology.CHIN, 1]
    rows, columns = np.arange(first_row, side, dtype=np.float32)[:, None], np.arange(side, dtype=np.float32)
    across = np.abs(columns - middle) / (HALF_WIDTH * unit)
    down = np.maximum(rows - chin, 0) / (DEPTH * unit)
    distance = (across**CORNER + down**CORNER) ** (1 / CORNER)
    below = np.asarray(np.clip((1 - distance) * DEPTH * unit + 0.5, 0, 1), np.float32)
    # Above the chin nothing is cut, however wide the hair: the curve only begins there.
    free = np.clip((chin - rows) / (FREE * unit), 0, 1)
    return np.asarray(np.maximum(below, free), np.float32)


def as_bust(alpha: Mask, landmarks: Points) -> Mask:
    """(S, S) silhouette cut to a bust whose corners are rounded.

    Rounding is a step of curvature motion (see smoothing.rounded) that may only take away: what it would add
    has no picture. Rows above the curve are the silhouette's own.
    """
    side = alpha.shape[0]
    unit, chin = topology.unit_of(landmarks), float(landmarks[topology.CHIN, 1])
    sigma = ROUNDING * unit
    # The blur of the first row that is rounded reaches four sigma up.
    first = int(np.clip(chin - max(FREE * unit, 4 * sigma) - 2, 0, side - 1))
    cut = alpha[first:] * bust_shape(landmarks, side, first)
    smooth = crisp(np.asarray(cv2.GaussianBlur(cut, (0, 0), sigma), np.float32))
    rows = np.arange(first, side, dtype=np.float32)[:, None]
    low, high = (chin + share * unit for share in ROUNDED_FROM)
    share = np.clip((rows - low) / (high - low), 0, 1)
    return np.concatenate([alpha[:first], cut + (np.minimum(cut, smooth) - cut) * share.astype(np.float32)])
