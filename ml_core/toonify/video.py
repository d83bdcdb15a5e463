"""The renderer over a clip, without flicker.

What flickers is taken away at its source: the keys (skin, hair, tone steps) are shared by all frames; photo
noise, matte and regions are averaged over time where the picture stands still; what is left is averaged in
the finished frames, again only where the photo stands still, so that nothing that moves leaves a trail.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.toonify.keying import Keys, keys_of, shared
from ml_core.toonify.look import ToonLook
from ml_core.toonify.renderer import measured, painted
from ml_core.types import FaceAnalysis, Image, ToonPortrait

TIME_WEIGHTS = {-2: 0.25, -1: 0.7, 1: 0.7, 2: 0.25}
"""Neighbours and their weight: a fifth of a second at 24 frames a second, shorter than a blink."""
CHANGE_SIGMA = 9.0
"""Difference in 8-bit steps at which a pixel is taken to have moved and is no longer averaged."""
KEY_FRAMES = 8
"""Frames that the shared keys are measured on: medians of more hardly change."""
TRAIL = 0.65
"""Share of the last finished frame where nothing moved."""
GRID = 4
"""Change is measured on every fourth pixel: noise must not look like movement."""

Floats = NDArray[np.float32]


def toonify_frames(
    analyses: Sequence[FaceAnalysis], look: ToonLook, *, with_eyes: bool = True
) -> Sequence[ToonPortrait]:
    """Cartoons of the frames of one clip, in order, each with its own analysis and one palette for all.

    with_eyes: draw eyes and mouth into the frames, as nothing will be drawn over them.
    """
    if not analyses:
        return ()
    tones = clip_keys(analyses, look)
    portraits: list[ToonPortrait] = []
    for index, original in enumerate(analyses):
        sitter, origin = measured(_steadied(analyses, index), look)
        portrait = painted(original, sitter, tones, look, origin, with_eyes=with_eyes)
        if portraits:
            still = _stillness(analyses[index - 1].image, original.image)
            portrait = dataclasses.replace(
                portrait,
                texture=_carried(portraits[-1].texture, portrait.texture, still),
                palette=portraits[0].palette,
            )
        portraits.append(portrait)
    return tuple(portraits)


def clip_keys(analyses: Sequence[FaceAnalysis], look: ToonLook) -> Keys:
    """One set of keys for all frames, from a few of them."""
    chosen = np.unique(np.linspace(0, len(analyses) - 1, KEY_FRAMES).round().astype(int))
    return shared([keys_of(measured(analyses[index], look)[0]) for index in chosen])


def _stillness(before: Image, after: Image) -> Floats:
    """1 where two pictures are the same but for noise, 0 where something moved, (H, W)."""
    height, width = after.shape[:2]
    size = (max(1, width // GRID), max(1, height // GRID))
    small = [cv2.resize(image, size, interpolation=cv2.INTER_AREA) for image in (before, after)]
    change = cv2.absdiff(small[0], small[1]).max(axis=2)
    # Movement spreads: the pixels next to it are about to move, or just have.
    change = cv2.dilate(change, np.ones((3, 3), np.uint8)).astype(np.float32)
    still = np.exp(-0.5 * (change / np.float32(CHANGE_SIGMA)) ** 2)
    return np.asarray(cv2.resize(still, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _steadied(analyses: Sequence[FaceAnalysis], index: int) -> FaceAnalysis:
    """One frame with noise, regions and matte averaged over its neighbours where the picture stands still.

    A bilateral filter over time (Bennett & McMillan 2005).
    """
    centre = analyses[index]
    layers = [centre.image.astype(np.float32), centre.regions.transpose(1, 2, 0).astype(np.float32)]
    matte, weight = centre.matte.copy(), np.ones(centre.matte.shape, np.float32)
    for offset, near in TIME_WEIGHTS.items():
        if not 0 <= index + offset < len(analyses):
            continue
        frame = analyses[index + offset]
        share = np.float32(near) * _stillness(frame.image, centre.image)
        layers[0] += frame.image * share[..., None]
        layers[1] += frame.regions.transpose(1, 2, 0) * share[..., None]
        matte += frame.matte * share
        weight += share
    image, regions = (_bytes(layer / weight[..., None]) for layer in layers)
    return dataclasses.replace(
        centre,
        image=image,
        regions=np.ascontiguousarray(regions.transpose(2, 0, 1)),
        matte=np.asarray(matte / weight, np.float32),
    )


def _carried(before: Image, after: Image, still: Floats) -> Image:
    """The new frame, mixed with the last where nothing moved."""
    share = (np.float32(TRAIL) * still)[..., None]
    new = after.astype(np.float32)
    return _bytes(new + (before.astype(np.float32) - new) * share)


def _bytes(values: Floats) -> NDArray[np.uint8]:
    return np.asarray(np.clip(np.round(values), 0, 255), np.uint8)
