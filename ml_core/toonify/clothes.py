"""Clothes, hats and jewellery: the photo's colours in a few steps of lightness."""

from __future__ import annotations

import cv2
import numpy as np

from ml_core.toonify.colour import Field, LabImage, lab_from_rgb, rgb_from_lab, smoothstep
from ml_core.toonify.study import Keys, Study
from ml_core.toonify.styles import Style

MEDIAN = 5
MIN_RANGE = 18.0
"""Lightness range below which cloth is one tone: its noise must not become a pattern."""


def stepped(lightness: Field, low: float, high: float, levels: int, softness: float) -> Field:
    """Soft quantisation of lightness (Winnemoeller 2006, section 3.3): steps with edges of given softness."""
    span = max(high - low, MIN_RANGE) / levels
    position = np.clip((lightness - low) / span, 0.0, levels - 1e-3)
    whole = np.floor(position)
    part = smoothstep(np.asarray(position - whole, np.float32), 0.5 - softness - 0.02, 0.5 + softness + 0.02)
    return np.asarray(low + (whole + part) * span, np.float32)


def painted_cloth(sitter: Study, keys: Keys, style: Style) -> LabImage:
    """Everything that is neither flesh nor hair."""
    rgb = rgb_from_lab(sitter.base)
    for _ in range(2):
        rgb = np.asarray(cv2.medianBlur(rgb, MEDIAN), np.uint8)
    cloth = lab_from_rgb(rgb)
    low, high = (float(x) for x in keys.cloth_range)
    lightness = stepped(cloth[..., 0], low, high, style.cloth_levels, style.cloth_softness) + 2.0
    return np.asarray(
        np.concatenate([lightness[..., None], cloth[..., 1:] * np.float32(style.chroma)], axis=2), np.float32
    )
