"""One palette for a whole animation, found by libimagequant.

A shared palette keeps colours still between frames and lets unchanged pixels stay byte-identical.
libimagequant (K. Lesinski; median cut with k-means refinement) is reached through its C functions, because
the Python wrapper can neither make a histogram of several frames nor set the speed. Pixels are mapped by our
own kernel: stickers have few different colours, so remembering answers is ten times faster than searching.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from imagequant import ffi, lib
from numpy.typing import NDArray

from ml_core.kernels import kernel
from ml_core.types import Image

_SPEED = 4
"""libimagequant's own default; 8 and above lose the soft edges (mean error 4.2 against 0.2 on a glow)."""
_SAMPLED_FRAMES = 8
_SAMPLED_PIXELS = 100_000
"""Every fifth pixel or so of eight frames. On three clips with 36, 64 and 256 colours, SSIM is 0.0008 lower
to 0.007 higher than with three times as many, in half the time."""
MAX_COLOURS = 256
HARD_FROM = 128
"""Where alpha is all or nothing, pixels from this alpha up are seen."""
_MEMO_BITS = 17
_ALIKE = 0xFFFEFEFE
"""Colours that differ in their last bits only take one answer. Half the time; SSIM falls by 0.0001 with 36
colours and 0.0003 with 256, which also take one to three per cent fewer bytes then."""
_GREEN, _RED, _BLUE = 4, 2, 3
"""Weights of squared differences: cheap stand-ins for how well the eye tells colours apart."""


@dataclass(frozen=True)
class Palette:
    """colours: (K, 4) uint8 straight RGBA, 2 <= K <= 256. clear: the entry of full transparency, or None.

    hard: made for pictures with alpha 0 or 255 only; others are brought to that as they are mapped.
    """

    colours: NDArray[np.uint8]
    clear: int | None
    hard: bool = False


class Mapper:
    """Pixels to the nearest colours of a palette; answers are remembered from frame to frame.

    Threads may share it, since each answer is one number in memory. No dithering: it flickers and costs a
    third more bytes.
    """

    def __init__(self, palette: Palette) -> None:
        self.palette = palette
        entries = _on_black(palette.colours)
        order = np.argsort(entries[:, 1], kind="stable")
        self._entries, self._names = np.ascontiguousarray(entries[order]), order.astype(np.uint8)
        self._memo = np.zeros(1 << _MEMO_BITS, np.uint32)

    def indices(self, image: Image) -> NDArray[np.uint8]:
        """image: (H, W, 4) uint8 straight alpha. Returns (H, W) uint8."""
        pixels = np.ascontiguousarray(image).view(np.uint32).reshape(-1)
        out = np.empty(len(pixels), np.uint8)
        _map(pixels, self.palette.hard, self._entries, self._names, self._memo, out)
        return out.reshape(image.shape[:2])


@dataclass(frozen=True)
class Indexed:
    """palette: (K, 4) uint8 RGBA, K <= 256. indices: (N, H, W) uint8. ``transparent``: index or None."""

    palette: NDArray[np.uint8]
    indices: NDArray[np.uint8]
    transparent: int | None


def sampled(frames: Sequence[Image]) -> list[Image]:
    """A few pixels of a few of ``frames``: enough to find palettes from."""
    taken = frames[:: max(1, len(frames) // _SAMPLED_FRAMES)]
    height, width = taken[0].shape[:2]
    step = max(1, round(math.sqrt(len(taken) * height * width / _SAMPLED_PIXELS)))
    return [np.ascontiguousarray(frame[step // 2 :: step, step // 2 :: step]) for frame in taken]


def find_palette(
    sample: Sequence[Image], colours: int = MAX_COLOURS, *, hard: bool = False, clear: bool = False
) -> Palette:
    """The palette of all pixels of ``sample``.

    sample: pictures, each (H, W, 4) uint8 straight alpha. colours: 2..256; entry 0 is kept for full
    transparency when a picture has any, so that the PNG transparency table stays short. hard: alpha is to be
    0 or 255. clear: keep that entry in any case.
    Raises ValueError for a number of colours outside the range.
    """
    if not 2 <= colours <= MAX_COLOURS:
        raise ValueError(f"a palette has 2 to {MAX_COLOURS} colours, not {colours}")
    sample = [hard_alpha(picture) if hard else picture for picture in sample]
    clear = clear or any(bool((picture[..., 3] == 0).any()) for picture in sample)
    attributes = ffi.gc(lib.liq_attr_create(), lib.liq_attr_destroy)
    lib.liq_set_max_colors(attributes, max(2, colours - clear))
    lib.liq_set_speed(attributes, _SPEED)
    histogram = ffi.gc(lib.liq_histogram_create(attributes), lib.liq_histogram_destroy)
    for picture in sample:
        _add(histogram, attributes, picture)
    result = ffi.new("liq_result**")
    _accept(lib.liq_histogram_quantize(histogram, attributes, result))
    found = ffi.gc(result[0], lib.liq_result_destroy)
    entries = lib.liq_get_palette(found)
    chosen = [(e.r, e.g, e.b, e.a) for e in entries.entries[0 : entries.count]]
    if not clear:
        return Palette(np.array(chosen, np.uint8), None, hard)
    return Palette(np.array([(0, 0, 0, 0), *chosen][:MAX_COLOURS], np.uint8), 0, hard)


def hard_alpha(image: Image) -> Image:
    """The picture with alpha 0 or 255 only: half-transparent edge pixels are composited on white, the colour
    of most chats and of the outline. image: (H, W, 4) uint8 straight alpha. Same shape back."""
    out = np.empty(image.shape, np.uint8)
    _harden(np.ascontiguousarray(image).view(np.uint32).reshape(-1), out.view(np.uint32).reshape(-1))
    return out


def mapped(frames: Sequence[Image], palette: Palette) -> Indexed:
    """All frames in the colours of ``palette``."""
    mapper = Mapper(palette)
    return Indexed(palette.colours, np.stack([mapper.indices(frame) for frame in frames]), palette.clear)


def quantise(frames: Sequence[Image], colours: int = MAX_COLOURS, *, hard: bool = False) -> Indexed:
    """All frames in one palette made from them. See ``find_palette``."""
    return mapped(frames, find_palette(sampled(frames), colours, hard=hard))


def _add(histogram: Any, attributes: Any, picture: Image) -> None:
    """The C library keeps no copy, so the pixels must stay alive while it is used."""
    height, width = picture.shape[:2]
    image = lib.liq_image_create_rgba(attributes, ffi.from_buffer(picture), width, height, 0)
    if image == ffi.NULL:
        raise MemoryError(f"libimagequant cannot take a picture of {width} x {height}")
    try:
        _accept(lib.liq_histogram_add_image(histogram, attributes, image))
    finally:
        lib.liq_image_destroy(image)


def _accept(code: int) -> None:
    if code != lib.LIQ_OK:
        raise RuntimeError(f"libimagequant failed with code {code}")


def _on_black(colours: NDArray[np.uint8]) -> NDArray[np.int32]:
    """(K, 4): colour over black, and alpha."""
    alpha = colours[:, 3:].astype(np.int32)
    return np.concatenate([colours[:, :3].astype(np.int32) * alpha // 255, alpha], axis=1)


@kernel(nogil=True)
def _hardened(colour):  # type: ignore[no-untyped-def]
    """One pixel on white with alpha 255, or clear white."""
    alpha = np.uint32(colour >> 24)
    if alpha < HARD_FROM:
        return np.uint32(0x00FFFFFF)
    out = np.uint32(0xFF000000)
    for shift in (0, 8, 16):
        channel = np.uint32((colour >> shift) & 255)
        out |= np.uint32((channel * alpha + 255 * (255 - alpha) + 127) // 255) << np.uint32(shift)
    return out


@kernel(nogil=True)
def _harden(pixels, out):  # type: ignore[no-untyped-def]
    for index in range(len(pixels)):
        out[index] = _hardened(pixels[index])


@kernel(nogil=True)
def _map(pixels, hard, entries, names, memo, out):  # type: ignore[no-untyped-def]
    """out[i]: the name of the entry nearest to pixels[i].

    entries: (K, 4), ascending by green. memo: at the first bits of each colour's hash the other bits, a mark
    that there is one, and the answer, as one number, so that looking it up touches one place in memory.
    """
    rest, there = np.uint32((1 << (32 - _MEMO_BITS)) - 1), np.uint32(1 << (32 - _MEMO_BITS))
    before, answer = np.uint32(1), np.uint8(0)  # no colour has its last bit set
    for index in range(len(pixels)):
        colour = np.uint32(pixels[index] & np.uint32(_ALIKE))
        if colour != before:
            before = colour
            mixed = np.uint32(colour * np.uint32(2654435761))  # Knuth's hash; no two colours share one
            slot, label = mixed >> np.uint32(32 - _MEMO_BITS), (mixed & rest) | there
            known = memo[slot]
            if known >> np.uint32(8) == label:
                answer = np.uint8(known & np.uint32(255))
            else:
                answer = names[_nearest(_hardened(colour) if hard else colour, entries)]
                memo[slot] = np.uint32(label << np.uint32(8)) | np.uint32(answer)
        out[index] = answer


@kernel(nogil=True)
def _nearest(colour, entries):  # type: ignore[no-untyped-def]
    """The entry whose worse difference, over black or over white, is the least.

    Outwards from the one with the same green, until green alone is too far.
    """
    alpha = np.int32(colour >> 24)
    red = np.int32(colour & 255) * alpha // 255
    green = np.int32((colour >> 8) & 255) * alpha // 255
    blue = np.int32((colour >> 16) & 255) * alpha // 255
    up = int(np.searchsorted(entries[:, 1], green))
    down = up - 1
    best, least = 0, 1 << 30
    while up < len(entries) or down >= 0:
        above = entries[up, 1] - green if up < len(entries) else 1 << 14
        below = green - entries[down, 1] if down >= 0 else 1 << 14
        gap = min(above, below)
        if _GREEN * gap * gap >= least:
            break
        entry = up if above <= below else down
        up, down = (up + 1, down) if above <= below else (up, down - 1)
        white = entries[entry, 3] - alpha
        r, g, b = red - entries[entry, 0], green - entries[entry, 1], blue - entries[entry, 2]
        distance = (
            _RED * max(r * r, (r + white) * (r + white))
            + _GREEN * max(g * g, (g + white) * (g + white))
            + _BLUE * max(b * b, (b + white) * (b + white))
        )
        if distance < least:
            best, least = entry, distance
    return best
