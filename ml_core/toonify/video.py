"""The renderer over a clip, without flicker.

Three causes of flicker are taken away: keys (skin, hair, tone steps) are shared by all frames; photo noise is
averaged over time where nothing moved; soft regions are carried from frame to frame the same way.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.toonify.keying import keys_of, shared
from ml_core.toonify.look import ToonLook
from ml_core.toonify.renderer import measured, painted
from ml_core.types import FaceAnalysis, ToonPortrait

REACH = 2
"""Frames looked at on either side: at 24 a second a fifth of a second in all, shorter than a blink."""
TIME_SIGMA = 1.2
CHANGE_SIGMA = 9.0
"""Difference in 8-bit steps at which a pixel is taken to have moved and is no longer averaged."""
KEY_FRAMES = 12
"""Frames the shared keys are measured on: medians of more hardly change."""


def toonify_frames(analyses: Sequence[FaceAnalysis], look: ToonLook) -> Sequence[ToonPortrait]:
    """Cartoons of the frames of one clip, in order; portrait frames must be registered to the face."""
    if not analyses:
        return ()
    steady = [_steadied(analyses, index) for index in range(len(analyses))]
    every = max(1, len(steady) // KEY_FRAMES)
    tones = shared([keys_of(measured(frame, look)[0]) for frame in steady[::every]])
    portraits = []
    for frame, original in zip(steady, analyses, strict=True):
        sitter, origin = measured(frame, look)
        portrait = painted(frame, sitter, tones, look, origin)
        portraits.append(dataclasses.replace(portrait, analysis=original, palette=portrait.palette))
    first = portraits[0].palette
    return tuple(dataclasses.replace(portrait, palette=first) for portrait in portraits)


def _steadied(analyses: Sequence[FaceAnalysis], index: int) -> FaceAnalysis:
    """One frame with noise, regions and matte averaged over its neighbours where the picture stands still.

    A bilateral filter over time (Bennett & McMillan 2005).
    """
    centre = analyses[index]
    reference = cv2.GaussianBlur(centre.image, (0, 0), 1.5).astype(np.float32)
    image = centre.image.astype(np.float32)
    regions = centre.regions.astype(np.float32)
    matte, weight = centre.matte.copy(), np.ones(centre.matte.shape, np.float32)
    for other in range(max(0, index - REACH), min(len(analyses), index + REACH + 1)):
        if other == index:
            continue
        frame = analyses[other]
        change = np.abs(cv2.GaussianBlur(frame.image, (0, 0), 1.5).astype(np.float32) - reference).max(axis=2)
        near = np.exp(-0.5 * ((other - index) / TIME_SIGMA) ** 2)
        share = np.asarray(near * np.exp(-0.5 * (change / CHANGE_SIGMA) ** 2), np.float32)
        image += frame.image * share[..., None]
        regions += frame.regions * share
        matte += frame.matte * share
        weight += share
    return dataclasses.replace(
        centre,
        image=_bytes(image / weight[..., None]),
        regions=_bytes(regions / weight),
        matte=np.asarray(matte / weight, np.float32),
    )


def _bytes(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray(np.clip(np.round(values), 0, 255), np.uint8)
