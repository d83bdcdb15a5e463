"""Similarity transforms: fitting, applying, and cutting turned squares out of pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.types import Image, Points

Floats = NDArray[np.float32]

_SHRINK_FIRST: Final = 2.0
"""A warp samples 2 x 2 pixels: shrinking by more than this aliases unless the picture is averaged first."""


@dataclass(frozen=True)
class Similarity:
    """x -> scale * rotation @ x + translation; rotation (D, D), translation (D,)."""

    scale: float
    rotation: Floats
    translation: Floats

    def apply(self, points: Points) -> Points:
        moved: Points = (self.scale * points @ self.rotation.T + self.translation).astype(np.float32)
        return moved

    def undo(self, points: Points) -> Points:
        moved: Points = ((points - self.translation) @ self.rotation / self.scale).astype(np.float32)
        return moved


def rigid(source: Points, target: Points) -> Similarity:
    """The similarity that takes (N, D) source to target with least squared error.

    Umeyama 1991, "Least-squares estimation of transformation parameters between two point
    patterns", equations 40 to 43; the sign of the last singular value forbids reflections.
    """
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    a, b = (source - source_mean).astype(np.float64), (target - target_mean).astype(np.float64)
    U, singular, Vt = np.linalg.svd(b.T @ a)
    signs = np.ones(len(singular))
    signs[-1] = np.sign(np.linalg.det(U @ Vt))
    R = (U * signs) @ Vt
    scale = float((singular * signs).sum() / max(float((a**2).sum()), 1e-12))
    translation = target_mean - scale * R @ source_mean
    return Similarity(scale, R.astype(np.float32), translation.astype(np.float32))


def square_transform(centre: Floats, side: float, angle: float, pixels: int) -> Floats:
    """(2, 3) affine: the square of ``side`` at ``centre`` turned by ``angle`` radians -> pixels x pixels."""
    c, s = np.cos(angle) * pixels / side, np.sin(angle) * pixels / side
    x, y = float(centre[0]), float(centre[1])
    return np.array(
        [[c, s, pixels / 2 - c * x - s * y], [-s, c, pixels / 2 + s * x - c * y]], dtype=np.float32
    )


def inverse(affine: Floats) -> Floats:
    """The (2, 3) affine that undoes ``affine``."""
    return np.asarray(cv2.invertAffineTransform(affine.astype(np.float64)), dtype=np.float32)


def moved(points: Floats, affine: Floats) -> Floats:
    """(N, 2) points through a (2, 3) affine."""
    out: Floats = (points @ affine[:, :2].T + affine[:, 2]).astype(np.float32)
    return out


def cut(image: Image, affine: Floats, pixels: int, border: int = cv2.BORDER_REPLICATE) -> Image:
    """(pixels, pixels, 3) picture that ``affine`` maps from ``image``; averaged first where it shrinks.

    Only the part of ``image`` under the square is averaged, so a small square costs little.
    """
    scale = float(np.hypot(affine[0, 0], affine[1, 0]))
    if scale * _SHRINK_FIRST < 1:
        image, affine = _averaged(image, affine, scale, pixels)
    return np.asarray(
        cv2.warpAffine(image, affine, (pixels, pixels), flags=cv2.INTER_LINEAR, borderMode=border),
        dtype=np.uint8,
    )


def _averaged(image: Image, affine: Floats, scale: float, pixels: int) -> tuple[Image, Floats]:
    """``image`` around the square, area averaged to at most twice the wanted resolution."""
    corners = np.array([[0, 0], [pixels, 0], [0, pixels], [pixels, pixels]], dtype=np.float32)
    reach = moved(corners, inverse(affine))
    height, width = image.shape[:2]
    low = np.clip(np.floor(reach.min(axis=0)) - 4, 0, [width - 2, height - 2]).astype(int)
    high = np.clip(np.ceil(reach.max(axis=0)) + 4, low + 2, [width, height]).astype(int)
    part = image[low[1] : high[1], low[0] : high[0]]
    wanted = scale * _SHRINK_FIRST
    size = (max(2, round(part.shape[1] * wanted)), max(2, round(part.shape[0] * wanted)))
    small = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    stretch = np.array([part.shape[1] / size[0], part.shape[0] / size[1]], dtype=np.float32)
    linear = affine[:, :2] * stretch
    # pixel centres sit at half positions: x_full = (x_small + .5) * stretch - .5 + low
    offset = affine[:, 2] + affine[:, :2] @ (low.astype(np.float32) + stretch * 0.5 - 0.5)
    return small, np.column_stack([linear, offset]).astype(np.float32)
