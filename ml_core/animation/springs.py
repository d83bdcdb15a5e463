"""Secondary motion: hair lags behind the head on damped springs, as an exact periodic solution.

A spring driven by a periodic target settles into x'' + 2 z w x' + w^2 x = w^2 target, a linear filter; over a
loop its steady state is the product of the target's discrete Fourier transform with the spring's transfer
function. No warm-up, no drift, and the last frame meets the first by construction.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml_core.face.topology import POINTS

Array = NDArray[np.float64]

FREQUENCY_HZ = 4.2
DAMPING = 0.32
"""Under-damped: two visible swings after a stop."""
STIFF_WITHIN, SOFT_BEYOND = 0.12, 0.70
"""Distance from the face oval, in units, from which hair starts to swing and swings fully."""
LARGEST_SWING = 0.16


def softness(vertices: Array, oval: Array, head_share: Array) -> Array:
    """(N,) in 0..1: how freely each vertex swings. vertices (N, 3) and oval (36, 3) in face space."""
    distance = np.linalg.norm(vertices[:, None, :2] - oval[None, :, :2], axis=2).min(axis=1)
    soft = np.clip((distance - STIFF_WITHIN) / (SOFT_BEYOND - STIFF_WITHIN), 0, 1)
    soft[:POINTS] = 0.0  # skin is not hair
    return np.asarray(soft * np.clip(head_share * 1.2, 0, 1))


def transfer(frames: int, duration_s: float) -> Array:
    """(frames // 2 + 1,) complex: the spring's response at each harmonic of the loop."""
    omega = 2 * np.pi * np.arange(frames // 2 + 1) / duration_s
    natural = 2 * np.pi * FREQUENCY_HZ
    response: Array = natural**2 / (natural**2 - omega**2 + 2j * DAMPING * natural * omega)
    return response


def swing(targets: Array, soft: Array, duration_s: float) -> Array:
    """(F, N, 2) vertex paths over one loop -> the same with soft vertices trailing on their springs."""
    free = soft > 1e-3
    if len(targets) < 3 or not free.any():
        return targets
    paths = targets[:, free]
    response = transfer(len(targets), duration_s)[:, None, None]
    settled = np.fft.irfft(np.fft.rfft(paths, axis=0) * response, n=len(targets), axis=0)
    offset = LARGEST_SWING * np.tanh((settled - paths) / LARGEST_SWING)
    out = targets.copy()
    out[:, free] += offset * soft[free][:, None]
    return out
