"""Vector shapes: what lids are drawn with."""

from __future__ import annotations

import numpy as np
import pytest

from ml_core.animation.curves import bowed

T = np.linspace(0, 1, 9)


def lid(waves: float) -> np.ndarray:
    """A tilted arch of 9 points with ``waves`` on it."""
    height = T * (1 - T) * (0.8 - 0.3 * T) + waves * np.sin(np.pi * T) * np.sin(4 * np.pi * T)
    return np.stack([40 * T - 10 * height, 10 * T + 40 * height], axis=1)


def test_a_cubic_through_its_ends_stays_as_it_is():
    np.testing.assert_allclose(bowed(lid(0.0), 1.0), lid(0.0), atol=1e-9)


@pytest.mark.parametrize("amount", [0.0, 0.5, 1.0])
def test_waves_go_by_the_amount_and_ends_stay(amount):
    wavy = lid(0.05)
    drawn = bowed(wavy, amount)
    np.testing.assert_array_equal(drawn[[0, -1]], wavy[[0, -1]])
    left = np.abs(drawn - bowed(wavy, 1.0)).max() / np.abs(wavy - bowed(wavy, 1.0)).max()
    assert left == pytest.approx(1 - amount, abs=1e-9)
    assert np.abs(bowed(wavy, 1.0) - lid(0.0)).max() < 0.5 * np.abs(wavy - lid(0.0)).max()
