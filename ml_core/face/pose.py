"""Head pose and the face frame: landmarks with the pose taken out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ml_core.face import topology
from ml_core.face.geometry import Similarity, rigid
from ml_core.types import HeadPose, Points

_STABLE: Final = list(topology.STABLE)


@dataclass(frozen=True)
class FaceFrame3d:
    """fit: reference shape -> picture. shape (468, 3): the landmarks frontal, in outer-eye distances."""

    fit: Similarity
    shape: Points
    pose: HeadPose


def face_frame(landmarks: Points) -> FaceFrame3d:
    """Pose of (468, 3) landmarks by a similarity fit to the reference shape (see geometry.rigid)."""
    fit = rigid(topology.REFERENCE[_STABLE], landmarks[_STABLE])
    return FaceFrame3d(fit, fit.undo(landmarks), _angles(fit))


def _angles(fit: Similarity) -> HeadPose:
    """R = Rz(roll) Ry(yaw) Rx(pitch), y down and z away: the nose looks along -z."""
    R = fit.rotation.astype(np.float64)
    roll = np.arctan2(R[1, 0], R[0, 0])
    c, s = np.cos(roll), np.sin(roll)
    nose = -(np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]]) @ R[:, 2])
    yaw = np.arctan2(nose[0], -nose[2])
    pitch = np.arcsin(np.clip(nose[1], -1, 1))
    return HeadPose(yaw=float(np.degrees(yaw)), pitch=float(np.degrees(pitch)), roll=float(np.degrees(roll)))


def iris_in_frame(frame: FaceFrame3d, points: Points, iris: Points) -> Points:
    """(2, 5, 2) irises in the face frame; they lie as deep as the corners of their eye."""
    eyes = (topology.EYE_CORNERS_RIGHT, topology.EYE_CORNERS_LEFT)
    depths = [np.full((5, 1), points[list(corners), 2].mean(), np.float32) for corners in eyes]
    return np.stack(
        [frame.fit.undo(np.hstack([rim, deep]))[:, :2] for rim, deep in zip(iris, depths, strict=True)]
    )
