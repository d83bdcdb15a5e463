"""Rescuing dim, burnt and tinted photos without touching anybody's skin tone.

A dark face in a well exposed photo is dark skin and stays as it is: only the scene as a whole decides
that a photo is dim, and the correction is chosen for the scene, not for the face. A face in shadow before
a bright scene is the business of ``shadow``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.face import topology
from ml_core.types import Image, Points

DIM_SCENE: Final = 56.0
"""Lightness L that the brightest 7 % of a dim scene stay under."""
DIM_FACE: Final = 50.0
SCENE_TARGET: Final = 74.0
MOST_LIFT: Final = 22.0
"""Skin gains at most this much L: the rest of the darkness may be the person's own."""
LIGHTEST_LIFTED: Final = 58.0
BURNT_FACE, BURNT_TARGET = 90.0, 84.0
SKIN_HUES: Final = (22.0, 88.0)
"""Lab hue angle of human skin of all tones under white light (Xiao et al. 2017)."""
LEAST_CHROMA: Final = 6.0
"""Below this the picture is black and white."""
MOST_CHROMA: Final = 42.0
NEUTRAL_SKIN: Final = (14.0, 18.0)
"""Lab a and b that tinted skin is brought to."""
_GAINS: Final = (0.4, 2.5)
_GAMMA: Final = 2.2

Lab = tuple[float, float, float]


def skin_samples(image: Image, points: Points) -> NDArray[np.float32]:
    """(N, 3) Lab (L 0..100) of small squares on cheeks and forehead of an (S, S, 3) portrait."""
    side = image.shape[0]
    reach = max(3, side // 90)
    centres = np.clip(points[list(topology.SKIN_SAMPLES), :2].astype(int), reach, side - 1 - reach)
    squares = [image[y - reach : y + reach, x - reach : x + reach].reshape(-1, 3) for x, y in centres]
    return lab_of(np.concatenate(squares)[np.newaxis]).reshape(-1, 3)


def lab_of(image: Image) -> NDArray[np.float32]:
    """CIE Lab float32, L 0..100, of uint8 RGB."""
    scaled = image.astype(np.float32) * np.float32(1 / 255)
    return np.asarray(cv2.cvtColor(scaled, cv2.COLOR_RGB2LAB), dtype=np.float32)


def median_lab(samples: NDArray[np.float32]) -> Lab:
    L, a, b = (float(v) for v in np.median(samples, axis=0))
    return L, a, b


def scene_lightness(image: Image, valid: NDArray[np.bool_]) -> float:
    """L that 93 % of the known part of the picture stay under."""
    known = lab_of(np.ascontiguousarray(image[::8, ::8]))[..., 0][valid[::8, ::8]]
    return float(np.percentile(known, 93)) if known.size else 100.0


@dataclass(frozen=True)
class Correction:
    """exponent: gamma on lightness, 1 leaves it. gains: linear-light factors of R, G, B; None leaves them.

    A clip gets one correction for all its frames, so that it cannot flicker.
    """

    exponent: float = 1.0
    gains: tuple[float, float, float] | None = None

    def apply(self, image: Image) -> Image:
        """The corrected (H, W, 3) uint8 RGB picture; the same array when there is nothing to do."""
        if self.exponent != 1:
            image = _relit(image, self.exponent)
        return image if self.gains is None else _tinted(image, self.gains)


def choose_correction(image: Image, valid: NDArray[np.bool_], points: Points) -> Correction:
    """What a portrait with landmarks ``points`` needs to show its skin as it is."""
    samples = skin_samples(image, points)
    exponent = _exponent(median_lab(samples)[0], scene_lightness(image, valid))
    if exponent != 1:
        samples = skin_samples(_relit(image, exponent), points)
    return Correction(exponent, _gains(median_lab(samples)))


def _exponent(skin: float, scene: float) -> float:
    if skin < DIM_FACE and scene < DIM_SCENE:
        by_scene = np.log(SCENE_TARGET / 100) / np.log(np.clip(scene, 3, 98) / 100)
        wanted = min(100 * (np.clip(skin, 3, 98) / 100) ** by_scene, skin + MOST_LIFT, LIGHTEST_LIFTED)
    elif skin > BURNT_FACE:
        wanted = BURNT_TARGET
    else:
        return 1.0
    return float(np.clip(np.log(wanted / 100) / np.log(np.clip(skin, 3, 98) / 100), 0.35, 2.0))


def _relit(image: Image, exponent: float) -> Image:
    if exponent < 1:  # lifting lifts the noise too
        image = np.asarray(cv2.bilateralFilter(image, 5, 14, 4), dtype=np.uint8)
    lab = lab_of(image)
    lifted = 100 * (lab[..., :1] / 100) ** np.float32(exponent)
    lab[..., 1:] *= np.clip((lifted + 8) / (lab[..., :1] + 8), 0.6, 1.8)
    lab[..., :1] = lifted
    rgb = cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)
    return (np.clip(rgb, 0, 1) * 255).astype(np.uint8)


def _gains(skin: Lab) -> tuple[float, float, float] | None:
    """Von Kries scaling in linear light that brings impossible skin back to a possible hue."""
    L, a, b = skin
    chroma, hue = float(np.hypot(a, b)), float(np.degrees(np.arctan2(b, a)))
    if chroma < LEAST_CHROMA or (SKIN_HUES[0] < hue < SKIN_HUES[1] and chroma < MOST_CHROMA):
        return None
    both = np.array([[[L, a, b], [L, *NEUTRAL_SKIN]]], dtype=np.float32)
    now, wanted = np.clip(cv2.cvtColor(both, cv2.COLOR_LAB2RGB)[0], 0, 1) ** _GAMMA
    red, green, blue = (float(gain) for gain in np.clip((wanted + 1e-3) / (now + 1e-3), *_GAINS))
    return red, green, blue


def _tinted(image: Image, gains: tuple[float, float, float]) -> Image:
    levels = (np.arange(256, dtype=np.float32) / 255)[:, np.newaxis]
    table = np.clip((levels**_GAMMA * np.array(gains, np.float32)) ** (1 / _GAMMA), 0, 1) * 255
    return np.asarray(cv2.LUT(image, table.astype(np.uint8)[np.newaxis]), dtype=np.uint8)
