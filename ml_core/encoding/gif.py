"""GIF with one global palette and one-bit alpha. LZW is Pillow's; blocks are put together here.

Pillow's own animation writer merges identical frames into variable delays.
Container: GIF89a specification, sections 18 to 26.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import GifImagePlugin
from PIL import Image as PillowImage

from ml_core.encoding.palette import Indexed, quantise
from ml_core.encoding.timing import CENTISECOND, Timing
from ml_core.types import Image

_KEEP, _CLEAR = 1, 2
"""Disposal methods: leave the frame; restore its rectangle to transparent."""


@dataclass(frozen=True)
class Part:
    """One frame as drawn: place, (h, w) uint8 indices, and what happens to its rectangle afterwards."""

    x: int
    y: int
    indices: NDArray[np.uint8]
    disposal: int


def encode_gif(frames: Sequence[Image], timing: Timing, *, colours: int = 256) -> bytes:
    """Encode a GIF. frames: each (H, W, 4) uint8 straight alpha; delay in whole hundredths of a second.

    loops 0 is for ever; n plays n times in all (the Netscape block counts repetitions after the first).
    """
    return encode_indexed(quantise(frames, colours, hard=True), timing)


def encode_indexed(indexed: Indexed, timing: Timing) -> bytes:
    """Like ``encode_gif`` for frames that have their palette already."""
    height, width = indexed.indices.shape[1:]
    bits = max(1, (len(indexed.palette) - 1).bit_length())
    table = np.zeros((1 << bits, 3), np.uint8)
    table[: len(indexed.palette)] = indexed.palette[:, :3]
    out = [b"GIF89a", struct.pack("<HHBBB", width, height, 0x80 | 0x70 | (bits - 1), 0, 0), table.tobytes()]
    if len(indexed.indices) > 1 and timing.loops != 1:
        repeats = max(0, timing.loops - 1)
        out.append(b"!\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<H", repeats) + b"\0")
    delay = int(timing.delay / CENTISECOND)
    for part in parts_of(indexed):
        out.append(_control(part.disposal, delay, indexed.transparent))
        out.extend(image_blocks(part))
    out.append(b";")
    return b"".join(out)


def parts_of(indexed: Indexed) -> list[Part]:
    """Each frame as the smallest rectangle that produces it.

    GIF cannot draw transparency over a pixel. Where the next frame uncovers one, this frame is drawn whole
    and then cleared; otherwise it stays and the next frame draws only what changed.
    """
    frames, clear = indexed.indices, indexed.transparent
    if clear is None:
        uncovers = [False] * len(frames)
    else:
        uncovers = [bool(((a != clear) & (b == clear)).any()) for a, b in itertools.pairwise(frames)] + [True]
    parts = []
    for index, frame in enumerate(frames):
        whole = index == 0 or uncovers[index] or uncovers[index - 1]
        drawn = frame != clear if whole else frame != frames[index - 1]
        x, y, w, h = _bounds(drawn) if index else (0, 0, frame.shape[1], frame.shape[0])
        shown = frame[y : y + h, x : x + w]
        if not whole and clear is not None:
            shown = np.where(drawn[y : y + h, x : x + w], shown, clear).astype(np.uint8)
        parts.append(Part(x, y, shown, _CLEAR if uncovers[index] else _KEEP))
    return parts


def _bounds(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return 0, 0, 1, 1
    return int(columns[0]), int(rows[0]), int(columns[-1] - columns[0]) + 1, int(rows[-1] - rows[0]) + 1


def _control(disposal: int, delay: int, transparent: int | None) -> bytes:
    flags = disposal << 2 | (transparent is not None)
    return b"!\xf9\x04" + struct.pack("<BHBB", flags, delay, transparent or 0, 0)


def image_blocks(part: Part) -> Sequence[bytes]:
    """Image descriptor and LZW data; Pillow writes 8-bit codes, which suits every palette size."""
    image: PillowImage.Image = PillowImage.fromarray(np.ascontiguousarray(part.indices), "P")
    return [bytes(block) for block in GifImagePlugin.getdata(image, (part.x, part.y))]
