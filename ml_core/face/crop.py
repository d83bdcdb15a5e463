"""The portrait frame: a square, de-rolled crop around the head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.face import topology
from ml_core.face.geometry import cut, moved, square_transform
from ml_core.face.landmarks import roi_of_points
from ml_core.types import PORTRAIT_SIDE, Image, Points

Floats = NDArray[np.float32]

CROP_FACE_HEIGHTS: Final = 2.55
"""Side of the crop in face heights: room for hair above and shoulders below."""
NARROWEST_FACE: Final = 1.12
"""Height over width below which the forehead is foreshortened and the width decides the scale."""


@dataclass(frozen=True)
class Portrait:
    """image (S, S, 3) uint8 RGB; valid (S, S) bool; to_portrait (2, 3) photo -> portrait frame."""

    image: Image
    valid: NDArray[np.bool_]
    to_portrait: Floats


def portrait_transform(points: Points, side: int = PORTRAIT_SIDE) -> Floats:
    """(2, 3) affine that brings the face of mesh ``points`` upright into the middle of the frame."""
    height = float(np.linalg.norm(points[topology.CHIN, :2] - points[topology.FOREHEAD, :2]))
    width = float(np.linalg.norm(points[topology.CHEEK_EDGE_LEFT] - points[topology.CHEEK_EDGE_RIGHT]))
    oval = points[list(topology.FACE_OVAL), :2]
    centre = (oval.max(axis=0) + oval.min(axis=0)) / 2
    length = max(height, width * NARROWEST_FACE) * CROP_FACE_HEIGHTS
    return square_transform(centre, length, roi_of_points(points).angle, side)


def cut_portrait(image: Image, to_portrait: Floats, side: int = PORTRAIT_SIDE) -> Portrait:
    """The portrait frame of ``image``; what lies beyond the photo is filled by smooth continuation."""
    crop = cut(image, to_portrait, side)
    height, width = image.shape[:2]
    corners = np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], dtype=np.float32)
    inside = np.zeros((side, side), np.uint8)
    cv2.fillConvexPoly(inside, np.round(moved(corners, to_portrait)).astype(np.int32), 1)
    valid = inside.astype(bool)
    return Portrait(crop if valid.all() else continued(crop, valid), valid, to_portrait)


def continued(image: Image, valid: NDArray[np.bool_]) -> Image:
    """``image`` with everything outside ``valid`` filled smoothly from inside: no edge, no stripe.

    Push-pull (Gortler et al. 1996, "The Lumigraph", sec. 3.4): average what is known at ever coarser
    scales, then fill each scale from the coarser one.
    """
    weight = _half(valid.astype(np.float32))
    levels = [(_half(cv2.copyTo(image, valid.astype(np.uint8)).astype(np.float32)), weight)]
    while min(levels[-1][1].shape) > 1:
        levels.append((_half(levels[-1][0]), _half(levels[-1][1])))
    filled = np.zeros((1, 1, 3), np.float32)
    for colour, weight in reversed(levels):
        height, width = weight.shape
        coarse = cv2.resize(filled, (width, height), interpolation=cv2.INTER_LINEAR).reshape(height, width, 3)
        # colours are weighted already: what is missing of the weight comes from the coarser scale
        missing = (1 - weight)[..., np.newaxis]
        filled = np.asarray(coarse * missing + colour.reshape(height, width, 3), np.float32)
    smooth = cv2.resize(filled, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.copyTo(image, valid.astype(np.uint8), smooth.astype(np.uint8)), np.uint8)


def _half(picture: Floats) -> Floats:
    size = ((picture.shape[1] + 1) // 2, (picture.shape[0] + 1) // 2)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
