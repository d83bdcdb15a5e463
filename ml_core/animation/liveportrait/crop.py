"""Cropping around a face and pasting the result back (Guo 2024, published cropping conventions)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.types import Image, Points

Matrix = NDArray[np.float32]
Anchors = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]

SHORTEST_AXIS = 1e-3

ANCHORS: Final[Mapping[int, Anchors]] = {
    68: ((36, 39), (42, 45), (48, 54)),
    106: ((33, 35, 40, 39), (87, 89, 94, 93), (52, 61)),
    203: ((0, 6, 12, 18), (24, 30, 36, 42), (48, 66)),
    # The mesh: corners and lid middles of the subject's right eye, then left, then the mouth corners.
    468: ((33, 159, 133, 145), (362, 386, 263, 374), (61, 291)),
}
"""Number of points -> indices whose means are the eye on the picture's left, the other eye, the lips."""


def crop_matrix(
    points: Points,
    side: int,
    scale: float,
    vy: float,
    *,
    rotated: bool = True,
    outline: tuple[int, ...] | None = None,
) -> Matrix:
    """(2, 3) float32 affine, frame -> square crop of ``side`` pixels.

    points: (N, 2) with N one of ANCHORS; scale: crop side over the points' extent; vy: shift of the
    centre along the face's own vertical, in crop sides; rotated: turn the face upright; outline: the points
    whose extent counts, all by default.
    """
    flat = np.asarray(points, np.float64)[:, :2]
    eyes_mouth = [flat[list(group)].mean(0) for group in ANCHORS[len(flat)]]
    up = eyes_mouth[2] - (eyes_mouth[0] + eyes_mouth[1]) / 2
    length = float(np.linalg.norm(up))
    axis_y = up / length if length >= SHORTEST_AXIS and rotated else np.array([0.0, 1.0])
    axis_x = np.array([axis_y[1], -axis_y[0]])
    angle = float(np.arccos(np.clip(axis_x[0], -1.0, 1.0))) * (-1.0 if axis_x[1] < 0 else 1.0)

    framed = flat if outline is None else flat[list(outline)]
    mean = framed.mean(0)
    local = (framed - mean) @ np.stack([axis_x, axis_y], 1)
    low, high = local.min(0), local.max(0)
    extent = float((high - low).max()) * scale
    middle = (low + high) / 2
    centre = mean + axis_x * middle[0] + axis_y * (middle[1] + vy * extent)

    s = side / extent
    cos, sin = s * np.cos(angle), s * np.sin(angle)
    linear = np.array([[cos, sin], [-sin, cos]])
    offset = side / 2 - linear @ centre
    return np.hstack([linear, offset[:, None]]).astype(np.float32)


def crop(frame: Image, matrix: Matrix, side: int) -> Image:
    """frame: (H, W, 3) uint8 -> (side, side, 3) uint8, bilinear, black outside."""
    return np.asarray(cv2.warpAffine(frame, matrix, (side, side), flags=cv2.INTER_LINEAR), np.uint8)


def soft_mask(side: int = 512, ramp: int = 16) -> NDArray[np.uint8]:
    """(side, side, 3) uint8: 255 inside, falling linearly to 0 over ``ramp`` pixels at the border."""
    steps = np.clip(np.minimum(np.arange(side), side - 1 - np.arange(side)) / ramp, 0.0, 1.0)
    mask = (np.minimum(steps[:, None], steps[None]) * 255.0).astype(np.uint8)
    return np.repeat(mask[:, :, None], 3, axis=2)


def paste_back(
    face: Image, crop_to_frame: NDArray[np.float32], frame: Image, mask: NDArray[np.uint8]
) -> Image:
    """Lay the crop over the frame through the mask.

    face, mask: (S, S, 3) uint8; crop_to_frame: (2 or 3, 3) affine; frame: (H, W, 3) uint8. Returns a new
    frame.
    """
    height, width = frame.shape[:2]
    matrix = np.asarray(crop_to_frame)[:2]
    laid = cv2.warpAffine(face, matrix, (width, height), flags=cv2.INTER_LINEAR)
    share = cv2.warpAffine(mask, matrix, (width, height), flags=cv2.INTER_LINEAR).astype(np.float32) / 255.0
    mixed = share * laid.astype(np.float32) + (1.0 - share) * frame.astype(np.float32)
    out: Image = np.clip(mixed, 0, 255).astype(np.uint8)
    return out
