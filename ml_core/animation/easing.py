"""Easing curves: how a value travels from one keyframe to the next.

Penner, "Robert Penner's Programming Macromedia Flash MX", chapter 7, and the CSS Easing Functions
specification; ``overshoot`` and ``anticipate`` are his "back" curves, the two habits of cartoon acting
(Thomas and Johnston, "The Illusion of Life", chapter 3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]

BACK = 1.9
"""Penner's 1.70158 overshoots by 10 %; stickers are small and short, so ours does by about 12 %."""
BOUNCE = 7.5625
"""Penner's constant: four parabolas that meet at 1."""
ELASTIC_PERIOD = 0.35


def _ease(t: NDArray[np.float64]) -> NDArray[np.float64]:
    return t * t * (3 - 2 * t)


def _overshoot(t: NDArray[np.float64]) -> NDArray[np.float64]:
    u = t - 1
    return u * u * ((BACK + 1) * u + BACK) + 1


def _anticipate(t: NDArray[np.float64]) -> NDArray[np.float64]:
    return t * t * ((BACK + 1) * t - BACK)


def _bounce(t: NDArray[np.float64]) -> NDArray[np.float64]:
    pieces = [(1 / 2.75, 0.0, 0.0), (2 / 2.75, 1.5, 0.75), (2.5 / 2.75, 2.25, 0.9375), (9.0, 2.625, 0.984375)]
    conditions = [t < end for end, _, _ in pieces]
    values = [BOUNCE * (t - shift / 2.75) ** 2 + lift for _, shift, lift in pieces]
    return np.select(conditions, values)


def _elastic(t: NDArray[np.float64]) -> NDArray[np.float64]:
    wave = np.sin((t - ELASTIC_PERIOD / 4) * 2 * np.pi / ELASTIC_PERIOD)
    return np.where(t >= 1, 1.0, np.where(t <= 0, 0.0, 2.0 ** (-10 * t) * wave + 1))


EASINGS: Mapping[str, Curve] = {
    "linear": lambda t: t,
    "ease": _ease,
    "ease_in": lambda t: t * t * t,
    "ease_out": lambda t: 1 - (1 - t) ** 3,
    "overshoot": _overshoot,
    "anticipate": _anticipate,
    "bounce": _bounce,
    "elastic": _elastic,
    "hold": lambda t: np.where(t >= 1, 1.0, 0.0),
}
"""Name -> curve with f(0) = 0 and f(1) = 1, vectorised over float64 arrays in 0..1."""
