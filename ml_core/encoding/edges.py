"""Colour next to transparency: what a codec with chroma at half size would mix into the edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.types import Image

_LEVELS = 5
"""Halvings of the colour pyramid: reaches 32 px beyond an edge, more than VP9's largest filter."""
_SMALLEST = 4
"""Shortest side in pixels worth halving."""
_WHITE = 224
"""Channels from here up (0..255) make an edge white enough to lie next to white."""
_COLOURED_EDGE = 0.05
"""Part of the edge that may be darker before its colour is bled outwards."""
_LOOKED_AT = 4
"""Frames of a clip whose edges are looked at; what is drawn around things stays the same through a clip."""


def white_edged(frames: Sequence[Image]) -> bool:
    """Whether everything drawn ends in white on white, as stickers with a white border do.

    Then nothing has to be bled. frames: each (H, W, 4) uint8 straight alpha.
    """
    edge = coloured = 0
    for frame in frames[:: -(-len(frames) // _LOOKED_AT)]:
        clear = cv2.inRange(frame[..., 3], 0, 0)
        near = cv2.dilate(clear, np.ones((3, 3), np.uint8))  # the clear pixels and those that touch them
        white = cv2.inRange(frame, (_WHITE, _WHITE, _WHITE, 0), (255, 255, 255, 255))
        edge += cv2.countNonZero(near) - cv2.countNonZero(clear)
        coloured += cv2.countNonZero(cv2.bitwise_and(near, cv2.bitwise_not(white)))
    return coloured <= _COLOURED_EDGE * edge


def bleed(image: Image) -> Image:
    """Continue the colour of an edge into the transparent surroundings.

    Chroma is stored at half size, so white under alpha 0 would lighten the edge; it also costs bytes.
    Push-pull filling (Gortler et al., The Lumigraph, 1996, section 3.4).
    image: (H, W, 4) uint8 straight alpha. Returns the same with alpha untouched.
    """
    seen = (image[..., 3] > 0).astype(np.uint8) * 255
    height, width = seen.shape
    if seen.all() or min(height, width) < _SMALLEST:
        return image
    stack = [_halved(cv2.merge([*cv2.split(cv2.copyTo(image, seen))[:3], seen])).astype(np.float32)]
    while len(stack) < _LEVELS and min(stack[-1].shape[:2]) >= _SMALLEST:
        stack.append(_halved(stack[-1]))
    share = np.float32(max(1.0, seen.mean()))  # float32: a double would double the work
    below = stack[-1] + (255 - stack[-1][..., 3:]) * (stack[-1].mean(axis=(0, 1)) / share)
    for level in reversed(stack[:-1]):
        below = cv2.resize(below, level.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        below = level + (1 - level[..., 3:] / 255) * below
    filled = cv2.resize(np.clip(below, 0, 255).astype(np.uint8), (width, height))
    filled[..., 3] = 0
    return np.asarray(cv2.copyTo(image, seen, filled), np.uint8)


def _halved(pixels: NDArray[Any]) -> NDArray[Any]:
    height, width = pixels.shape[:2]
    return cv2.resize(pixels, ((width + 1) // 2, (height + 1) // 2), interpolation=cv2.INTER_AREA)
