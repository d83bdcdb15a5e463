"""PNG and animated PNG. Frames are compressed by oxipng and put together here.

Pillow's writer merges identical frames, which breaks both constant delays and LINE's floor of five frames.
Container: PNG specification, third edition, sections 5 and 11.3.5 (APNG).
"""

from __future__ import annotations

import itertools
import struct
import zlib
from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np
import oxipng
from numpy.typing import NDArray

from ml_core.encoding.palette import Indexed, quantise
from ml_core.encoding.timing import Timing

SIGNATURE = b"\x89PNG\r\n\x1a\n"
Pack = Callable[[NDArray[np.uint8]], bytes]
_COLOUR_INDEXED, _COLOUR_RGBA = 3, 6
_DEFLATE_LEVEL = 9
"""libdeflate 1..12; 11 takes eight times as long for five per cent."""
_FINAL_LEVEL, _QUICK_LEVEL = 7, 5
"""zlib levels of frames that are written, and of predictions. 8 takes twice the time of 7 for 1.2 % of the
bytes, a quarter of a step of colours."""
_STILL_LEVEL = 1
"""oxipng 0..6; 2 takes twice the time for 2 to 7 %, and most stills fill a third of their limit."""


def encode_png(image: NDArray[np.uint8], colours: int | None = None) -> bytes:
    """Encode a still. image: (H, W, 4) uint8 straight alpha. colours: palette size; None is lossless."""
    indexed = None if colours is None else quantise([image], colours)
    pixels, palette = (image[None], None) if indexed is None else (indexed.indices, indexed.palette)
    return optimised(assemble(pixels, palette, Timing(1, Fraction(0)), pack=_stored))


def optimised(png: bytes) -> bytes:
    """A still PNG repacked by oxipng: same pixels, fewer bytes."""
    return oxipng.optimize_from_memory(png, level=_STILL_LEVEL)


def encode_apng(frames: NDArray[np.uint8], timing: Timing, *, colours: int | None = 256) -> bytes:
    """Encode an animated PNG, or a plain PNG when there is one frame.

    frames: (N, H, W, 4) uint8 straight alpha; colours: palette size shared by all frames, None keeps RGBA.
    Later frames hold only the rectangle that changed. Every frame stays a frame, even an unchanged one.
    """
    if colours is None:
        return assemble(frames, None, timing)
    return encode_indexed(quantise(list(frames), colours), timing)


def encode_indexed(indexed: Indexed, timing: Timing) -> bytes:
    """Like ``encode_apng`` for frames that have their palette already."""
    return assemble(indexed.indices, indexed.palette, timing)


def assemble(
    pixels: NDArray[np.uint8], palette: NDArray[np.uint8] | None, timing: Timing, pack: Pack | None = None
) -> bytes:
    """Write the file. pixels: (N, H, W) uint8 indices with a (K, 4) palette, or (N, H, W, 4) RGBA without.

    pack: makes the zlib stream of a rectangle of pixels, in place of ``compressed``.
    """
    pack = pack or (lambda part: compressed(part, palette))
    height, width = pixels.shape[1:3]
    kind = _COLOUR_RGBA if palette is None else _COLOUR_INDEXED
    out = [SIGNATURE, _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0))]
    if len(pixels) > 1:
        out.append(_chunk(b"acTL", struct.pack(">II", len(pixels), timing.loops)))
    if palette is not None:
        out.append(_chunk(b"PLTE", palette[:, :3].tobytes()))
        out.append(_chunk(b"tRNS", _transparency(palette)))
    sequence = 0
    for index, (x, y, part) in enumerate(changed_parts(pixels)):
        if len(pixels) > 1:
            rect = struct.pack(">IIIII", sequence, part.shape[1], part.shape[0], x, y)
            delay = struct.pack(">HHBB", timing.delay.numerator, timing.delay.denominator, 0, 0)
            out.append(_chunk(b"fcTL", rect + delay))
            sequence += 1
        data = pack(part)
        if index == 0:
            out.append(_chunk(b"IDAT", data))
        else:
            out.append(_chunk(b"fdAT", struct.pack(">I", sequence) + data))
            sequence += 1
    out.append(_chunk(b"IEND", b""))
    return b"".join(out)


def changed_parts(pixels: NDArray[np.uint8]) -> Iterator[tuple[int, int, NDArray[np.uint8]]]:
    """The first frame whole, then for each later frame x, y and the rectangle that differs."""
    yield 0, 0, pixels[0]
    for before, after in itertools.pairwise(pixels):
        differs = before != after
        if differs.ndim == 3:
            differs = differs.any(axis=2)
        rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
        if not len(rows):
            yield 0, 0, after[:1, :1]
            continue
        x, y = int(columns[0]), int(rows[0])
        yield x, y, after[y : int(rows[-1]) + 1, x : int(columns[-1]) + 1]


def compressed(part: NDArray[np.uint8], palette: NDArray[np.uint8] | None) -> bytes:
    """The zlib stream of one rectangle. part: (h, w) uint8 indices with a palette, or (h, w, 4) RGBA."""
    if palette is not None:
        return _deflated(part)
    height, width = part.shape[:2]
    raw = oxipng.RawImage(
        np.ascontiguousarray(part).tobytes(), width, height, color_type=oxipng.ColorType.rgba()
    )
    # All frames of an APNG share one header, so none may be reduced on its own.
    made = raw.create_optimized_png(
        filter=[oxipng.RowFilter.Sub, oxipng.RowFilter.Paeth, oxipng.RowFilter.MinSum],
        deflate=oxipng.Deflaters.libdeflater(_DEFLATE_LEVEL),
        bit_depth_reduction=False,
        color_type_reduction=False,
        palette_reduction=False,
        grayscale_reduction=False,
    )
    return b"".join(data for name, data in _chunks(made) if name == b"IDAT")


def quick_bytes(part: NDArray[np.uint8]) -> int:
    """Bytes of a rectangle of indices in half the time of ``compressed``: two to five per cent more."""
    return len(_deflated(part, _QUICK_LEVEL))


def _deflated(part: NDArray[np.uint8], level: int = _FINAL_LEVEL) -> bytes:
    """Indices with row filter "none" through zlib.

    Measured on drawn stickers: within -3 to +5 % of oxipng with libdeflate 11 at a fifteenth of its time, and
    row filters never won on shared palettes. Stills go through oxipng as a whole (``encode_png``).
    """
    packer = zlib.compressobj(level, zlib.DEFLATED, 15, 9)
    return packer.compress(_unfiltered(part)) + packer.flush()


def _stored(part: NDArray[np.uint8]) -> bytes:
    """For what is compressed afterwards."""
    return zlib.compress(_unfiltered(part), 0)


def _unfiltered(part: NDArray[np.uint8]) -> bytes:
    """The rows, each behind the number of its filter, "none". part: (h, w) or (h, w, 4)."""
    height = len(part)
    rows = np.zeros((height, part[0].size + 1), np.uint8)
    rows[:, 1:] = part.reshape(height, -1)
    return rows.tobytes()


def _transparency(palette: NDArray[np.uint8]) -> bytes:
    below = np.flatnonzero(palette[:, 3] < 255)
    return palette[: int(below[-1]) + 1 if len(below) else 1, 3].tobytes()


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(png):
        (size,) = struct.unpack_from(">I", png, at)
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        at += 12 + size


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
