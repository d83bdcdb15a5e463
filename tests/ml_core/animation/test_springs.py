"""Hair on springs: periodic, deterministic, trailing."""

from __future__ import annotations

import numpy as np

from ml_core.animation.springs import DAMPING, FREQUENCY_HZ, swing


def sway(frames: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    paths = np.zeros((frames, 3, 2))
    paths[:, :, 0] = 0.1 * np.sin(2 * np.pi * 2 * np.arange(frames) / frames)[:, None]
    return paths


def test_stiff_vertices_stay_and_soft_ones_trail() -> None:
    paths = sway(48)
    moved = swing(paths, np.array([0.0, 0.5, 1.0]), 2.0)
    np.testing.assert_array_equal(moved[:, 0], paths[:, 0])
    lag = np.abs(moved - paths).max(axis=(0, 2))
    assert 0 < lag[1] < lag[2]


def test_steady_state_equals_long_integration() -> None:
    frames, duration, steps = 48, 2.0, 40
    target = sway(frames)[:, 0, 0]
    natural, h = 2 * np.pi * FREQUENCY_HZ, duration / frames / steps
    x = v = 0.0
    last = np.zeros(frames)
    fine = np.interp(np.arange(frames * steps) / steps, np.arange(frames + 1), np.append(target, target[0]))
    for _ in range(12):  # the transient dies out with exp(-8.4 t)
        for step, wanted in enumerate(fine):
            v += h * (natural**2 * (wanted - x) - 2 * DAMPING * natural * v)
            x += h * v
            if (step + 1) % steps == 0:
                last[((step + 1) // steps) % frames] = x
    settled = swing(sway(frames), np.ones(3), duration)[:, 0, 0]
    np.testing.assert_allclose(settled, last, atol=0.012)


def test_same_input_same_swing() -> None:
    first, second = (swing(sway(30), np.ones(3), 1.5) for _ in range(2))
    np.testing.assert_array_equal(first, second)
