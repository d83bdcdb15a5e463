"""Caption styles: how each letter moves through the loop and how it is painted.

Every style is a pure function of the phase; entrances are undone before the loop ends, so it closes exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ml_core.drawing.timing import bump, clamp, cycle, overshoot, smooth, swing, tremble
from ml_core.drawing.typefaces import HANDWRITING, ROUND

ENTER_FROM = 0.02
"""Phase at which the first letter comes in."""
ENTER_SPREAD = 0.16
"""Phases between the entrances of the first and the last letter."""
ENTER_TIME = 0.085
"""Phases that one letter's entrance takes."""
LEAVE = 0.955
"""Phase at which the caption begins to go away."""


class LetterPose(NamedTuple):
    """Displacement in ems, scale, turn in degrees, vertical stretch that keeps the area, and hue turn.

    A tuple: every letter gets a new one in every frame.
    """

    dx: float = 0.0
    dy: float = 0.0
    scale: float = 1.0
    turn: float = 0.0
    stretch: float = 1.0
    glow: float = 1.0


@dataclass(frozen=True)
class Place:
    """Which letter it is: its share 0..1 of the caption and its running number."""

    share: float
    index: int


Motion = Callable[[float, Place], LetterPose]


@dataclass(frozen=True)
class CaptionStyle:
    """``paint``: ``sticker`` (white outline), ``neon`` (bright outline, glow), ``rainbow`` or ``candy``."""

    motion: Motion
    font: str = ROUND
    paint: str = "sticker"
    headroom: float = 0.12
    """Ems that letters move beyond their block, up and down."""
    weight: float = 0.0
    """Ems by which thin letters are fattened: as little as reads, or the loops of ㅇ and ㅂ fill up."""
    size: float = 1.0
    """Relative size of letters, for fonts that look small."""


def _arrival(phase: float, share: float) -> float:
    """0 before a letter has come in, 1 afterwards."""
    return clamp((phase - ENTER_FROM - ENTER_SPREAD * share) / ENTER_TIME)


def _departure(phase: float) -> float:
    """1 while the caption stays, 0 at the end of the loop."""
    return 1.0 - smooth((phase - LEAVE) / (1.0 - LEAVE))


def _pop(phase: float, place: Place) -> LetterPose:
    arrival = _arrival(phase, place.share)
    return LetterPose(
        dy=-0.05 * swing(phase, 2, -0.09 * place.index),
        scale=overshoot(arrival, 2.4) * _departure(phase),
        turn=-14.0 * (1.0 - smooth(arrival)),
    )


def _wave(phase: float, place: Place) -> LetterPose:
    height = swing(phase, 2, -0.11 * place.index)
    return LetterPose(
        dy=-0.13 * height,
        scale=overshoot(_arrival(phase, 0.4 * place.share)) * _departure(phase),
        turn=5.0 * swing(phase, 2, 0.25 - 0.11 * place.index),
    )


def _shake(phase: float, place: Place) -> LetterPose:
    calm = 0.35 + 0.65 * bump((phase * 2.0) % 1.0)
    return LetterPose(
        dx=0.035 * tremble(phase, place.index + 5.0, 17) * calm,
        dy=0.055 * tremble(phase, float(place.index), 16) * calm,
        scale=(1.0 + 0.5 * (1.0 - smooth(_arrival(phase, 0.0)))) * smooth(phase / 0.03) * _departure(phase),
        turn=5.0 * tremble(phase, place.index + 2.0, 13) * calm,
    )


def _typewriter(phase: float, place: Place) -> LetterPose:
    shown = phase >= 0.03 + 0.42 * place.share and phase < 0.975
    fresh = clamp((phase - 0.03 - 0.42 * place.share) / 0.03)
    return LetterPose(scale=(1.18 - 0.18 * smooth(fresh)) if shown else 0.0)


def _bounce(phase: float, place: Place) -> LetterPose:
    beat = cycle(phase, 3, -0.055 * place.index)
    hop = bump(beat / 0.62) if beat < 0.62 else 0.0
    landing = bump((beat - 0.62) / 0.22) if beat >= 0.62 else 0.0
    return LetterPose(
        dy=-0.20 * hop,
        scale=overshoot(_arrival(phase, place.share)) * _departure(phase),
        stretch=1.0 + 0.16 * hop - 0.26 * landing,
    )


def _neon(phase: float, place: Place) -> LetterPose:
    flicker = 1.0 if phase > 0.16 else 0.25 + 0.75 * (swing(phase, 24, 0.31 * place.index) > 0.0)
    return LetterPose(
        scale=smooth(phase / 0.04) * _departure(phase),
        glow=flicker * (0.82 + 0.18 * swing(phase, 3)),
    )


def _handwritten(phase: float, place: Place) -> LetterPose:
    boil = int(phase * 18.0) % 3
    arrival = _arrival(phase, 1.8 * place.share)
    return LetterPose(
        dx=0.012 * math.sin(7.0 * place.index + 2.1 * boil),
        dy=0.022 * math.sin(5.0 * place.index + 2.1 * boil) + 0.03 * math.sin(2.4 * place.index),
        scale=smooth(arrival) * _departure(phase),
        turn=4.0 * math.sin(3.0 * place.index) + 1.4 * math.sin(4.0 * place.index + 2.1 * boil),
    )


def _jelly(phase: float, place: Place) -> LetterPose:
    wobble = swing(phase, 4, -0.13 * place.index)
    return LetterPose(
        scale=overshoot(_arrival(phase, place.share), 2.6) * _departure(phase),
        stretch=1.0 + 0.13 * wobble,
        turn=3.0 * swing(phase, 2, -0.1 * place.index),
    )


def _heartbeat(phase: float, place: Place) -> LetterPose:
    beat = cycle(phase, 3)
    squeeze = bump(beat / 0.18) * (beat < 0.18) + 0.6 * bump((beat - 0.22) / 0.2) * (0.22 <= beat < 0.42)
    return LetterPose(
        scale=overshoot(_arrival(phase, 0.3 * place.share)) * _departure(phase) * (1.0 + 0.10 * squeeze),
        turn=(4.0 + 2.0 * swing(phase, 3)) * (2 * (place.index % 2) - 1),
    )


def _sway(phase: float, place: Place) -> LetterPose:
    return LetterPose(
        dx=0.06 * swing(phase, 1, -0.03 * place.index),
        scale=overshoot(_arrival(phase, place.share)) * _departure(phase),
        turn=9.0 * swing(phase, 2, -0.06 * place.index),
    )


def _sink(phase: float, place: Place) -> LetterPose:
    return LetterPose(
        dy=0.06 + 0.06 * swing(phase, 1, -0.05 * place.index),
        scale=smooth(_arrival(phase, place.share)) * _departure(phase),
        turn=6.0 * math.sin(2.2 * place.index) * smooth(_arrival(phase, place.share)),
    )


CAPTION_STYLES: Mapping[str, CaptionStyle] = {
    "pop": CaptionStyle(_pop, headroom=0.10),
    "wave": CaptionStyle(_wave, headroom=0.16),
    "shake": CaptionStyle(_shake, headroom=0.12),
    "typewriter": CaptionStyle(_typewriter, headroom=0.10),
    "bounce": CaptionStyle(_bounce, headroom=0.24, paint="candy"),
    "neon": CaptionStyle(_neon, headroom=0.10, paint="neon"),
    "handwritten": CaptionStyle(_handwritten, font=HANDWRITING, headroom=0.08, weight=0.026, size=1.28),
    "jelly": CaptionStyle(_jelly, headroom=0.14, paint="candy"),
    "heartbeat": CaptionStyle(_heartbeat, headroom=0.14),
    "sway": CaptionStyle(_sway, headroom=0.12),
    "sink": CaptionStyle(_sink, headroom=0.12),
    "rainbow": CaptionStyle(_wave, headroom=0.16, paint="rainbow"),
}
