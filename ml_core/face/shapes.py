"""Soft masks made of mesh contours, and the small filters that matte and regions share."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.types import Mask, Points

Floats = NDArray[np.float32]
_SUBPIXEL = 4
"""Fixed-point bits of cv2.fillPoly."""


def polygon(points: Points, contour: Sequence[int], side: int, grow: float = 0.0) -> Mask:
    """(side, side) filled ``contour`` of ``points``, antialiased, widened by ``grow`` pixels."""
    mask = np.zeros((side, side), np.uint8)
    path = np.round(points[list(contour), :2] * 2**_SUBPIXEL).astype(np.int32)
    cv2.fillPoly(mask, [path], 255, cv2.LINE_AA, _SUBPIXEL)
    if grow >= 1:
        width = 2 * round(grow) + 1
        mask = np.asarray(
            cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))), np.uint8
        )
    return mask.astype(np.float32) * np.float32(1 / 255)


def scaled_about(points: Points, contour: Sequence[int], factor: float) -> Points:
    """``points`` with ``contour`` scaled about its own centre."""
    out = points[:, :2].copy()
    ids = list(contour)
    centre = out[ids].mean(axis=0)
    out[ids] = centre + (out[ids] - centre) * np.float32(factor)
    return out


def smoothstep(value: Floats, low: float, high: float) -> Floats:
    """0 below low, 1 above high, cubic between; low > high turns it round."""
    t = np.clip((value - np.float32(low)) * np.float32(1 / (high - low)), 0, 1)
    out: Floats = t * t * (3 - 2 * t)
    return out


def blur(mask: Mask, sigma: float) -> Mask:
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), sigma), dtype=np.float32)


def resized(mask: Mask, side: int) -> Mask:
    """(side, side); averaged when it shrinks, linear when it grows."""
    if mask.shape[0] == side:
        return mask
    way = cv2.INTER_AREA if side < mask.shape[0] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(mask, (side, side), interpolation=way), dtype=np.float32)


def guided(guide: Mask, mask: Mask, radius: int, eps: float) -> Mask:
    """``mask`` made to follow the edges of ``guide`` (both (H, W), 0..1).

    He, Sun, Tang 2013, "Guided image filtering", equations 5 to 8.
    """

    def mean(values: Floats) -> Floats:
        size = (2 * radius + 1, 2 * radius + 1)
        return np.asarray(cv2.blur(values, size, borderType=cv2.BORDER_REFLECT), dtype=np.float32)

    mean_guide, mean_mask = mean(guide), mean(mask)
    covariance = mean((guide * mask).astype(np.float32, copy=False)) - mean_guide * mean_mask
    variance = mean((guide * guide).astype(np.float32, copy=False)) - mean_guide * mean_guide
    a = (covariance / (variance + np.float32(eps))).astype(np.float32, copy=False)
    b = (mean_mask - a * mean_guide).astype(np.float32, copy=False)
    out: Mask = mean(a) * guide + mean(b)
    return out


def rows_and_columns(side: int) -> tuple[Floats, Floats]:
    """Row numbers (side, 1) and column numbers (1, side): they broadcast, they need no memory."""
    line = np.arange(side, dtype=np.float32)
    return line[:, np.newaxis], line[np.newaxis, :]
