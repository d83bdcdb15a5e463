"""FFHQ-style alignment (Karras et al. 2019, appendix C) from the 468-point mesh."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.face.geometry import cut, square_transform
from ml_core.types import Image, Mask, Points

# The six contour points of each eye and the mouth corners that FFHQ's 68-point scheme averages.
EYE_ON_THE_LEFT = (33, 160, 158, 133, 153, 144)
EYE_ON_THE_RIGHT = (362, 385, 387, 263, 373, 380)
MOUTH_CORNERS = (61, 291)

EYE_FACTOR, MOUTH_FACTOR = 2.0, 1.8
DOWN_SHIFT = 0.1
"""The square's centre lies this share of the eye-to-mouth way below the eyes."""
BLUR_SHARE = 0.02
FADE_SHARE = 0.3


@dataclass(frozen=True)
class AlignedFace:
    """image: (S, S, 3) uint8 RGB; matrix: (2, 3) float32 affine, source frame -> aligned frame."""

    image: Image
    matrix: NDArray[np.float32]


def ffhq_matrix(landmarks: Points, size: int) -> NDArray[np.float32]:
    """landmarks: (468, 2 or 3) in pixels. Returns the (2, 3) affine onto a square of ``size`` pixels."""
    flat = np.asarray(landmarks, np.float64)[:, :2]
    left, right, mouth = (
        flat[list(group)].mean(0) for group in (EYE_ON_THE_LEFT, EYE_ON_THE_RIGHT, MOUTH_CORNERS)
    )
    eyes = (left + right) / 2
    across, down = right - left, mouth - eyes
    axis = across + np.array([down[1], -down[0]])
    half = max(EYE_FACTOR * np.linalg.norm(across), MOUTH_FACTOR * np.linalg.norm(down))
    centre = eyes + DOWN_SHIFT * down
    angle = float(np.arctan2(axis[1], axis[0]))
    return square_transform(centre.astype(np.float32), float(2 * half), angle, size)


def align(image: Image, landmarks: Points, size: int, valid: NDArray[np.bool_] | None = None) -> AlignedFace:
    """Cut the FFHQ square; where it leaves the picture, mirrored pixels fade to blurred, then to the median.

    image: (H, W, 3) uint8 RGB; valid: (H, W), false where ``image`` itself was filled up.
    """
    matrix = ffhq_matrix(landmarks, size)
    face = cut(image, matrix, size, cv2.BORDER_REFLECT_101)
    known = np.ones(image.shape[:2], np.uint8) if valid is None else valid.astype(np.uint8)
    inside = cv2.warpAffine(known, matrix, (size, size), flags=cv2.INTER_NEAREST)
    if inside.all() or not inside.any():
        return AlignedFace(face, matrix)
    away = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 3) / (FADE_SHARE * size)
    blurred = cv2.GaussianBlur(face, (0, 0), BLUR_SHARE * size).astype(np.float32)
    share = np.clip(away * 3.0, 0.0, 1.0)[..., None]
    faded = face * (1.0 - share) + blurred * share
    median = np.median(face.reshape(-1, 3), axis=0)
    faded += (median - faded) * np.clip(away, 0.0, 1.0)[..., None]
    return AlignedFace(np.asarray(np.clip(np.round(faded), 0, 255), np.uint8), matrix)


def lay_back(
    face: Image, matrix: NDArray[np.float32], shape: tuple[int, int], ramp: float = 0.04
) -> tuple[Image, Mask]:
    """The aligned picture in its source frame, and how much of it counts there.

    face: (S, S, 3) uint8; shape: (H, W) of the source frame; ramp: soft border in sides.
    Returns (H, W, 3) uint8 and (H, W) float32 in 0..1.
    """
    size = len(face)
    steps = np.minimum(np.arange(size), size - 1 - np.arange(size)) / max(1.0, ramp * size)
    cover = np.clip(np.minimum(steps[:, None], steps[None]), 0.0, 1.0).astype(np.float32)
    back = np.asarray(cv2.invertAffineTransform(matrix.astype(np.float64)), np.float32)
    shrink = float(np.hypot(back[0, 0], back[1, 0]))
    if shrink < 1.0:  # a 1024 px face in a 600 px frame: take away what the frame cannot show
        face = np.asarray(cv2.GaussianBlur(face, (0, 0), 0.4 / shrink), np.uint8)
    where = (shape[1], shape[0])
    laid = cv2.warpAffine(face, back, where, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(laid, np.uint8), np.asarray(cv2.warpAffine(cover, back, where), np.float32)
