"""Bringing frames to a target's size, in premultiplied alpha so that no edge takes colour from nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from ml_core.encoding.targets import Fit, Limits
from ml_core.kernels import kernel
from ml_core.types import Image

Size = tuple[int, int]
"""Width, height."""
_SMALLEST_SIDE = 10
_CLEAR = 0x00FFFFFF
"""White with alpha 0, a pixel as one number."""


def resized(image: Image, size: Size) -> Image:
    """Scale one frame. image: (H, W, 4) uint8 straight alpha. Returns (h, w, 4), white where alpha is 0.

    Colours are weighted by alpha (Porter and Duff, Compositing Digital Images, 1984, section 3) at 16 bits.
    """
    if image.shape[1::-1] == size:
        return image
    shrinks = size[0] * size[1] < image.shape[0] * image.shape[1]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    weighted = np.empty(image.shape, np.uint16)
    _weigh(np.ascontiguousarray(image).reshape(-1, 4), weighted.reshape(-1, 4))
    small = cv2.resize(weighted, size, interpolation=way)
    out = np.empty(small.shape, np.uint8)
    _unweigh(small.reshape(-1, 4), out.reshape(-1, 4))
    return out


@kernel(nogil=True)
def _weigh(pixels, out):  # type: ignore[no-untyped-def]
    """out: (N, 4) uint16, 255 times the premultiplied ``pixels``. One pass: OpenCV needs four."""
    for index in range(len(pixels)):
        alpha = np.uint16(pixels[index, 3])
        for channel in range(3):
            out[index, channel] = pixels[index, channel] * alpha
        out[index, 3] = alpha * np.uint16(255)


@kernel(nogil=True)
def _unweigh(weighted, out):  # type: ignore[no-untyped-def]
    """The opposite of ``_weigh``, rounded; white where nothing is left. out: (N, 4) uint8."""
    half, full = np.float32(0.5), np.float32(255)
    for index in range(len(weighted)):
        cover = np.float32(weighted[index, 3])
        alpha = np.uint8(cover / full + half)
        out[index, 3] = alpha
        for channel in range(3):
            colour = full
            if alpha:
                colour = min(full, weighted[index, channel] * full / cover + half)
            out[index, channel] = np.uint8(colour)


def fitted(image: Image, canvas: Size, content: Size) -> Image:
    """Scale one frame to ``content``, centred on a clear ``canvas``; the same frame when nothing changes."""
    if image.shape[1::-1] == canvas == content:
        return image
    if canvas == content:
        return resized(image, content)
    out = np.full((canvas[1], canvas[0], 1), _CLEAR, "<u4").view(
        np.uint8
    )  # ten times faster than by channels
    x, y = (canvas[0] - content[0]) // 2, (canvas[1] - content[1]) // 2
    out[y : y + content[1], x : x + content[0]] = resized(image, content)
    return out


def placed(frames: Sequence[Image], canvas: Size, content: Size) -> list[Image]:
    """``fitted`` for every frame. frames: each (H, W, 4) uint8 straight alpha."""
    return [fitted(frame, canvas, content) for frame in frames]


def canvas_for(source: Size, limits: Limits, scale: float = 1.0) -> Size:
    """Width and height of the file for frames of ``source`` size; ``scale`` below 1 gives size up.

    Where only certain sizes are allowed, scale picks the largest that is small enough.
    """
    if limits.sizes:
        return _listed(source, limits.sizes, scale)
    if limits.square is not None:
        side = min(limits.square[1], max(source)) * scale
        return (max(limits.square[0], round(side)),) * 2
    box = limits.within or ((limits.side,) * 2 if limits.side else source)
    ratio = min(box[0] / source[0], box[1] / source[1]) * scale
    width, height = source[0] * ratio, source[1] * ratio
    return _even(width, box[0]), _even(height, box[1])


def content_for(source: Size, canvas: Size, margin: int) -> Size:
    """Largest size of the source's proportions inside the canvas less its margin on every side."""
    room = canvas[0] - 2 * margin, canvas[1] - 2 * margin
    ratio = min(room[0] / source[0], room[1] / source[1])
    return max(1, min(room[0], round(source[0] * ratio))), max(1, min(room[1], round(source[1] * ratio)))


def smaller(source: Size, limits: Limits, fit: Fit, scale: float, wanted: float) -> float | None:
    """The next scale down, about ``wanted``, that changes the size; None when there is none."""
    if limits.sizes:
        now = canvas_for(source, limits, scale)
        areas = sorted({w * h for w, h in limits.sizes if w * h < now[0] * now[1]})
        first = limits.sizes[0][0] * limits.sizes[0][1]
        return math.sqrt(areas[-1] / first) if areas else None
    lowest = max(fit.min_scale, _SMALLEST_SIDE / max(source))
    return max(lowest, min(wanted, scale * 0.95)) if scale > lowest else None


def _listed(source: Size, sizes: tuple[Size, ...], scale: float) -> Size:
    shape = source[0] / source[1]
    most = sizes[0][0] * sizes[0][1] * scale * scale * 1.001
    allowed = [size for size in sizes if size[0] * size[1] <= most] or [min(sizes)]
    # The order in the file breaks ties between sizes of the same proportions.
    return min(allowed, key=lambda size: abs(math.log(size[0] / size[1] / shape)))


def _even(length: float, most: int) -> int:
    """Chroma is stored at half size, and LINE turns odd sizes down."""
    even = max(2, 2 * round(length / 2))
    return even if even <= most else max(2, most - most % 2)
