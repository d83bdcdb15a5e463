"""What all targets of one clip share, so that it is worked out once: palettes, changes, resampled frames."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from threading import Lock
from typing import overload

import numpy as np
from numpy.typing import NDArray

from ml_core.encoding.palette import Indexed, Mapper, Palette, find_palette, sampled
from ml_core.encoding.resampling import Size, fitted, resized
from ml_core.encoding.webp import changed_rect
from ml_core.types import FrameSource, Image

_PALETTE_FRAMES = 8


class ClipMaterial:
    """A clip, and what was found out about it. Targets in several threads may ask at once."""

    def __init__(self, clip: FrameSource) -> None:
        self.clip = clip
        self._palettes: dict[tuple[int, bool, bool], Palette] = {}
        self._changes: dict[tuple[int, int], float] = {}
        self._lock = Lock()

    def palette(self, colours: int, *, hard: bool = False, clear: bool = False) -> Palette:
        """The palette of the whole clip at its own size, which serves every size (measured: error 0.79
        against 0.90 for one made from the resampled frames). Every second frame is scaled down first, for the
        mixed colours that resampling brings. hard: for frames with alpha 0 or 255 only. clear: for frames
        that have clear pixels, if only around them."""
        with self._lock:
            clear = clear or self._has_clear
            if (colours, hard, clear) not in self._palettes:
                found = find_palette(self._sample, colours, hard=hard, clear=clear)
                self._palettes[colours, hard, clear] = found
            return self._palettes[colours, hard, clear]

    @cached_property
    def _has_clear(self) -> bool:
        return any(bool((picture[..., 3] == 0).any()) for picture in self._sample)

    @cached_property
    def _sample(self) -> list[Image]:
        count = self.clip.shape[0]
        frames = [self.clip.frame(index) for index in range(0, count, max(1, count // _PALETTE_FRAMES))]
        frames[1::2] = [resized(frame, _smaller(frame)) for frame in frames[1::2]]
        return sampled(frames)

    def change(self, before: int, after: int) -> float:
        """Share of the picture inside the rectangle that differs between two frames of the clip, 0..1."""
        if (before, after) not in self._changes:
            first, second = self.clip.frame(before), self.clip.frame(after)
            _, _, width, height = changed_rect(first, second)
            self._changes[before, after] = width * height / (first.shape[0] * first.shape[1])
        return self._changes[before, after]


def _smaller(image: Image) -> Size:
    """Two thirds: no edge of the original stays an edge of the result."""
    return max(1, image.shape[1] * 2 // 3), max(1, image.shape[0] * 2 // 3)


class SizedFrames:
    """Frames of the clip at one size, resampled and brought to a palette when asked for, once each.

    Several threads may ask at once: the worst that happens is that two work out the same.
    """

    def __init__(self, material: ClipMaterial, canvas: Size, content: Size) -> None:
        self.material, self.canvas, self.content = material, canvas, content
        self._images: dict[int, Image] = {}
        self._mappers: dict[tuple[int, bool], Mapper] = {}
        self._indices: dict[tuple[int, int, bool], NDArray[np.uint8]] = {}

    def image(self, index: int) -> Image:
        """Frame ``index`` of the clip, (H, W, 4) uint8 straight alpha."""
        if index not in self._images:
            self._images[index] = fitted(self.material.clip.frame(index), self.canvas, self.content)
        return self._images[index]

    def mapped(self, indices: Sequence[int], colours: int, *, hard: bool = False) -> Indexed:
        """These frames of the clip in the clip's palette of so many colours."""
        if (colours, hard) not in self._mappers:
            clear = self.canvas != self.content
            palette = self.material.palette(colours, hard=hard, clear=clear)
            self._mappers[colours, hard] = Mapper(palette)
        mapper = self._mappers[colours, hard]
        for index in indices:
            if (index, colours, hard) not in self._indices:
                self._indices[index, colours, hard] = mapper.indices(self.image(index))
        maps = np.stack([self._indices[index, colours, hard] for index in indices])
        return Indexed(mapper.palette.colours, maps, mapper.palette.clear)


class ShownFrames(Sequence[Image]):
    """Frames of a clip in the order and at the size in which a target shows them.

    order: indices into the clip's frames.
    """

    def __init__(self, sized: SizedFrames, order: NDArray[np.int_]) -> None:
        self.sized, self.order = sized, [int(index) for index in order]

    def __len__(self) -> int:
        return len(self.order)

    @overload
    def __getitem__(self, position: int) -> Image: ...

    @overload
    def __getitem__(self, position: slice) -> list[Image]: ...

    def __getitem__(self, position: int | slice) -> Image | list[Image]:
        if isinstance(position, slice):
            return [self[index] for index in range(*position.indices(len(self)))]
        return self.sized.image(self.order[position])

    @property
    def canvas(self) -> Size:
        return self.sized.canvas

    def mapped(self, positions: Sequence[int], colours: int, *, hard: bool) -> Indexed:
        """The frames at these positions in the clip's palette of so many colours."""
        return self.sized.mapped([self.order[position] for position in positions], colours, hard=hard)

    @property
    def changes(self) -> NDArray[np.float64]:
        """Share of the picture that each frame must redraw; the first one all of it."""
        pairs = zip(self.order, self.order[1:], strict=False)
        return np.array([1.0, *(self.sized.material.change(*pair) for pair in pairs)])
