"""Animated WebP from still encodes, muxed here.

libwebp's animation encoder merges identical frames into one longer delay, which gives variable delays;
muxing the frames ourselves keeps every delay the same and lets frames be encoded in parallel. Colour and
alpha of a frame are coded apart: alpha is the same at every quality, and libwebp codes it twice at method 4
to keep the smaller, which took half the time of a frame.
Container: RFC 9649, section 2.7; alpha: 2.7.1.2.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from io import BytesIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from ml_core.encoding.edges import bleed, white_edged
from ml_core.types import Image

METHOD, QUICK_METHOD = 3, 2
"""libwebp effort 0..6 of what is written: 4 takes up to a quarter longer for the same bytes, 6 twice as long
for three per cent. And of predictions: half the time."""
_ALPHA_LEVELS = 64
"""Different values of alpha. 136 as at libwebp's alpha quality 85 cost 10 to 15 % more bytes of alpha."""
_ALPHA_STEPS = np.round(np.round(np.arange(256) * (_ALPHA_LEVELS - 1) / 255) * 255 / (_ALPHA_LEVELS - 1))
_ALPHA_TABLE = _ALPHA_STEPS.astype(np.uint8)
_ALPHA_EFFORT = {"quality": 10, "method": 2}
"""Of the lossless coder; more takes longer for the same bytes."""
_LEVELS_REDUCED, _LOSSLESS = 0x10, 0x01
"""In the first byte of an ALPH chunk; it asks for no filter, which was never smaller with one."""
_LOSSLESS_HEADER = 5
"""Bytes in front of the image stream of VP8L: signature, size, alpha hint, version."""
_DO_NOT_BLEND = 0b10
_HAS_ALPHA, _HAS_ANIMATION = 0x10, 0x02
Rect = tuple[int, int, int, int]


class Stills:
    """Frames as stills of what changes from one to the next, each part coded when it is asked for.

    frames: each (H, W, 4) uint8 straight alpha. Threads may share one.
    """

    def __init__(self, frames: Sequence[Image]) -> None:
        self._frames = frames
        self._alphas: dict[int, bytes] = {}

    @cached_property
    def _bleeds(self) -> bool:
        return not white_edged(self._frames)

    def rect(self, index: int) -> Rect:
        """Where frame ``index`` is drawn: the first whole, others where they differ from the one before."""
        if index == 0:
            return 0, 0, self._frames[0].shape[1], self._frames[0].shape[0]
        return changed_rect(self._frames[index - 1], self._frames[index])

    def alpha(self, index: int) -> bytes:
        """Chunk of the alpha of frame ``index``; empty where every pixel is opaque."""
        if index not in self._alphas:
            self._alphas[index] = _alpha_chunk(_cropped(self._frames[index], self.rect(index)))
        return self._alphas[index]

    def colour(self, index: int, quality: float, method: int = METHOD) -> bytes:
        """Chunk of the colours of frame ``index``. quality: 0..100."""
        frame = self._frames[index]
        part = _cropped(bleed(frame) if self._bleeds else frame, self.rect(index))
        return _encoded(part, b"VP8 ", quality=quality, method=method)

    def still(self, quality: float) -> bytes:
        """A file of the first frame alone."""
        alpha, colour = self.alpha(0), self.colour(0, quality)
        if not alpha:
            return _riff([colour])
        _, _, width, height = self.rect(0)
        return _riff([_head(_HAS_ALPHA, width, height), alpha, colour])

    def animation(self, quality: float, delay_ms: int, *, loops: int = 0, threads: int = 1) -> bytes:
        """A file of all frames with one constant delay. loops: 0 for ever."""

        def drawn(index: int) -> bytes:
            x, y, width, height = self.rect(index)
            header = _u24(x // 2) + _u24(y // 2) + _u24(width - 1) + _u24(height - 1) + _u24(delay_ms)
            images = self.alpha(index) + self.colour(index, quality)
            return _chunk(b"ANMF", header + bytes([_DO_NOT_BLEND]) + images)

        _, _, width, height = self.rect(0)
        head = [_head(_HAS_ALPHA | _HAS_ANIMATION, width, height)]
        head.append(_chunk(b"ANIM", struct.pack("<IH", 0, loops)))
        with ThreadPoolExecutor(threads) as pool:
            return _riff([*head, *pool.map(drawn, range(len(self._frames)))])


def changed_rect(before: Image, after: Image) -> Rect:
    """Smallest x, y, width, height that holds every differing pixel; x and y are even as WebP asks.

    A rectangle of 2 x 2 pixels at the origin when nothing differs: a frame must show something.
    """
    differs = packed(before) != packed(after)
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if not len(rows):
        height, width = differs.shape
        return 0, 0, min(2, width), min(2, height)
    x, y = int(columns[0]) & ~1, int(rows[0]) & ~1
    return x, y, int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y


def packed(image: Image) -> NDArray[np.uint32]:
    """Each RGBA pixel as one number, four times faster to compare. image: (..., 4) uint8."""
    return np.ascontiguousarray(image).view(np.uint32)[..., 0]


def _cropped(image: Image, rect: Rect) -> Image:
    x, y, width, height = rect
    return image[y : y + height, x : x + width]


def _alpha_chunk(image: Image) -> bytes:
    """Alpha is the green of a lossless picture, without that picture's header."""
    alpha = np.ascontiguousarray(image[..., 3])
    if alpha.min() == 255:
        return b""
    green = np.zeros((*alpha.shape, 3), np.uint8)
    green[..., 1] = cv2.LUT(alpha, _ALPHA_TABLE)
    lossless = _encoded(green, b"VP8L", lossless=True, exact=True, **_ALPHA_EFFORT)
    (size,) = struct.unpack_from("<I", lossless, 4)
    stream = lossless[8 + _LOSSLESS_HEADER : 8 + size]
    return _chunk(b"ALPH", bytes([_LEVELS_REDUCED | _LOSSLESS]) + stream)


def _encoded(picture: Image, wanted: bytes, **options: float) -> bytes:
    """The chunk ``wanted`` of what libwebp makes of (H, W, 3 or more) uint8, without regard to alpha."""
    out = BytesIO()
    PillowImage.fromarray(np.ascontiguousarray(picture[..., :3])).save(out, "WEBP", **options)
    return b"".join(_chunk(name, data) for name, data in _chunks(out.getvalue()) if name == wanted)


def _chunks(riff: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(riff):
        (size,) = struct.unpack_from("<I", riff, at + 4)
        yield riff[at : at + 4], riff[at + 8 : at + 8 + size]
        at += 8 + size + (size & 1)


def _head(flags: int, width: int, height: int) -> bytes:
    return _chunk(b"VP8X", bytes([flags, 0, 0, 0]) + _u24(width - 1) + _u24(height - 1))


def _riff(chunks: Iterable[bytes]) -> bytes:
    payload = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(payload)) + payload


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) & 1)


def _u24(value: int) -> bytes:
    return value.to_bytes(3, "little")
