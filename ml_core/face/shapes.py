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
    slope = t * -2
    slope += 3
    t *= t
    t *= slope
    return np.asarray(t, np.float32)


def blur(mask: Mask, sigma: float) -> Mask:
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), sigma), dtype=np.float32)


def resized(mask: Mask, side: int) -> Mask:
    """(side, side); averaged when it shrinks, linear when it grows."""
    if mask.shape[0] == side:
        return mask
    way = cv2.INTER_AREA if side < mask.shape[0] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(mask, (side, side), interpolation=way), dtype=np.float32)


class Guide:
    """A picture (H, W), 0..1, whose edges masks can follow.

    He, Sun, Tang 2013, "Guided image filtering", equations 5 to 8. radius: of the window in pixels; eps: the
    variance that counts as an edge.
    """

    def __init__(self, picture: Mask, radius: int, eps: float) -> None:
        self._picture = picture
        self._window = (2 * radius + 1, 2 * radius + 1)
        self._mean = self._averaged(picture)
        self._variance = self._averaged(picture * picture)
        self._variance -= self._mean * self._mean
        self._variance += np.float32(eps)

    def follow(self, mask: Mask) -> Mask:
        """``mask`` (H, W), 0..1, with its edges moved to those of the picture."""
        mean = self._averaged(mask)
        a = self._averaged(self._picture * mask)
        a -= self._mean * mean
        a /= self._variance
        mean -= a * self._mean
        out = self._averaged(a)
        out *= self._picture
        out += self._averaged(mean)
        return out

    def _averaged(self, values: Floats) -> Floats:
        averaged = cv2.blur(values, self._window, borderType=cv2.BORDER_REFLECT)
        return np.asarray(averaged, dtype=np.float32)


def rows_and_columns(side: int) -> tuple[Floats, Floats]:
    """Row numbers (side, 1) and column numbers (1, side): they broadcast, they need no memory."""
    line = np.arange(side, dtype=np.float32)
    return line[:, np.newaxis], line[np.newaxis, :]
