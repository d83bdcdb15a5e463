"""The white border of a sticker, and the way from premultiplied to straight alpha.

The border is a grey-scale dilation of the coverage by a disc (Serra, Image Analysis and Mathematical
Morphology, 1982, ch. XII), done at half resolution inside the bounding box: dilating grey values keeps the
antialiasing of the silhouette, and half resolution makes a 16 pixel disc an 8 pixel one.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.kernels import kernel
from ml_core.types import Image

REDUCTION = 2
"""The border is found on a picture this much smaller; its edge is smooth, so nothing is lost."""
EDGE_GAIN = 1.7
"""Upsampling widens the antialiased edge from one pixel to about two; this contrast narrows it again."""
_CLEAR = np.uint32(0x00FFFFFF)
_BOTH_CLEAR, _BOTH_ALPHAS = np.uint64(0x00FFFFFF00FFFFFF), np.uint64(0xFF000000FF000000)
MIN_COVERAGE = 24
"""Coverage (0..255) below which a pixel is matte dust and gets no border of its own."""


@cache
def _disc(radius: int) -> NDArray[np.uint8]:
    """Disc of a radius in pixels as a (2 r + 1, 2 r + 1) structuring element."""
    y, x = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    return np.asarray(x * x + y * y <= (radius + 0.25) ** 2, dtype=np.uint8)


def _grown(coverage: NDArray[np.uint8], stroke: int) -> NDArray[np.uint8]:
    """Coverage at reduced size, grown by ``stroke`` full-size pixels; an odd rest is half a ring."""
    radius, rest = divmod(stroke, REDUCTION)
    grown = cv2.dilate(coverage, _disc(radius)) if radius else coverage
    if rest:
        grown = cv2.addWeighted(grown, 0.5, cv2.dilate(grown, _disc(1)), 0.5, 0.0)
    return np.asarray(grown, dtype=np.uint8)


def _edge_curve() -> NDArray[np.uint8]:
    """Look-up table 0..255 -> 0..255 that removes dust and sharpens the upsampled edge around one half."""
    grey = np.arange(256, dtype=np.float32)
    return np.asarray(np.clip((grey - 127.5) * EDGE_GAIN + 127.5, 0, 255).round(), dtype=np.uint8)


_EDGE = _edge_curve()


def _bounds(alpha: NDArray[np.uint8], margin: int) -> tuple[slice, slice] | None:
    """Rows and columns that the border can touch, None for an empty picture.

    They begin, and where the picture allows end, on even numbers: halving is exact then, and much faster.
    """
    x, y, width, height = cv2.boundingRect(alpha)
    if width == 0 or height == 0:
        return None
    top, left = max(0, y - margin) & ~1, max(0, x - margin) & ~1
    bottom = min(alpha.shape[0], (y + height + margin + 2) & ~1)
    right = min(alpha.shape[1], (x + width + margin + 2) & ~1)
    return slice(top, bottom), slice(left, right)


def outline(premultiplied: Image, *, stroke: int, alpha: NDArray[np.uint8] | None = None) -> Image:
    """White antialiased border of ``stroke`` pixels around everything that is drawn.

    premultiplied: (H, W, 4) uint8 premultiplied RGBA. alpha: its last channel, where somebody has taken it
    out already. Returns a new array of the same kind; what was drawn stays on top of the border. A stroke
    of 0 returns a copy.
    """
    result: Image = np.array(premultiplied, copy=True, order="C")
    if alpha is None:
        alpha = np.ascontiguousarray(premultiplied[..., 3])
    window = _bounds(alpha, stroke + 2 * REDUCTION) if stroke > 0 else None
    if window is None:
        return result
    inside = alpha[window]
    height, width = inside.shape
    half = (max(1, (width + 1) // REDUCTION), max(1, (height + 1) // REDUCTION))
    _, clean = cv2.threshold(inside, MIN_COVERAGE, 255, cv2.THRESH_TOZERO)
    reduced = np.asarray(cv2.resize(clean, half, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    small = _grown(reduced, stroke)
    border = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    _laid_under(result.view(np.uint32)[..., 0][window], border, _EDGE)
    return result


@kernel(boundscheck=False, nogil=True)
def _laid_under(pixels, border, edge):  # type: ignore[no-untyped-def]
    """Adds to (H, W) uint32 premultiplied ``pixels`` as much white as they leave free of (H, W) border.

    No byte overflows into its neighbour: in premultiplied colours none is above alpha.
    """
    for row in range(border.shape[0]):
        for column in range(border.shape[1]):
            packed = pixels[row, column]
            free = np.uint32(255) - (packed >> np.uint32(24))
            if free:
                white = min(np.uint32(edge[border[row, column]]), free)
                pixels[row, column] = packed + white * np.uint32(0x01010101)


def to_straight(premultiplied: Image, out: Image | None = None) -> Image:
    """Straight alpha with white under transparent pixels, as messengers' encoders want it.

    premultiplied: (H, W, 4) uint8 premultiplied RGBA. Returns (H, W, 4) uint8: ``out``, C-contiguous, if
    there is one, else a new array.
    """
    result: Image = np.empty_like(premultiplied, order="C") if out is None else out
    packed = np.ascontiguousarray(premultiplied).reshape(-1).view(np.uint32)
    _divide(packed, result.reshape(-1).view(np.uint32))
    return result


@kernel(boundscheck=False, nogil=True)
def _divide(source, target):  # type: ignore[no-untyped-def]
    """(N,) uint32 each. Two opaque or two empty pixels, which nearly all are, are seen and copied at once."""
    even = len(source) // 2 * 2
    pairs, made = source[:even].view(np.uint64), target[:even].view(np.uint64)
    for index in range(len(pairs)):
        pair = pairs[index]
        if pair & _BOTH_ALPHAS == _BOTH_ALPHAS:
            made[index] = pair
        elif pair == 0:
            made[index] = _BOTH_CLEAR
        else:
            target[2 * index] = _straight(source[2 * index])
            target[2 * index + 1] = _straight(source[2 * index + 1])
    if len(source) % 2:
        target[-1] = _straight(source[-1])


@kernel(boundscheck=False, nogil=True)
def _straight(packed):  # type: ignore[no-untyped-def]
    """One pixel, R in the low byte; white where alpha is 0."""
    alpha = packed >> np.uint32(24)
    if alpha == 255:
        return packed
    if alpha == 0:
        return _CLEAR
    straight = alpha << np.uint32(24)
    for shift in (np.uint32(0), np.uint32(8), np.uint32(16)):
        colour = ((packed >> shift & np.uint32(255)) * np.uint32(255) + alpha // np.uint32(2)) // alpha
        straight |= min(colour, np.uint32(255)) << shift
    return straight
