"""One coder per format: how quality is turned, what a file will cost before it is written, and writing it.

``level`` is the one fine knob of a format, higher is better: quality 0..100 for WebP and VP9, the number of
colours for APNG, GIF and PNG (one more than 256 is full colour). ``estimate`` looks at a few frames only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar, Protocol

import cv2
import numpy as np

from ml_core.encoding import gif, png, video, webp
from ml_core.encoding.material import ShownFrames
from ml_core.encoding.palette import MAX_COLOURS, Indexed
from ml_core.encoding.targets import Fit
from ml_core.encoding.timing import MILLISECOND, Timing
from ml_core.types import Image

FULL_COLOUR = MAX_COLOURS + 1
_FRAME_OVERHEAD = 60
"""Headers of one frame in any of the formats, at most."""
_SAMPLED = 6
"""Frames that predict a whole file. Standard error of the prediction on six rendered stickers, with 3, 4 and
6 frames: WebP 5.4, 2.5, 1.4 %, palettes 3.8, 2.1, 1.2 %."""
_WHOLE = 6
"""Clips up to so many frames are not sampled."""
COUNTS = (*range(16, 64, 4), *range(64, 96, 8), *range(96, 160, 16), *range(160, 257, 32))
"""Numbers of colours that are used: a step changes the bytes by some five per cent."""


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

    frames: ShownFrames
    timing: Timing
    fit: Fit
    _stills: webp.Stills = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._stills = webp.Stills(self.frames)

    @property
    def levels(self) -> tuple[float, ...]:
        best, worst = self.fit.quality
        return tuple(np.linspace(worst, best, 4).tolist())

    def snap(self, level: float) -> float:
        return level

    def _predicted(self, level: float) -> float:
        taken, changes = _sampled(len(self.frames), _SAMPLED), self.frames.changes
        alphas = sum(len(self._stills.alpha(index)) for index in taken)
        colours = sum(len(self._stills.colour(index, level, webp.QUICK_METHOD)) for index in taken)
        costs = alphas + colours / _quick_excess(level)
        return float(costs * changes.sum() / changes[taken].sum()) + 40 * len(self.frames)

    def encode(self, level: float) -> bytes:
        if len(self.frames) == 1:
            return self._stills.still(level)
        return self._stills.animation(level, int(self.timing.delay / MILLISECOND), loops=self.timing.loops)


def _quick_excess(quality: float) -> float:
    """Bytes of colours at the quick effort over those at the usual one: three clips, within 0.5 %."""
    return 1.065 - 0.00045 * quality


@dataclass(frozen=True)
class _Probe:
    """A small real-time pass, and how the bytes of a full pass follow from it.

    side: of its frames in pixels, 0 for as they are. every: only each so-manieth frame. crf: its quality.
    factor: bytes of the full pass over those of the probe at the probe's CRF. gentle, steep: change of
    ln(bytes) a CRF step below and above ``_BEND``.
    """

    side: int
    every: int
    crf: int
    factor: float
    gentle: float
    steep: float

    def share(self, crf: int, probed: int) -> float:
        """Bytes of a full pass at ``crf`` over those of a probe at ``probed``."""

        def below(level: int) -> float:
            return self.gentle * min(level, _BEND) + self.steep * max(0, level - _BEND)

        return self.factor * math.exp(below(crf) - below(probed))


@dataclass(frozen=True)
class _CloserProbe:
    """The level that was chosen, probed once more at its own CRF and by more pixels.

    factor: bytes of the full pass over those of the probe; it grows by ``coarse`` a step above ``_COARSE``.
    """

    side: int
    every: int
    factor: float
    coarse: float

    def share(self, crf: int) -> float:
        return self.factor * math.exp(self.coarse * max(0, crf - _COARSE))


_BEND, _COARSE = 30, 42


@dataclass
class Vp9Coder(_Remembering):
    """A quick real-time pass, over small frames where the picture is large, says what a full pass costs."""

    frames: ShownFrames
    timing: Timing
    fit: Fit
    _first_bytes: int | None = field(init=False, default=None, repr=False)

    _USUAL_SIDE = 512
    """What the factors were measured at."""
    _SMALL = video.SMALL_SIDE
    """Up to this side the frames are probed as they are; such files have bytes to spare and end up at a low
    CRF, so the probe is made there."""
    _PROBES: ClassVar[Mapping[str, _Probe]] = MappingProxyType(
        {
            "good": _Probe(128, 2, 42, 5.2, -0.045, -0.055),
            "fast": _Probe(128, 2, 42, 7.5, -0.055, -0.0652),
        }
    )
    """good: six rendered stickers, within 10 %. fast: fourteen; standard deviation 5 %, at most 14 %, for a
    twentieth of a pass."""
    _CLOSER: ClassVar[Mapping[str, _CloserProbe]] = MappingProxyType(
        {"good": _CloserProbe(256, 1, 1.56, 0.0127)}
    )
    """Six rendered stickers: within 7 %."""
    _SMALL_PROBES: ClassVar[Mapping[str, _Probe]] = MappingProxyType(
        {"good": _Probe(0, 1, 24, 0.807, -0.034, -0.055), "fast": _Probe(0, 1, 24, 1.0, -0.055, -0.055)}
    )

    @property
    def levels(self) -> tuple[float, ...]:
        best, worst = self.fit.quality
        bend = 100 * (1 - _BEND / video.VP9_WORST_CRF)  # between these the prediction is a straight line
        return tuple(sorted({self.snap(worst), *([bend] if worst < bend < best else []), self.snap(best)}))

    def snap(self, level: float) -> float:
        crf = math.ceil(video.VP9_WORST_CRF * (1 - level / 100) - 1e-9)
        return 100 * (1 - crf / video.VP9_WORST_CRF)

    def _predicted(self, level: float) -> float:
        crf, small = self._crf(level), max(self.frames.canvas) <= self._SMALL
        larger = max(1.0, max(self.frames.canvas) / self._USUAL_SIDE)
        closer = None if small else self._CLOSER.get(self.fit.effort)
        if closer and level not in self.levels:
            return self._probed(closer.side, closer.every, crf) * closer.share(crf) * larger
        probe = (self._SMALL_PROBES if small else self._PROBES)[self.fit.effort]
        if self._first_bytes is None:
            self._first_bytes = self._probed(probe.side, probe.every, probe.crf)
        return self._first_bytes * probe.share(crf, probe.crf) * larger

    def encode(self, level: float) -> bytes:
        return self._pass(self.frames, self._crf(level), self.fit.effort)

    def _probed(self, side: int, every: int, crf: int) -> int:
        """Bytes of a quick pass over one in ``every`` frames; side 0: of the frames as they are."""
        if not side:
            return len(self._pass(self.frames, crf, "fast"))
        width, height = self.frames.canvas
        ratio = side / max(height, width)
        size = max(2, round(width * ratio / 2) * 2), max(2, round(height * ratio / 2) * 2)
        small = [
            np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)
            for frame in self.frames[::every]
        ]
        return len(self._pass(small, crf, "fast"))

    def _pass(self, frames: Sequence[Image], crf: int, effort: str) -> bytes:
        return video.encode_vp9(frames, 1 / self.timing.delay, crf=crf, effort=effort)

    def _crf(self, level: float) -> int:
        return round(video.VP9_WORST_CRF * (1 - level / 100))


@dataclass
class PaletteCoder(_Remembering):
    """APNG and PNG with a shared palette; the number of colours is the fine knob."""

    frames: ShownFrames
    timing: Timing
    fit: Fit
    _stills: dict[float, bytes] = field(init=False, default_factory=dict, repr=False)

    _HARD: ClassVar[bool] = False
    """Whether alpha is all or nothing."""

    @property
    def levels(self) -> tuple[float, ...]:
        best, worst = self.fit.colours
        middle = self.snap(math.sqrt(best * worst))
        full = (float(FULL_COLOUR),) if self.fit.full_colour else ()
        return (*sorted({float(worst), middle, float(best)}), *full)

    def snap(self, level: float) -> float:
        """Few different numbers of colours, so that targets share their palettes."""
        usable = [count for count in COUNTS if count <= level + 1e-9]
        return float(usable[-1]) if usable else self.fit.colours[1]

    def _predicted(self, level: float) -> float:
        if len(self.frames) <= _WHOLE:
            return float(len(self.encode(level)))
        taken = _sampled(len(self.frames), _SAMPLED)
        wanted = [0] + [index for step in taken for index in (step - 1, step, step + 1)]
        first, *later = self._costs(self._mapped(wanted, level))
        changes = self.frames.changes
        rest = sum(later) * changes[1:].sum() / max(1e-6, changes[taken].sum())
        return float(first + rest + _FRAME_OVERHEAD * len(self.frames) + 4 * MAX_COLOURS)

    def encode(self, level: float) -> bytes:
        if len(self.frames) > 1:
            return png.encode_indexed(self._mapped(range(len(self.frames)), level), self.timing)
        if level not in self._stills:
            colours = None if level >= FULL_COLOUR else int(level)
            self._stills[level] = png.encode_png(self.frames[0], colours)
        return self._stills[level]

    def _costs(self, indexed: Indexed) -> list[float]:
        """Bytes of frame 0, and of the middle frame of each following group of three."""
        parts = [part for _, _, part in png.changed_parts(indexed.indices)]
        first = len(png.compressed(parts[0], indexed.palette))
        # How much more the slow compression gains is nearly the same for all frames.
        share = first / png.quick_bytes(parts[0])
        return [first, *(share * png.quick_bytes(part) for part in parts[2::3])]

    def _mapped(self, positions: Sequence[int], level: float) -> Indexed:
        return self.frames.mapped(positions, int(level), hard=self._HARD)


@dataclass
class GifCoder(PaletteCoder):
    """As above with one-bit alpha and GIF's own way of redrawing."""

    _HARD: ClassVar[bool] = True

    def encode(self, level: float) -> bytes:
        return gif.encode_indexed(self._mapped(range(len(self.frames)), level), self.timing)

    def _costs(self, indexed: Indexed) -> list[float]:
        parts = gif.parts_of(indexed)
        return [sum(map(len, gif.image_blocks(part))) for part in [parts[0], *parts[2::3]]]


def _sampled(count: int, most: int) -> list[int]:
    """Up to ``most`` frames spread over the clip, one in three at most, neither the first (it alone is drawn
    whole) nor the last."""
    if count <= _WHOLE:
        return list(range(count))
    samples = min(most, count // 3)
    return [round(1 + step * (count - 3) / (samples - 1)) for step in range(samples)]


CODERS: Mapping[str, Callable[[ShownFrames, Timing, Fit], Coder]] = MappingProxyType(
    {"webp": WebpCoder, "webm": Vp9Coder, "apng": PaletteCoder, "png": PaletteCoder, "gif": GifCoder}
)
