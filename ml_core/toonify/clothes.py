"""Clothes, hats and jewellery: the photo's colours in a few steps of lightness, or in a few colours."""

from __future__ import annotations

import cv2
import numpy as np

from ml_core.toonify.colour import Field, LabImage, lab_from_rgb, rgb_from_lab, smoothstep, vector
from ml_core.toonify.keying import HUE_FIRST, Keys
from ml_core.toonify.smoothing import blur
from ml_core.toonify.study import Study
from ml_core.toonify.styles import Style

GRID = 2
"""Folds are wide: they are found on every second pixel, and only their borders drawn at full size."""
MEDIAN = 9
FOLD_BLUR = 0.022
"""Units: folds narrower than this are not drawn."""
BLACK_CLOTH = 9.0
DARK_CLOTH, DARK_HUE_BLUR = (4.0, 18.0), 0.12
"""Lightness over which cloth shows its own hue, and units around from which it is taken below that."""
MIN_STEP = 8.0
"""Smallest step of lightness: the noise of dark or plain cloth must not become a pattern."""


def stepped(lightness: Field, low: float, high: float, levels: int, softness: float) -> Field:
    """Soft quantisation of lightness (Winnemoeller 2006, section 3.3): steps with edges of given softness."""
    levels = max(1, min(levels, int((high - low) / MIN_STEP)))
    span = max(high - low, MIN_STEP) / levels
    position = np.clip((lightness - low) / span, 0.0, levels - 1e-3)
    whole = np.floor(position)
    part = smoothstep(np.asarray(position - whole, np.float32), 0.5 - softness - 0.02, 0.5 + softness + 0.02)
    return np.asarray(low + (whole + part) * span, np.float32)


def calm(base: LabImage) -> LabImage:
    """Cloth without weave and small print: a median on a reduced grid."""
    height, width = base.shape[:2]
    rgb = rgb_from_lab(base)
    small = cv2.resize(rgb, (max(1, width // GRID), max(1, height // GRID)), interpolation=cv2.INTER_AREA)
    for _ in range(2):
        small = cv2.medianBlur(small, MEDIAN)
    lab = lab_from_rgb(np.asarray(small, np.uint8))
    return np.asarray(cv2.resize(lab, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def painted_cloth(sitter: Study, keys: Keys, style: Style) -> LabImage:
    """Everything that is neither flesh nor hair."""
    cloth = calm(sitter.base)
    if style.cloth_poster:
        return poster(cloth, keys.cloth_colours, style, sitter.face.unit)
    low, high = (float(x) for x in keys.cloth_range)
    folds = blur(cloth[..., 0], FOLD_BLUR * sitter.face.unit)
    lightness = _lifted(stepped(folds, low, high, style.cloth_levels, style.cloth_softness))
    # In the dark the camera's noise colours every patch differently: hue is taken from further around there.
    around = blur(cloth[..., 1:], DARK_HUE_BLUR * sitter.face.unit)
    own = smoothstep(folds, *DARK_CLOTH)[..., None]
    chroma = (around + (cloth[..., 1:] - around) * own) * np.float32(style.chroma)
    return np.asarray(np.concatenate([lightness[..., None], chroma], axis=2), np.float32)


def _lifted(lightness: Field) -> Field:
    """Lightness with black raised to where a pen line still shows on it."""
    return np.asarray(BLACK_CLOTH + lightness * np.float32((100.0 - BLACK_CLOTH) / 100.0), np.float32)


def poster(cloth: LabImage, colours: LabImage, style: Style, unit: float) -> LabImage:
    """Cloth in a handful of flat colours with rounded borders. colours: (K, 3) Lab."""
    nearest = np.argmin(
        [np.sum(((cloth - colour) * HUE_FIRST) ** 2, axis=2) for colour in colours], axis=0
    ).astype(np.uint8)
    shares = np.stack([blur((nearest == k).astype(np.float32), 0.020 * unit) for k in range(len(colours))])
    # Softmax of the blurred memberships: a border about two pixels wide.
    weights = np.exp(40.0 * (shares - shares.max(axis=0)))
    weights /= weights.sum(axis=0)
    flat = np.tensordot(weights, colours * vector([1.0, style.chroma, style.chroma]), axes=(0, 0))
    flat[..., 0] = _lifted(np.asarray(flat[..., 0], np.float32))
    return np.asarray(flat, np.float32)
