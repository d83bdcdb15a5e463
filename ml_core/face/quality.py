"""Gates: what a face must have to become a sticker, each with a number and a refusal that helps.

Every gate is a score in ``FaceAnalysis.scores``, higher is better, and a limit below which the photo
is refused.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ml_core.errors import PhotoRejected
from ml_core.face import topology
from ml_core.face.exposure import lab_of
from ml_core.face.shapes import resized
from ml_core.types import HeadPose, Image, Points

LEAST_EYE_DISTANCE: Final = 22.0
"""Photo pixels between the outer eye corners: a face of about 44 px, enlarged 9 times."""
MOST_TURNED: Final = 35.0
"""Degrees of yaw or pitch at which the far eye is hidden."""
LEAST_LIGHT: Final = 14.0
"""L that the brightest twentieth of the face must reach."""
SHARPNESS_UNIT: Final = 32
"""All faces are compared at this many pixels between the outer eye corners: a small sharp face passes."""
LEAST_SHARPNESS: Final = 1.2


def check_size(unit_px: float) -> None:
    """Raises PhotoRejected face_too_small."""
    if unit_px < LEAST_EYE_DISTANCE:
        raise PhotoRejected(
            "face_too_small",
            f"The face is only about {unit_px * 2:.0f} pixels wide; send a photo where it is closer.",
            eye_distance_px=round(unit_px, 1),
            least_px=LEAST_EYE_DISTANCE,
        )


def check_pose(pose: HeadPose) -> None:
    """Raises PhotoRejected turned_away."""
    if max(abs(pose.yaw), abs(pose.pitch)) > MOST_TURNED:
        raise PhotoRejected(
            "turned_away",
            f"The face is turned away by {max(abs(pose.yaw), abs(pose.pitch)):.0f} degrees; "
            "send a photo that looks at the camera.",
            yaw=round(pose.yaw),
            pitch=round(pose.pitch),
            most=MOST_TURNED,
        )


def light(image: Image, points: Points) -> float:
    """L of the brightest twentieth of the uncorrected face; dark skin in daylight has 35 and more."""
    oval = points[list(topology.FACE_OVAL), :2]
    low, high = np.clip(oval.min(axis=0), 0, None).astype(int), np.ceil(oval.max(axis=0)).astype(int)
    face = np.ascontiguousarray(image[low[1] : high[1] : 4, low[0] : high[0] : 4])
    return float(np.percentile(lab_of(face)[..., 0], 95))


def check_light(value: float) -> None:
    """Raises PhotoRejected face_too_dark."""
    if value < LEAST_LIGHT:
        raise PhotoRejected(
            "face_too_dark",
            "The face is too dark to see; send a photo taken in better light.",
            lightness=round(value, 1),
            least=LEAST_LIGHT,
        )


def sharpness(image: Image, points: Points) -> float:
    """How fine the finest detail of eyes and mouth is: see LEAST_SHARPNESS."""
    unit = topology.unit_of(points)
    scale = SHARPNESS_UNIT / unit
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.float32)
    side = max(8, round(grey.shape[0] * scale))
    grey = resized(grey, side)
    oval = points[list(topology.FACE_OVAL), :2] * np.float32(scale)
    low, high = np.clip(oval.min(axis=0), 0, None).astype(int), np.ceil(oval.max(axis=0)).astype(int)
    face = grey[low[1] : high[1], low[0] : high[0]]
    gradient = np.hypot(cv2.Sobel(face, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(face, cv2.CV_32F, 0, 1) / 8)
    contrast = float(np.percentile(face, 98) - np.percentile(face, 2))
    return float(np.percentile(gradient, 99)) / max(contrast, 1.0) * 10


def check_sharpness(value: float) -> None:
    """Raises PhotoRejected face_blurred."""
    if value < LEAST_SHARPNESS:
        raise PhotoRejected(
            "face_blurred",
            "The face is blurred; send a sharper photo.",
            sharpness=round(value, 2),
            least=LEAST_SHARPNESS,
        )
