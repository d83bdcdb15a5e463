"""468 mesh points and irises of one face, refined on a turned square around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.face import topology
from ml_core.face.detection import Detection
from ml_core.face.geometry import cut, inverse, moved, square_transform
from ml_core.face.nets import IRIS_SIDE, MESH_SIDE, FaceNets
from ml_core.types import Image, Points

Floats = NDArray[np.float32]

MESH_ROI: Final = 1.5
"""Square side in face sizes that the mesh network was trained on (MediaPipe face_landmark graph)."""
IRIS_ROI: Final = 2.3
"""Square side in eye widths (MediaPipe iris graph)."""
MESH_PASSES: Final = 2
"""The second pass looks through the square of the first one's points; a third changes under 0.3 px."""
HALO_BLEND: Final = (0.5, 0.3)
"""How far the two rings of skin around the eye follow the iris network; the lid edge follows it fully."""


@dataclass(frozen=True)
class Roi:
    """A turned square: centre (2,) and side in photo pixels, angle in radians clockwise."""

    centre: Floats
    side: float
    angle: float


@dataclass(frozen=True)
class MeshFit:
    """points (468, 3) float32 in photo pixels, z in the same unit; presence 0..1; roi of the next look."""

    points: Points
    presence: float
    roi: Roi


def roi_of_detection(face: Detection) -> Roi:
    x, y, w, h = face.box
    return Roi(np.array([x + w / 2, y + h / 2], dtype=np.float32), max(w, h) * MESH_ROI, face.angle)


def roi_of_points(points: Points) -> Roi:
    """The square around mesh points, upright along the line between the outer eye corners."""
    dx, dy = points[topology.OUTER_EYE_LEFT, :2] - points[topology.OUTER_EYE_RIGHT, :2]
    angle = float(np.arctan2(dy, dx))
    c, s = np.cos(angle), np.sin(angle)
    upright = np.array([[c, s], [-s, c]], dtype=np.float32)
    turned = points[:, :2] @ upright.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    centre = upright.T @ ((low + high) / 2)
    return Roi(centre.astype(np.float32), max(float((high - low).max()), 1.0) * MESH_ROI, angle)


def fit_mesh(nets: FaceNets, image: Image, roi: Roi, passes: int = MESH_PASSES) -> MeshFit:
    """The mesh of the face in ``roi`` of an (H, W, 3) RGB picture."""
    for _ in range(passes):
        to_square = square_transform(roi.centre, roi.side, roi.angle, MESH_SIDE)
        raw, presence = nets.mesh(cut(image, to_square, MESH_SIDE))
        flat = moved(raw[:, :2], inverse(to_square))
        depth = raw[:, 2:] * np.float32(roi.side / MESH_SIDE)
        points = np.hstack([flat, depth]).astype(np.float32)
        roi = roi_of_points(points)
    return MeshFit(points, presence, roi)


def refine_eyes(nets: FaceNets, image: Image, points: Points) -> tuple[Points, Points]:
    """(468, 3) points with the lids of the iris network, and (2, 5, 2) irises, right then left."""
    refined = points.copy()
    angle = roi_of_points(points).angle
    irises = []
    for contour, halo, (outer, inner), mirrored in (
        (topology.EYE_CONTOUR_RIGHT, topology.EYE_HALO_RIGHT, topology.EYE_CORNERS_RIGHT, False),
        (topology.EYE_CONTOUR_LEFT, topology.EYE_HALO_LEFT, topology.EYE_CORNERS_LEFT, True),
    ):
        ends = points[[outer, inner], :2]
        side = max(float(np.linalg.norm(ends[0] - ends[1])), 1.0) * IRIS_ROI
        to_square = square_transform(ends.mean(axis=0), side, angle, IRIS_SIDE)
        eye = cut(image, to_square, IRIS_SIDE)
        found, iris = nets.iris(np.asarray(cv2.flip(eye, 1), dtype=np.uint8) if mirrored else eye)
        if mirrored:  # the network knows the eye on the left of the picture only
            found, iris = _mirrored(found), _mirrored(iris)
        back = inverse(to_square)
        lids = moved(found[: len(contour) + len(halo)].astype(np.float32), back)
        weight = np.repeat([1.0, *HALO_BLEND], len(contour))[:, np.newaxis].astype(np.float32)
        indices = [*contour, *halo]
        refined[indices, :2] = refined[indices, :2] * (1 - weight) + lids * weight
        irises.append(moved(iris.astype(np.float32), back))
    return refined, np.stack(irises).astype(np.float32)


def _mirrored(points: Points) -> Points:
    return np.column_stack([IRIS_SIDE - points[:, 0], points[:, 1]]).astype(np.float32)
