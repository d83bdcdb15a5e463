"""A motion: what a face does over one loop, as frozen data, and its sampling into poses.

The readable file form is TOML (see ``motion_file``)::

    id = "hello"
    duration_s = 2.5
    poster = 0.35
    blinks = [0.62]

    [caption]
    style = "pop"
    colour = "#1e8c50"

    [tracks]
    mouthSmile = 0.7                                          # constant, both sides
    head.roll = [{ wave = "sine", cycles = 2, amplitude = 6 }]
    jawOpen = [[0, 0], [0.2, 0.5, "overshoot"], [0.8, 0.5], [1, 0]]

    [[gestures]]
    name = "wave"
    start = 0.1
    end = 0.9

Phases run from 0 to 1 over the loop. A track is a number, or a list of keys ``[phase, value]`` or
``[phase, value, easing]`` (how the value arrives: ``easing.EASINGS``; default "ease") and of waves
(``tracks.SHAPES``) with ``cycles``, ``amplitude`` and, if wished, ``shift`` in periods, a window
``during``, and a soft ``fade`` at its ends. Track names are the channels of ``channels.CHANNELS``, or a
pair without Left and Right for both sides. Top-level keys: id, duration_s, fps (24), poster (0.5), loop
(true), talking (false: the caption is spoken), idle (true: breathing), blinks (phases). Effects and
gestures are named after what ``ml_core.drawing`` draws; further keys of a cue are options of that drawing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml_core.animation.channels import CHANNELS, INDEX, PAIRS
from ml_core.animation.tracks import Track, track_values
from ml_core.types import EffectCue, GestureCue, Rgb

BLINK_CLOSE_S, BLINK_HOLD_S, BLINK_OPEN_S = 0.07, 0.05, 0.12
"""A natural blink: closes faster than it opens (VanderWerf et al. 2003, J. Neurophysiol. 89: 2784)."""
BREATH_UNITS = 0.006
"""Breathing lifts the body by this many outer-eye distances: felt, not seen."""
SWAY_DEGREES = 0.7


@dataclass(frozen=True)
class Motion:
    """One loop of acting.

    poster: phase 0..1 of the emotional peak. blinks: phases at which the eyes close for a moment.
    tracks: channel name or pair shorthand -> Track. caption_colour: RGB 0..255.
    idle: adds breathing and a slight sway so that nothing ever stands dead still.
    """

    id: str
    duration_s: float
    fps: float
    poster: float
    loop: bool
    talking: bool
    tracks: Mapping[str, Track]
    effects: tuple[EffectCue, ...] = ()
    gestures: tuple[GestureCue, ...] = ()
    caption_style: str = "pop"
    caption_colour: Rgb = (43, 32, 40)
    blinks: tuple[float, ...] = ()
    idle: bool = True

    @property
    def frames(self) -> int:
        """Number of frames of one loop at ``fps``."""
        return max(1, round(self.duration_s * self.fps))


@dataclass(frozen=True)
class Pose:
    """What the puppet does at F moments. values: (F, len(CHANNELS)) float32, columns as in ``INDEX``.

    The moments are evenly spaced over one loop when springs are wanted; ``duration_s`` is the loop's length.
    """

    values: NDArray[np.float32]
    duration_s: float

    def channel(self, name: str) -> NDArray[np.float32]:
        """(F,) float32 values of one channel."""
        return self.values[:, INDEX[name]]

    def __len__(self) -> int:
        return len(self.values)


def rest_pose(frames: int = 1, duration_s: float = 1.0) -> Pose:
    """The neutral face, ``frames`` times."""
    row = np.array([channel.rest for channel in CHANNELS.values()], np.float32)
    return Pose(np.tile(row, (frames, 1)), duration_s)


def loop_phases(frames: int) -> NDArray[np.float64]:
    """(frames,) float64, evenly spaced in 0..1 without the end, which is the start again."""
    return np.arange(frames, dtype=np.float64) / frames


def channels_of(name: str) -> tuple[str, ...]:
    """The channels a track name drives: one, or two for a pair shorthand. KeyError when unknown."""
    if name in PAIRS:
        return PAIRS[name]
    if name in CHANNELS:
        return (name,)
    raise KeyError(name)


def sample(motion: Motion, phase: float | NDArray[np.float64]) -> Pose:
    """Pose of ``motion`` at one phase or at (F,) phases, clamped to each channel's range.

    A track replaces the channel's rest value; a pair shorthand and a single side add up.
    """
    phases = np.atleast_1d(np.asarray(phase, np.float64))
    rest = rest_pose(len(phases), motion.duration_s)
    values = rest.values.astype(np.float64)
    driven: set[str] = set()
    for name, track in motion.tracks.items():
        curve = track_values(track, phases)
        for channel in channels_of(name):
            column = INDEX[channel]
            values[:, column] = curve if channel not in driven else values[:, column] + curve
            driven.add(channel)
    _add_blinks(values, motion, phases)
    if motion.idle:
        _add_idle(values, phases)
    low = np.array([channel.low for channel in CHANNELS.values()])
    high = np.array([channel.high for channel in CHANNELS.values()])
    return Pose(np.clip(values, low, high).astype(np.float32), motion.duration_s)


def _add_blinks(values: NDArray[np.float64], motion: Motion, phases: NDArray[np.float64]) -> None:
    for at in motion.blinks:
        # signed distance to the nearest repetition, in seconds: a blink may straddle the loop's seam
        seconds = ((phases - at + 0.5) % 1.0 - 0.5) * motion.duration_s
        times = [-BLINK_CLOSE_S, 0.0, BLINK_HOLD_S, BLINK_HOLD_S + BLINK_OPEN_S]
        closed = np.interp(seconds, times, [0.0, 1.0, 1.0, 0.0])
        closed = closed * closed * (3 - 2 * closed)
        for side in ("eyeBlinkLeft", "eyeBlinkRight"):
            values[:, INDEX[side]] = np.maximum(values[:, INDEX[side]], closed)


def _add_idle(values: NDArray[np.float64], phases: NDArray[np.float64]) -> None:
    turn = 2 * np.pi * phases
    values[:, INDEX["body.y"]] -= BREATH_UNITS * np.sin(turn)
    values[:, INDEX["head.y"]] -= BREATH_UNITS * np.sin(turn - 0.6)  # the head follows the chest
    values[:, INDEX["head.roll"]] += SWAY_DEGREES * np.sin(turn + 1.0)
