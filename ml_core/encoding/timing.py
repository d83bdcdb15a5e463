"""When frames are shown. Every file gets one constant delay: viewers and validators misread variable ones."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ml_core.types import Clip, FrameSource

MILLISECOND = Fraction(1, 1000)
"""Clock of WebP."""
CENTISECOND = Fraction(1, 100)
"""Clock of GIF."""
MIN_GIF_DELAY = Fraction(2, 100)
"""Browsers play anything shorter than 20 ms at 100 ms."""
APNG_CLOCK = Fraction(1, 1000)
"""APNG carries any fraction of a second; milliseconds are used where they are exact."""
_MAX_FRACTION = 65535
"""Numerator and denominator of an APNG delay are 16 bits."""


@dataclass(frozen=True)
class Timing:
    """``frames`` frames, each shown for ``delay`` seconds, played ``loops`` times (0: for ever)."""

    frames: int
    delay: Fraction
    loops: int = 0

    @property
    def seconds(self) -> float:
        """Length of one loop."""
        return float(self.frames * self.delay)


def on_clock(seconds: Fraction, frames: int, clock: Fraction) -> Timing:
    """Spread ``seconds`` over about ``frames`` equal delays that are whole ticks of ``clock``.

    Never more frames than asked for. When rounding the delay would change the length by more than one per
    cent, a longer delay with fewer frames is taken, whose product comes closest.
    """
    ticks = seconds / frames / clock
    nearest = max(1, round(ticks))
    if abs(nearest - ticks) <= ticks / 100:
        return Timing(frames, nearest * clock)
    longer = max(1, -(-ticks.numerator // ticks.denominator))
    choices = [
        Timing(max(1, round(seconds / (delay * clock))), delay * clock)
        for delay in range(longer, longer + 1 + longer // 8)
    ]
    return min(choices, key=lambda timing: abs(timing.frames * timing.delay - seconds))


def exact(seconds: Fraction, frames: int) -> Timing:
    """Equal delays that are exact fractions of a second, as APNG, WebM and MP4 can carry them."""
    return Timing(frames, (seconds / frames).limit_denominator(_MAX_FRACTION))


def clip_seconds(clip: FrameSource) -> Fraction:
    """Length of the clip as an exact number: 60 frames at 24 per second are 5/2."""
    return clip.shape[0] / Fraction(clip.fps).limit_denominator(1001)


def timing_for(clip: Clip, format: str, loops: int = 0) -> Timing:
    """The timing closest to the clip's own that ``format`` can carry with one constant delay."""
    seconds, frames = clip_seconds(clip), len(clip.frames)
    if format == "webp":
        timing = on_clock(seconds, frames, MILLISECOND)
    elif format == "gif":
        most = max(1, int(seconds / MIN_GIF_DELAY))
        timing = on_clock(seconds, min(frames, most), CENTISECOND)
    else:
        timing = exact(seconds, frames)
    return Timing(timing.frames, timing.delay, loops)


def picked(clip: Clip, frames: int, first: int = 0) -> NDArray[np.uint8]:
    """``frames`` frames spread evenly over the loop, beginning with frame ``first``.

    Positions are whole multiples of length / frames, so the step over the seam is like any other.
    Returns (frames, H, W, 4) uint8.
    """
    length = len(clip.frames)
    if frames == length and first == 0:
        return clip.frames
    steps = np.floor(np.arange(frames) * length / frames + 0.5 - 1e-9).astype(int)
    taken: NDArray[np.uint8] = clip.frames[(first + steps) % length]
    return taken
