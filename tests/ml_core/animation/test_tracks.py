"""Keyframes, easing curves and oscillators."""

from __future__ import annotations

import numpy as np
import pytest

from ml_core.animation.easing import EASINGS
from ml_core.animation.tracks import SHAPES, Key, Track, Wave, track_closes, track_values


@pytest.mark.parametrize("name", EASINGS)
def test_easings_go_from_zero_to_one(name: str) -> None:
    ends = EASINGS[name](np.array([0.0, 1.0]))
    np.testing.assert_allclose(ends, [0.0, 1.0], atol=1e-9)


def test_overshoot_and_anticipation_leave_the_range() -> None:
    t = np.linspace(0, 1, 200)
    assert EASINGS["overshoot"](t).max() > 1.05
    assert EASINGS["anticipate"](t).min() < -0.05


def test_keys_hold_outside_and_hit_their_values() -> None:
    track = Track((Key(0.2, 1.0), Key(0.6, 3.0, "linear"), Key(0.8, -1.0)))
    values = track_values(track, np.array([0.0, 0.2, 0.4, 0.6, 0.8, 1.0]))
    np.testing.assert_allclose(values, [1.0, 1.0, 2.0, 3.0, -1.0, -1.0])


@pytest.mark.parametrize("shape", SHAPES)
def test_whole_cycles_close_a_loop(shape: str) -> None:
    assert track_closes(Track(waves=(Wave(shape, 3.0, 1.0, shift=0.2),)))


def test_a_window_fades_to_nothing_at_its_ends() -> None:
    track = Track(waves=(Wave("bump", 2.5, 1.0, during=(0.2, 0.7), fade=0.1),))
    values = track_values(track, np.array([0.1, 0.2, 0.7, 0.9]))
    np.testing.assert_allclose(values, 0.0, atol=1e-12)
    assert track_values(track, np.linspace(0.3, 0.6, 50)).max() > 0.9
