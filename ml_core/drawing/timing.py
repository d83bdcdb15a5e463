"""Easing and cycles. Time is the phase of the loop, 0..1; cycle counts are whole, so loops close."""

from __future__ import annotations

import math

TAU = 2.0 * math.pi
OVERSHOOT = 1.9
"""Penner's back easing: 1.70158 overshoots by 10 %; slightly more reads better at 24 frames a second."""
RISE = 0.075
"""Share of the loop in which a thing pops in (about a sixth of a second of a two-second loop)."""
_ROOTS = tuple(math.sqrt(prime) for prime in (5, 2, 3, 7, 11, 13, 17, 19, 23, 29, 31))
FALL = 0.05
"""Share of the loop in which it goes away: faster than it came, as animators do."""


def clamp(value: float, low: float = 0.0, high: float = 1.0) -> float:
    """``value`` kept within ``low``..``high``."""
    return low if value < low else high if value > high else value


def smooth(value: float) -> float:
    """Smoothstep of ``value`` clamped to 0..1."""
    value = clamp(value)
    return value * value * (3.0 - 2.0 * value)


def overshoot(value: float, amount: float = OVERSHOOT) -> float:
    """Back easing out (R. Penner, Programming Macromedia Flash MX, 2002, ch. 7): 0 -> above 1 -> 1."""
    value = clamp(value) - 1.0
    return value * value * ((amount + 1.0) * value + amount) + 1.0


def presence(phase: float, start: float, end: float) -> float:
    """How much a cue is there: 0 outside, pops in with overshoot, stays 1, shrinks away. 0..about 1.1.

    A cue may wrap around the end of the loop (start > end). At its own ends it is exactly 0.
    """
    span = end - start if end > start else end - start + 1.0
    inside = (phase - start) % 1.0
    if span >= 1.0:
        inside, span = phase % 1.0, 1.0
    if inside >= span:
        return 0.0
    rise, fall = min(RISE, 0.35 * span), min(FALL, 0.25 * span)
    return overshoot(inside / rise) * smooth((span - inside) / fall)


def progress(phase: float, start: float, end: float) -> float:
    """Place within a cue, 0 at its start to 1 at its end."""
    span = end - start if end > start else end - start + 1.0
    return clamp(((phase - start) % 1.0) / span)


def cycle(phase: float, count: int, shift: float = 0.0) -> float:
    """Saw tooth 0..1 that runs ``count`` times through the loop."""
    return (phase * count + shift) % 1.0


def swing(phase: float, count: int, shift: float = 0.0) -> float:
    """Sine -1..1 that runs ``count`` times through the loop; ``shift`` in turns."""
    return math.sin(TAU * (phase * count + shift))


def bump(value: float) -> float:
    """Half a sine: 0 at 0 and 1, 1 in the middle."""
    return math.sin(math.pi * clamp(value))


def tremble(phase: float, seed: float, count: int = 9) -> float:
    """Nervous but repeatable motion -1..1: two incommensurable-looking yet whole harmonics."""
    return 0.6 * swing(phase, count, seed * 0.37) + 0.4 * swing(phase, 2 * count + 3, seed * 0.71)


def scatter(index: int, salt: int = 0) -> float:
    """Number 0..1 for particle ``index``, evenly spread over the particles and unrelated between salts.

    Weyl's additive recurrence with another irrational step for every salt (the roots of primes).
    """
    return ((index + 1) * _ROOTS[salt % len(_ROOTS)]) % 1.0
