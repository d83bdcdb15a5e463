"""Soft masks of the regions of a face in a crop of the target picture, drawn along its mesh."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.face import topology
from ml_core.face.shapes import blur, smoothstep
from ml_core.swap.look import FACE_REGIONS
from ml_core.types import Mask, Points

NOSE: Final = (
    168, 193, 245, 188, 174, 217, 126, 142, 129, 98, 97, 2, 326, 327, 358, 371, 355, 437, 399, 412, 465, 417,
)  # fmt: skip
"""Around bridge, sides and wings of the nose."""
FEATHER: Final = 0.035
"""Softness of a region's edge in outer-eye distances."""
RIM: Final = (0.015, 0.17)
"""Outer-eye distances from the mesh's edge over which the whole face fades in."""
GROWTH: Final = {"eyes": 0.07, "brows": 0.06, "nose": 0.02, "mouth": 0.05}
"""How far a region reaches beyond its contour: lids and lashes, the hairs of a brow, the lips' shadow."""

_CONTOURS: Final[dict[str, tuple[Sequence[int], ...]]] = {
    "eyes": (topology.EYE_RIGHT, topology.EYE_LEFT),
    "brows": (topology.BROW_RIGHT, topology.BROW_LEFT),
    "nose": (NOSE,),
    "mouth": (topology.LIPS_OUTER,),
}


def filled(points: Points, contour: Sequence[int], shape: tuple[int, int], grow: float = 0.0) -> Mask:
    """(H, W) float32: ``contour`` of ``points``, antialiased, grown by ``grow`` pixels."""
    mask = np.zeros(shape, np.uint8)
    outline = np.round(points[list(contour), :2] * 16).astype(np.int32)
    cv2.fillPoly(mask, [outline], 255, cv2.LINE_AA, 4)
    if grow > 0:
        cv2.polylines(mask, [outline], True, 255, max(1, round(2 * grow)), cv2.LINE_AA, 4)
    return mask.astype(np.float32) * np.float32(1 / 255)


def feature(name: str, points: Points, shape: tuple[int, int], unit: float) -> Mask:
    """One of eyes, brows, nose, mouth, both sides, with a soft edge."""
    masks = [filled(points, contour, shape, GROWTH[name] * unit) for contour in _CONTOURS[name]]
    return blur(np.maximum.reduce(masks), max(FEATHER * unit, 0.7))


def whole(seen: NDArray[np.bool_], unit: float) -> Mask:
    """Everything of the mesh that is seen, fading towards its edge."""
    inside = np.asarray(cv2.distanceTransform(seen.astype(np.uint8), cv2.DIST_L2, 5), np.float32)
    return smoothstep(inside / np.float32(unit), *RIM)


def chosen(names: Sequence[str], points: Points, seen: NDArray[np.bool_], unit: float) -> Mask:
    """The union of the named regions; no names, or all of them, are the whole face."""
    face = whole(seen, unit)
    if not names or set(names) == set(FACE_REGIONS):
        return face
    parts = {name: feature(name, points, seen.shape, unit) for name in FACE_REGIONS if name != "skin"}
    rest = np.clip(face - np.maximum.reduce(list(parts.values())), 0, 1)
    picked = [parts.get(name, rest) for name in names]
    union: Mask = np.minimum(np.clip(np.add.reduce(picked), 0, 1), smoothstep_edge(face))
    return union


def smoothstep_edge(face: Mask) -> Mask:
    """Features near the edge of the mesh (outer brows) keep nearly all of their strength."""
    return np.clip(face * 3, 0, 1).astype(np.float32)
