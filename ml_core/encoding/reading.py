"""A person's own animated file as a clip: WebP, GIF, APNG, WebM, MP4, or a still PNG or WebP."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from fractions import Fraction

import numpy as np

from ml_core.encoding.decoding import ReadLimits, bounded, frames_of, video_facts
from ml_core.encoding.resampling import resized
from ml_core.types import Clip, Image

LARGEST_SIDE = 768
"""No target is larger, so bigger frames are scaled down as they arrive and never held."""
MAX_RATE = 30.0
"""No target plays faster."""
MOST_FRAMES = 300
"""A long pause between short delays must not become thousands of equal frames."""
_DEFAULT_DELAY = Fraction(1, 10)
"""What browsers use for a GIF frame of 0 or 10 ms."""
_SHORTEST_DELAY = Fraction(2, 100)


def read_clip(data: bytes, limits: ReadLimits | None = None) -> Clip:
    """Decode ``data`` to a clip with one constant delay; poster is the first frame.

    Frames with different delays are repeated or dropped so that each is shown for its share of the time.
    A file without alpha gives opaque frames. Sides above LARGEST_SIDE are scaled down.
    Raises ClipInvalid: file_unknown, file_corrupt, file_too_large, canvas_too_large, frames_too_many,
    decode_too_slow, clip_empty.
    """
    limits = limits or ReadLimits()
    container = bounded(data, limits)
    if container.format in ("webm", "mp4"):
        # Frames of a video are held only at sticker size; what decoding costs is bounded by time.
        limits = replace(limits, total_pixels=limits.frames * limits.canvas_pixels)
    frames, starts = [], []
    for frame in frames_of(data, limits):
        frames.append(_small(frame.image))
        starts.append(frame.start)
    if len(frames) == 1:
        return Clip(np.stack(frames), 1.0)
    return _steady(frames, _delays(data, container.format, container.delays, starts))


def _delays(data: bytes, kind: str, written: tuple[Fraction, ...], starts: list[Fraction]) -> list[Fraction]:
    if kind in ("webm", "mp4"):
        between = [b - a for a, b in itertools.pairwise(starts)]
        last = video_facts(data).seconds - starts[-1]
        return [*between, last if last > 0 else between[-1]]
    return [delay if delay >= _SHORTEST_DELAY else _DEFAULT_DELAY for delay in written]


def _steady(frames: list[Image], delays: list[Fraction]) -> Clip:
    """One constant delay: the mean when all are alike, else the shortest that the rate limit allows."""
    total = sum(delays, Fraction(0))
    mean = total / len(delays)
    uneven = max(delays) - min(delays) > mean / 10
    step = max(min(delays) if uneven else mean, Fraction(1) / Fraction(MAX_RATE))
    count = min(MOST_FRAMES, max(2, math.ceil(total / step - Fraction(1, 100))))
    edges = np.cumsum([float(delay) for delay in delays])
    middles = (np.arange(count) + 0.5) * float(total) / count
    shown = np.minimum(np.searchsorted(edges, middles), len(frames) - 1)
    return Clip(np.stack([frames[index] for index in shown]), count / float(total))


def _small(image: Image) -> Image:
    height, width = image.shape[:2]
    ratio = LARGEST_SIDE / max(height, width)
    if ratio < 1:
        image = resized(image, (max(1, round(width * ratio)), max(1, round(height * ratio))))
    elif not image.flags.writeable:
        image = image.copy()
    image[image[..., 3] == 0] = (255, 255, 255, 0)
    return image
