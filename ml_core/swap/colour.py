"""The source's features in the target's light and complexion.

What varies slowly over the skin (light, shadow, complexion) is taken from the target, what varies quickly
(pores,
folds, features) from the source, as a ratio in lightness and a difference in chroma: the quotient image of
Liu, Shan, Zhang 2001 ("Expressive expression mapping with ratio images", sec. 3), in CIE Lab. Ratios keep the
contrast of brows and lips on any complexion. The white of the eyes and teeth follow the light only in
part: they are as white in a dark face as in a fair one.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.face.shapes import blur
from ml_core.types import Image, Mask

Floats = NDArray[np.float32]

SLOW: Final = 0.42
"""Sigma in outer-eye distances of what counts as light and complexion."""
COARSE_UNIT: Final = 24.0
"""Slow things are measured with the eyes this many pixels apart."""
RATIOS: Final = (0.3, 2.2)
"""Of the target's lightness to the source's, over the whole face."""
LOCAL_RATIOS: Final = (0.72, 1.3)
"""Of light in one place to light over the whole face: beyond it is no light but a fringe or a beard."""
WHITES: Final = 0.65
"""How little eyes and teeth follow the light: 1 not at all."""
HEADROOM: Final = 5.0
"""Lightness above the target's brightest skin that highlights of the source may reach."""
CHROMA_RATIOS: Final = (0.6, 1.25)


def lab_of(image: Image) -> Floats:
    """(H, W, 3) uint8 RGB -> float32 Lab, L 0..100."""
    return np.asarray(cv2.cvtColor(image.astype(np.float32) * np.float32(1 / 255), cv2.COLOR_RGB2LAB))


def rgb_of(lab: Floats) -> Floats:
    """Float32 Lab -> (H, W, 3) float32 RGB, 0..255."""
    return np.asarray(np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), 0, 1) * np.float32(255))


def slow_part(lab: Floats, skin: Mask, unit: float) -> Floats:
    """(H, W, 3): ``lab`` averaged over ``skin`` nearby (normalised convolution, Knutsson, Westin 1993)."""
    height, width = skin.shape
    scale = min(1.0, COARSE_UNIT / unit)
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    sigma = SLOW * unit * scale
    weight = np.asarray(cv2.resize(skin, size, interpolation=cv2.INTER_AREA), np.float32)
    value = np.asarray(
        cv2.resize(lab * skin[..., np.newaxis], size, interpolation=cv2.INTER_AREA), np.float32
    )
    mean = value.reshape(-1, 3).sum(axis=0) / max(float(weight.sum()), 1e-6)
    # far from any skin the mean of all of it stands in
    near, faint = blur(weight, sigma)[..., np.newaxis], np.float32(1e-3)
    slow = (np.asarray(cv2.GaussianBlur(value, (0, 0), sigma)) + faint * mean) / (near + faint)
    return np.asarray(cv2.resize(slow.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR))


def relit(source: Floats, target: Floats, skins: tuple[Mask, Mask], white: Mask, unit: float) -> Floats:
    """``source`` as it would look in the target's light, both (H, W, 3) Lab and aligned.

    skins: where each shows plain skin. white: where eyes and teeth are.
    """
    own, wanted = slow_part(source, skins[0], unit), slow_part(target, skins[1], unit)
    ratio = _light_ratio(own[..., 0], wanted[..., 0], skins)
    share = (1 - np.float32(WHITES) * white)[..., np.newaxis]
    lightness = _soft_limit(source[..., 0] * ratio ** share[..., 0], _brightest(target[..., 0], skins[1]))
    lightness += (source[..., 0] * ratio ** share[..., 0] - lightness) * white
    strength = np.minimum(np.clip(ratio, *CHROMA_RATIOS), _paleness(own, wanted))
    chroma = wanted[..., 1:] + (source[..., 1:] - own[..., 1:]) * strength[..., np.newaxis]
    chroma = source[..., 1:] + (chroma - source[..., 1:]) * share
    return np.dstack([np.clip(lightness, 0, 100), chroma]).astype(np.float32)


def _light_ratio(own: Floats, wanted: Floats, skins: tuple[Mask, Mask]) -> Floats:
    """(H, W): target's light over the source's, the whole face's and what this place adds to it."""
    means = [
        float((light * skin).sum() / max(float(skin.sum()), 1e-6))
        for light, skin in zip((own, wanted), skins, strict=True)
    ]
    overall = float(np.clip(means[1] / max(means[0], 1.0), *RATIOS))
    local = wanted / np.maximum(own, 1.0) / np.float32(overall)
    return np.asarray(np.clip(local, *LOCAL_RATIOS) * np.float32(overall), np.float32)


def _paleness(own: Floats, wanted: Floats) -> Floats:
    """(H, W): chroma of the target's skin over that of the source's, at most 1.

    What is grey in a ruddy face (brows, rings under the eyes) lacks all of its chroma; as much taken from a
    pale face would leave it blue.
    """
    skins = [np.hypot(lab[..., 1], lab[..., 2]) for lab in (wanted, own)]
    return np.asarray(np.minimum(skins[0] / np.maximum(skins[1], 1.0), 1.0), np.float32)


def _brightest(lightness: Floats, skin: Mask) -> float:
    bare = lightness[skin > 0.5]
    return float(np.percentile(bare, 98)) if bare.size else 100.0


def _soft_limit(lightness: Floats, brightest: float) -> Floats:
    """Values above ``brightest`` pressed into HEADROOM."""
    over = np.maximum(lightness - np.float32(brightest), 0)
    pressed = np.float32(HEADROOM) * (1 - np.exp(-over / np.float32(HEADROOM)))
    return np.asarray(np.minimum(lightness, brightest) + pressed, np.float32)
