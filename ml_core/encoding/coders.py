"""One coder per format: how quality is turned, what a file will cost before it is written, and writing it.

``level`` is the one fine knob of a format, higher is better: quality 0..100 for WebP and VP9, the number of
colours for APNG, GIF and PNG (one more than 256 is full colour). ``estimate`` looks at a few frames only.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.encoding import gif, png, video, webp
from ml_core.encoding.encode import Settings, encode_timed
from ml_core.encoding.palette import MAX_COLOURS, Indexed, SharedPalette, quantise
from ml_core.encoding.targets import Fit
from ml_core.encoding.timing import Timing
from ml_core.types import Clip, Image

Frames = NDArray[np.uint8]
FULL_COLOUR = MAX_COLOURS + 1
_FRAME_OVERHEAD = 60
"""Headers of one frame in any of the formats, at most."""
_SAMPLES = 3


class Coder(Protocol):
    """Costs and bytes of one set of frames at one size. Made anew when frames or size change."""

    @property
    def levels(self) -> tuple[float, ...]:
        """Levels worth estimating, from the worst acceptable to the best, ascending."""

    def snap(self, level: float) -> float:
        """The nearest usable level that is not better than ``level``."""

    def estimate(self, level: float) -> float:
        """Predicted bytes of the whole file."""

    def encode(self, level: float) -> bytes:
        """The whole file."""


@dataclass
class _Remembering:
    """Planning and solving ask for the same levels; each prediction is made once."""

    _known: dict[float, float] = field(init=False, default_factory=dict, repr=False)

    def estimate(self, level: float) -> float:
        if level not in self._known:
            self._known[level] = self._predicted(level)
        return self._known[level]

    def _predicted(self, level: float) -> float:
        raise NotImplementedError


@dataclass
class WebpCoder(_Remembering):
    """Frames are independent stills of the changed rectangles, so sampled stills predict the sum."""

    frames: Frames
    timing: Timing
    fit: Fit
    _rects: list[webp.Rect] = field(init=False)

    def __post_init__(self) -> None:
        height, width = self.frames.shape[1:3]
        self._rects = [(0, 0, width, height)]
        self._rects += [webp.changed_rect(a, b) for a, b in itertools.pairwise(self.frames)]

    @property
    def levels(self) -> tuple[float, ...]:
        best, worst = self.fit.quality
        return tuple(np.linspace(worst, best, 4).tolist())

    def snap(self, level: float) -> float:
        return level

    def _predicted(self, level: float) -> float:
        areas = np.array([w * h for _, _, w, h in self._rects], float)
        taken = _sampled(len(self.frames))
        costs = sum(len(self._still(index, level)) for index in taken)
        return float(costs * areas.sum() / areas[taken].sum()) + 40 * len(self.frames)

    def encode(self, level: float) -> bytes:
        settings = Settings(quality=level)
        return encode_timed(Clip(self.frames, 1.0), "webp", self.timing, settings).data

    def _still(self, index: int, level: float) -> bytes:
        x, y, width, height = self._rects[index]
        part = np.ascontiguousarray(self.frames[index, y : y + height, x : x + width])
        return webp.encode_still(part, level)


@dataclass
class Vp9Coder(_Remembering):
    """Bytes fall by about 5.5 % a CRF step (measured); a quarter-size pass says where the line lies."""

    frames: Sequence[Image]
    timing: Timing
    fit: Fit
    _probe: float | None = None

    _SLOPE = -0.055
    _PROBE_CRF = 35
    _PROBE_SIDE = 256
    """A real-time pass at 256 px costs a tenth of a full one and lands within 15 % of it (toons)."""
    _PROBE_RATIO: ClassVar[Mapping[str, float]] = MappingProxyType({"good": 0.95, "fast": 0.485})
    """Bytes of the probe over those of a full pass: real-time coding needs twice as many."""

    @property
    def levels(self) -> tuple[float, ...]:
        best, worst = self.fit.quality
        return self.snap(worst), self.snap(best)

    def snap(self, level: float) -> float:
        crf = math.ceil(video.VP9_WORST_CRF * (1 - level / 100) - 1e-9)
        return 100 * (1 - crf / video.VP9_WORST_CRF)

    def _predicted(self, level: float) -> float:
        if self._probe is None:
            self._probe = self._probed()
        return self._probe * math.exp(self._SLOPE * (self._crf(level) - self._PROBE_CRF))

    def encode(self, level: float) -> bytes:
        rate, crf = 1 / self.timing.delay, self._crf(level)
        return video.encode_vp9(self.frames, rate, crf=crf, effort=self.fit.effort)

    def _crf(self, level: float) -> int:
        return round(video.VP9_WORST_CRF * (1 - level / 100))

    def _probed(self) -> float:
        height, width = self.frames[0].shape[:2]
        ratio = min(1.0, self._PROBE_SIDE / max(height, width))
        size = max(2, round(width * ratio / 2) * 2), max(2, round(height * ratio / 2) * 2)
        small = [np.asarray(cv2.resize(f, size, interpolation=cv2.INTER_AREA), np.uint8) for f in self.frames]
        cost = len(video.encode_vp9(small, 1 / self.timing.delay, crf=self._PROBE_CRF))
        # Bytes of the small pass stand for those of the slow pass at the usual 512 px.
        scale = max(height, width) / (2 * max(size)) if ratio < 1 else 0.5
        return cost * scale / self._PROBE_RATIO[self.fit.effort]


@dataclass
class PaletteCoder(_Remembering):
    """APNG and PNG with a shared palette; the number of colours is the fine knob."""

    frames: Frames
    timing: Timing
    fit: Fit
    _mapped: tuple[int, Indexed] | None = None
    _areas: list[int] = field(default_factory=list)

    @property
    def levels(self) -> tuple[float, ...]:
        best, worst = self.fit.colours
        steps = [float(best)]
        while steps[-1] / 2 > worst:
            steps.append(steps[-1] // 2)
        full = (float(FULL_COLOUR),) if self.fit.full_colour else ()
        return (*sorted({float(worst), *steps}), *full)

    def snap(self, level: float) -> float:
        return float(math.floor(level + 1e-9))

    def _predicted(self, level: float) -> float:
        if len(self.frames) <= 2 * _SAMPLES:
            return float(len(self.encode(level)))
        if not self._areas:
            rects = [webp.changed_rect(a, b) for a, b in itertools.pairwise(self.frames)]
            self._areas = [width * height for _, _, width, height in rects]
        taken = _sampled(len(self.frames))
        wanted = [0] + [index for step in taken for index in (step - 1, step, step + 1)]
        indexed = SharedPalette(self.frames, int(level)).map(self.frames[wanted])
        first, *later = self._costs(indexed)
        per_pixel = sum(later) / max(1, sum(self._areas[step - 1] for step in taken))
        return first + per_pixel * sum(self._areas) + _FRAME_OVERHEAD * len(self.frames) + 4 * MAX_COLOURS

    def encode(self, level: float) -> bytes:
        if int(level) >= FULL_COLOUR:
            return png.encode_png(self.frames[0])
        if len(self.frames) == 1:
            return png.encode_png(self.frames[0], int(level))
        return png.encode_indexed(self._all_mapped(int(level)), self.timing)

    def _costs(self, indexed: Indexed) -> list[int]:
        """Bytes of frame 0, and of the middle frame of each following group of three."""
        parts = [part for _, _, part in png.changed_parts(indexed.indices)]
        return [len(png.compressed(part, indexed.palette)) for part in [parts[0], *parts[2::3]]]

    def _all_mapped(self, colours: int) -> Indexed:
        if self._mapped is None or self._mapped[0] != colours:
            self._mapped = colours, quantise(self.frames, colours)
        return self._mapped[1]


class GifCoder(PaletteCoder):
    """As above with one-bit alpha and GIF's own way of redrawing."""

    def __post_init__(self) -> None:
        self.frames = gif.hard_alpha(self.frames)

    def encode(self, level: float) -> bytes:
        return gif.encode_indexed(self._all_mapped(int(level)), self.timing)

    def _costs(self, indexed: Indexed) -> list[int]:
        parts = gif.parts_of(indexed)
        return [sum(map(len, gif.image_blocks(part))) for part in [parts[0], *parts[2::3]]]


def _sampled(count: int) -> list[int]:
    """``_SAMPLES`` frames spread over the clip, neither the first (it alone is drawn whole) nor the last."""
    if count < _SAMPLES + 2:
        return list(range(count))
    return [round(1 + step * (count - 3) / (_SAMPLES - 1)) for step in range(_SAMPLES)]


CODERS: Mapping[str, Callable[[Sequence[Image], Timing, Fit], Coder]] = MappingProxyType(
    {
        "webm": Vp9Coder,
        # These compare or map all frames at once, so they want them as one array.
        "webp": lambda frames, timing, fit: WebpCoder(np.asarray(frames), timing, fit),
        "apng": lambda frames, timing, fit: PaletteCoder(np.asarray(frames), timing, fit),
        "png": lambda frames, timing, fit: PaletteCoder(np.asarray(frames), timing, fit),
        "gif": lambda frames, timing, fit: GifCoder(np.asarray(frames), timing, fit),
    }
)
