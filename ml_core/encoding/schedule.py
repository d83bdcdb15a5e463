"""When the frames of a clip are shown at a given target: length, frame count, delays, loops, first frame."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ml_core.encoding.targets import Limits, Target
from ml_core.encoding.timing import CENTISECOND, MILLISECOND, Timing, clip_seconds, exact, on_clock
from ml_core.errors import TargetUnmet
from ml_core.types import FrameSource

_FASTEST = Fraction(3, 2)
"""Speeding up by more than a half looks wrong; beyond that the clip is cut around its peak."""
_CLOCKS = {"webp": MILLISECOND, "gif": CENTISECOND}


@dataclass(frozen=True)
class Schedule:
    """seconds: of one loop. source: indices of the clip's frames that are used, a run of them. notes: what
    was given up to get there. fewest, most: frame counts that the target and the clip allow."""

    seconds: Fraction
    loops: int
    source: NDArray[np.int_]
    fewest: int
    most: int
    notes: tuple[str, ...] = ()


def schedule_for(clip: FrameSource, target: Target) -> Schedule:
    """Decide length and loops, and the range of frame counts.

    Raises TargetUnmet: frames_too_few when the clip has fewer frames than the target asks for.
    """
    limits, seconds, notes = target.limits, clip_seconds(clip), []
    source = np.arange(clip.shape[0])
    longest = Fraction(limits.max_seconds) * _FASTEST if limits.max_seconds else None
    if longest is not None and seconds > longest:
        keep = max(1, int(len(source) * longest / seconds))
        start = min(max(0, clip.poster - keep // 2), len(source) - keep)
        source = source[start : start + keep]
        notes.append(f"length: cut from {float(seconds):.2f} s to {float(longest):.2f} s around the peak")
        seconds = seconds * keep / clip.shape[0]
    played, loops = _length(seconds, target)
    if abs(float(played / seconds) - 1) > 0.02:
        notes.append(f"speed: {float(seconds):.2f} s shown in {float(played):.2f} s")
    most = _most_frames(len(source), played, target)
    fewest = limits.frames[0] if limits.frames else 1 if "png" in target.accepts else 2
    if len(source) < fewest or most < fewest:
        message = f"{target.name} needs at least {fewest} frames; the clip has {len(source)}"
        raise TargetUnmet("frames_too_few", message, target=target.name, needed=fewest, found=len(source))
    wished = math.ceil(float(played) * target.fit.min_rate)
    return Schedule(played, loops, source, min(most, max(fewest, wished)), most, tuple(notes))


def timing_of(schedule: Schedule, frames: int, target: Target) -> Timing:
    """Equal delays for about ``frames`` frames on the clock of the target's format, never over its limit."""
    clock = _CLOCKS.get(target.format)
    if clock is None:
        return replace(exact(schedule.seconds, frames), loops=schedule.loops)
    timing = on_clock(schedule.seconds, frames, clock)
    limit = target.limits.max_seconds
    if limit is not None and timing.frames * timing.delay > Fraction(limit):
        shorter = max(clock, Fraction(limit) / timing.frames // clock * clock)
        timing = replace(timing, delay=shorter)
    return replace(timing, loops=schedule.loops)


def order_of(schedule: Schedule, clip: FrameSource, frames: int, target: Target) -> NDArray[np.int_]:
    """Indices into the clip's frames, evenly spread, in the order in which they are shown.

    With first_frame "peak" the loop begins at the poster: it loops exactly, so any frame may be the first.
    """
    source = schedule.source
    shown = frames - 1 if target.limits.first_equals_last and frames > 2 else frames
    steps = np.floor(np.arange(shown) * len(source) / shown + 0.5 - 1e-9).astype(int)
    first = clip.poster - int(source[0]) if target.fit.first_frame == "peak" else 0
    order = source[(first + steps) % len(source)]
    return np.append(order, order[0]) if shown < frames else order


def _length(seconds: Fraction, target: Target) -> tuple[Fraction, int]:
    limits, fit = target.limits, target.fit
    low, high = limits.loops or (0, 0)
    if limits.whole_seconds:
        return _whole_seconds(seconds, limits)
    loops = fit.loops if fit.loops is not None else high
    if limits.max_seconds:
        plays = max(1, loops) if limits.seconds_include_loops else 1
        seconds = min(seconds, Fraction(limits.max_seconds) / plays)
    return seconds, max(low, loops)


def _whole_seconds(seconds: Fraction, limits: Limits) -> tuple[Fraction, int]:
    """The play count and whole length whose single loop is closest to the clip's, in ratio."""
    low, high = limits.loops or (1, 1)
    most = int(limits.max_seconds or 4)
    choices = [
        (Fraction(total, plays if limits.seconds_include_loops else 1), plays)
        for plays in range(max(1, low), high + 1)
        for total in range(1, most + 1)
    ]
    # More plays of the same length are better: the sticker rests later.
    return min(choices, key=lambda choice: (abs(math.log(choice[0] / seconds)), -choice[1]))


def _most_frames(frames: int, seconds: Fraction, target: Target) -> int:
    limits, fit = target.limits, target.fit
    rate = min(fit.max_rate, limits.max_rate or fit.max_rate)
    caps = [frames, math.floor(float(seconds) * rate + 1e-6)]
    caps += [cap for cap in (limits.max_frames, fit.max_frames, limits.frames and limits.frames[1]) if cap]
    if limits.min_delay_ms:
        caps.append(int(seconds * 1000 / Fraction(limits.min_delay_ms)))
    return max(1, min(caps))
