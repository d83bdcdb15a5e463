"""A track: how one channel changes over the loop, as keyframes plus oscillators."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ml_core.animation.easing import EASINGS

Phases = NDArray[np.float64]
"""(F,) float64 in 0..1."""


@dataclass(frozen=True)
class Key:
    """``value`` is reached at ``phase``; ``ease`` names the curve from the key before it."""

    phase: float
    value: float
    ease: str = "ease"


@dataclass(frozen=True)
class Wave:
    """An oscillator inside a window of the loop.

    shape: see ``SHAPES``. cycles: whole periods inside ``during``. shift: in periods.
    fade: length of the soft start and end of the window, in phase; 0 means none.
    """

    shape: str
    cycles: float
    amplitude: float
    shift: float = 0.0
    during: tuple[float, float] = (0.0, 1.0)
    fade: float = 0.0


@dataclass(frozen=True)
class Track:
    """Keyframes (piecewise eased, held outside) plus waves, added."""

    keys: tuple[Key, ...] = ()
    waves: tuple[Wave, ...] = ()


def _tremble(x: Phases) -> Phases:
    # three incommensurate overtones read as shivering, yet close after a whole number of periods
    return (
        np.sin(2 * np.pi * x) + 0.7 * np.sin(4 * np.pi * x + 1.3) + 0.5 * np.sin(6 * np.pi * x + 4.1)
    ) / 1.6


SHAPES: Mapping[str, Callable[[Phases], Phases]] = {
    "sine": lambda x: np.sin(2 * np.pi * x),
    "bump": lambda x: 0.5 - 0.5 * np.cos(2 * np.pi * x),  # 0..1..0: nods, breaths
    "hop": lambda x: np.abs(np.sin(np.pi * x)),  # 0..1..0 with a hard landing
    "triangle": lambda x: 2 / np.pi * np.arcsin(np.sin(2 * np.pi * x)),
    "square": lambda x: np.tanh(4 * np.sin(2 * np.pi * x)),  # soft corners: no pops between frames
    "tremble": _tremble,
}


def _keys_at(keys: tuple[Key, ...], phases: Phases) -> Phases:
    times = np.array([key.phase for key in keys])
    values = np.array([key.value for key in keys])
    out: Phases = np.where(phases < times[0], values[0], values[-1])
    for before, after in pairwise(keys):
        inside = (phases >= before.phase) & (phases < after.phase)
        if not inside.any():
            continue
        local = (phases[inside] - before.phase) / (after.phase - before.phase)
        out[inside] = before.value + (after.value - before.value) * EASINGS[after.ease](local)
    return out


def _wave_at(wave: Wave, phases: Phases) -> Phases:
    start, end = wave.during
    local = (phases - start) / (end - start)
    gain = ((local >= 0) & (local <= 1)).astype(np.float64)
    if wave.fade > 0:
        edge = np.clip(np.minimum(phases - start, end - phases) / wave.fade, 0.0, 1.0)
        gain = gain * edge * edge * (3 - 2 * edge)
    return wave.amplitude * gain * SHAPES[wave.shape](local * wave.cycles + wave.shift)


def track_values(track: Track, phases: Phases) -> Phases:
    """Values of ``track`` at ``phases``: (F,) float64 -> (F,) float64."""
    out = np.zeros_like(phases, dtype=np.float64)
    if track.keys:
        out += _keys_at(track.keys, phases)
    for wave in track.waves:
        out += _wave_at(wave, phases)
    return out


def track_closes(track: Track, tolerance: float = 1e-3) -> bool:
    """True when the track has the same value at phase 0 and 1, so that a loop has no jump."""
    ends = track_values(track, np.array([0.0, 1.0]))
    return bool(abs(ends[0] - ends[1]) <= tolerance)
