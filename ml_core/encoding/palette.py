"""One palette for a whole animation, found by libimagequant.

A shared palette keeps colours still between frames and lets unchanged pixels stay byte-identical.
libimagequant (K. Lesinski; median cut with k-means refinement) is reached through its C functions, because
the Python wrapper can neither reuse a palette for other frames nor set the speed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from imagequant import ffi, lib
from numpy.typing import NDArray

_SPEED = 4
"""libimagequant's own default; 8 and above lose the soft edges (mean error 4.2 against 0.2 on a glow)."""
_SAMPLED_FRAMES = 8
MAX_COLOURS = 256


@dataclass(frozen=True)
class Indexed:
    """palette: (K, 4) uint8 RGBA, K <= 256. indices: (N, H, W) uint8. ``transparent``: index or None."""

    palette: NDArray[np.uint8]
    indices: NDArray[np.uint8]
    transparent: int | None


class SharedPalette:
    """A palette found from a few frames, ready to map any frame to it.

    frames: (N, H, W, 4) uint8 straight alpha. colours: 2..256; entry 0 is kept for full transparency when a
    frame has any, so that the PNG transparency table stays short. No dithering: it flickers and costs a third
    more bytes. Raises ValueError for a number of colours outside the range.
    """

    def __init__(self, frames: NDArray[np.uint8], colours: int = MAX_COLOURS) -> None:
        if not 2 <= colours <= MAX_COLOURS:
            raise ValueError(f"a palette has 2 to {MAX_COLOURS} colours, not {colours}")
        sample = frames[:: max(1, len(frames) // _SAMPLED_FRAMES)]
        self._clear = 1 if (sample[..., 3] == 0).any() else 0
        self._attributes = ffi.gc(lib.liq_attr_create(), lib.liq_attr_destroy)
        lib.liq_set_max_colors(self._attributes, max(2, colours - self._clear))
        lib.liq_set_speed(self._attributes, _SPEED)
        histogram = ffi.gc(lib.liq_histogram_create(self._attributes), lib.liq_histogram_destroy)
        for frame in sample:
            with _liq_image(self._attributes, frame) as image:
                _accept(lib.liq_histogram_add_image(histogram, self._attributes, image))
        found = ffi.new("liq_result**")
        _accept(lib.liq_histogram_quantize(histogram, self._attributes, found))
        self._result = ffi.gc(found[0], lib.liq_result_destroy)
        lib.liq_set_dithering_level(self._result, 0.0)
        entries = lib.liq_get_palette(self._result)
        found_colours = [(e.r, e.g, e.b, e.a) for e in entries.entries[0 : entries.count]]
        self.colours = np.array([(0, 0, 0, 0)] * self._clear + found_colours, np.uint8)

    def map(self, frames: NDArray[np.uint8]) -> Indexed:
        """Indices of all ``frames``, each pixel to its nearest colour."""
        count, height, width = frames.shape[:3]
        indices = np.empty((count, height, width), np.uint8)
        with _liq_image(self._attributes, frames.reshape(count * height, width, 4)) as strip:
            _accept(lib.liq_write_remapped_image(self._result, strip, ffi.from_buffer(indices), indices.size))
        # libimagequant refines the palette while mapping; the refined one belongs to these indices.
        entries = lib.liq_get_palette(self._result)
        refined = [(e.r, e.g, e.b, e.a) for e in entries.entries[0 : entries.count]]
        if not self._clear:
            return Indexed(np.array(refined, np.uint8), indices, None)
        indices += 1
        indices[frames[..., 3] == 0] = 0
        return Indexed(np.array([(0, 0, 0, 0), *refined], np.uint8), indices, 0)


def quantise(frames: NDArray[np.uint8], colours: int = MAX_COLOURS) -> Indexed:
    """Map all frames to one palette made from them. See ``SharedPalette``."""
    return SharedPalette(frames, colours).map(frames)


@contextmanager
def _liq_image(attributes: Any, pixels: NDArray[np.uint8]) -> Iterator[Any]:
    """The C library keeps no copy, so the pixels must stay alive while it is used."""
    flat = np.ascontiguousarray(pixels)
    height, width = flat.shape[:2]
    image = lib.liq_image_create_rgba(attributes, ffi.from_buffer(flat), width, height, 0)
    if image == ffi.NULL:
        raise MemoryError(f"libimagequant cannot take a picture of {width} x {height}")
    try:
        yield image
    finally:
        lib.liq_image_destroy(image)


def _accept(code: int) -> None:
    if code != lib.LIQ_OK:
        raise RuntimeError(f"libimagequant failed with code {code}")
