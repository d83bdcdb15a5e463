"""CIE Lab (D65, sRGB): L 0..100, a and b about -100..100; the space all painting happens in."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.kernels import kernel
from ml_core.types import Image, Rgb

LabImage = NDArray[np.float32]
"""(H, W, 3) float32 CIE Lab."""
Field = NDArray[np.float32]
"""(H, W) float32."""
Colour = NDArray[np.float32]
"""(3,) float32 CIE Lab."""


def vector(values: Iterable[float]) -> Colour:
    """A short float32 vector: a Lab colour, an offset."""
    return np.asarray(tuple(values), np.float32)


def lab_from_rgb(image: Image) -> LabImage:
    """(H, W, 3) uint8 RGB -> Lab."""
    return np.asarray(
        cv2.cvtColor(image.astype(np.float32) * np.float32(1 / 255), cv2.COLOR_RGB2Lab), np.float32
    )


def rgb_from_lab(lab: LabImage) -> Image:
    """Lab -> (H, W, 3) uint8 RGB, clipped into the sRGB gamut."""
    rgb = cv2.cvtColor(lab, cv2.COLOR_Lab2RGB)
    return np.asarray(cv2.convertScaleAbs(np.clip(rgb, 0.0, 1.0), alpha=255.0), np.uint8)


def swatch(colour: Colour) -> Rgb:
    """One Lab colour as RGB 0..255."""
    red, green, blue = rgb_from_lab(np.asarray(colour, np.float32).reshape(1, 1, 3))[0, 0].tolist()
    return (red, green, blue)


def lab_from_swatch(rgb: Rgb) -> Colour:
    """One RGB colour 0..255 as Lab."""
    return np.asarray(lab_from_rgb(np.asarray(rgb, np.uint8).reshape(1, 1, 3))[0, 0], np.float32)


def smoothstep(value: NDArray[np.float32], low: float, high: float) -> NDArray[np.float32]:
    """0 below ``low``, 1 above ``high``, cubic Hermite between (the usual shading-language function)."""
    flat = np.ascontiguousarray(value, np.float32)
    out = np.empty_like(flat)
    _hermite(flat.reshape(-1), np.float32(low), np.float32(1.0 / (high - low)), out.reshape(-1))
    return out


@kernel(fastmath=True, boundscheck=False)
def _hermite(values, low, scale, out):  # type: ignore[no-untyped-def]
    """``smoothstep`` of (N,) in one pass: the many passes of array arithmetic cost ten times as much."""
    nothing, whole = np.float32(0.0), np.float32(1.0)
    for index in range(values.size):
        t = min(max((values[index] - low) * scale, nothing), whole)
        out[index] = t * t * (np.float32(3.0) - np.float32(2.0) * t)


def ramp(value: float, low: float, high: float) -> float:
    """``smoothstep`` of one number."""
    return float(smoothstep(vector([value]), low, high)[0])


def mix(base: LabImage, over: LabImage | Colour, coverage: Field) -> LabImage:
    """Paint ``over`` on ``base`` with (H, W) coverage 0..1. Works only where there is coverage."""
    painted = np.array(base, np.float32, order="C")
    _lay(
        np.ascontiguousarray(over, np.float32).reshape(-1, 3),
        np.ascontiguousarray(coverage, np.float32).reshape(-1),
        painted.reshape(-1, 3),
    )
    return painted


@kernel(fastmath=True, boundscheck=False)
def _lay(over, coverage, painted):  # type: ignore[no-untyped-def]
    """``mix`` in place. over: (N, 3) or (1, 3); coverage: (N,); painted: (N, 3)."""
    stride = 0 if over.shape[0] == 1 else 1
    for index in range(coverage.size):
        share = coverage[index]
        if share > np.float32(0.0):
            for channel in range(3):
                under = painted[index, channel]
                painted[index, channel] = under + (over[index * stride, channel] - under) * share
