"""Drawn lips follow any mouth, and round mouths are round."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from ml_core.animation.contours import LOWER_INNER, LOWER_OUTER, UPPER_INNER
from ml_core.animation.lips import THICKNESS, LipPainter
from ml_core.animation.mouth import _apart, _rounded
from ml_core.animation.puppet import Puppet
from ml_core.face.topology import REFERENCE
from ml_core.types import ToonPortrait
from tests.ml_core.animation.poses import posed

GREEN = (20, 220, 40)
"""No part of a face: where it shows, lips were drawn."""
MOUTHS = [{"jawOpen": 0.0}, {"jawOpen": 0.9}, {"mouthFunnel": 1.0, "jawOpen": 0.7}, {"mouthSmileLeft": 1.0}]


def shown(toon: ToonPortrait, lips: float, **channels: float) -> tuple[NDArray[np.bool_], Puppet]:
    """Where green lips show, and the puppet."""
    puppet = Puppet(replace(toon, lips=lips, palette=replace(toon.palette, lip=GREEN)), size=512)
    pixels, _ = puppet.render(posed(**channels))
    red, green, blue = (pixels[..., channel].astype(int) for channel in range(3))
    return (green - red > 60) & (green - blue > 60), puppet


@pytest.mark.parametrize("channels", MOUTHS)
def test_lips_lie_along_the_whole_mouth(astronaut: ToonPortrait, channels: dict[str, float]) -> None:
    green, puppet = shown(astronaut, 1.0, **channels)
    _, face = puppet.render(posed(**channels))
    for edge, side in ((UPPER_INNER, -1), (LOWER_INNER, 1)):
        for x, y in face.landmarks[list(edge[2:-2])]:
            reach = round(0.16 * face.unit)
            column = green[int(y) - reach : int(y) + reach, int(x)]
            assert column.any(), (edge, side)
    assert green.sum() < 0.14 * face.unit**2, "a band, not a mask"


def test_no_lips_are_drawn_over_those_of_a_texture(astronaut: ToonPortrait) -> None:
    assert not shown(astronaut, 0.0, jawOpen=0.6)[0].any()
    assert shown(astronaut, 1.0, jawOpen=0.6)[0].any()


def test_pressed_and_rolled_lips_are_thinner(astronaut: ToonPortrait) -> None:
    full = shown(astronaut, 1.0)[0].sum()
    assert shown(astronaut, 1.0, mouthRollUpper=1.0, mouthRollLower=1.0)[0].sum() < 0.6 * full
    assert shown(astronaut, 1.0, mouthPressLeft=1.0, mouthPressRight=1.0)[0].sum() < 0.9 * full


@pytest.mark.parametrize("factor", [-1.0, 0.0, 8.0])
def test_a_slipped_mesh_gives_lips_of_human_thickness(astronaut: ToonPortrait, factor: float) -> None:
    face = REFERENCE[:, :2].astype(np.float64) / np.ptp(REFERENCE[[33, 263], 0])
    inner = list(LOWER_INNER)
    face[list(LOWER_OUTER)] = face[inner] + factor * (face[list(LOWER_OUTER)] - face[inner])
    painter = LipPainter(face, astronaut.palette, 1.0)
    low, high = THICKNESS[1]
    assert 0.5 * low < painter._lower.thickness[3:8].mean() < 1.2 * high


def test_lips_that_cross_meet_in_the_middle() -> None:
    upper = np.stack([np.linspace(0, 10, 11), np.r_[0, 2 * np.ones(9), 0]], axis=1)
    lower = np.stack([np.linspace(0, 10, 11), np.r_[0, -np.ones(4), 5, -np.ones(4), 0]], axis=1)
    above, below = _apart(upper, lower)
    np.testing.assert_allclose(above[1:5], below[1:5])
    np.testing.assert_allclose(above[1:5, 1], 0.5)
    np.testing.assert_allclose((above[5, 1], below[5, 1]), (2, 5))


def sharpest_turn(upper: NDArray[np.float64], lower: NDArray[np.float64]) -> float:
    """Radians between neighbouring sides of the mouth's edge."""
    ring = np.concatenate([upper, lower[-2:0:-1]])
    sides = np.roll(ring, -1, axis=0) - ring
    turns = np.angle(np.exp(1j * np.diff(np.arctan2(sides[:, 1], sides[:, 0]))))
    return float(np.abs(turns).max())


def test_round_mouths_lose_their_corners_and_keep_their_size() -> None:
    t = np.linspace(-1, 1, 11)
    box = np.clip(6 * (1 - np.abs(t)), 0, 1)
    upper, lower = np.stack([t, -box], axis=1), np.stack([t, box], axis=1)
    round_upper, round_lower = _rounded(upper, lower)
    assert sharpest_turn(round_upper, round_lower) < 0.6 * sharpest_turn(upper, lower)
    size = [np.ptp(np.concatenate(lips), axis=0) for lips in ((upper, lower), (round_upper, round_lower))]
    assert np.all(size[1] > 0.8 * size[0])
    assert np.all(size[1] < 1.2 * size[0])
    np.testing.assert_array_equal(round_upper[[0, -1]], round_lower[[0, -1]])
    flat = _rounded(upper * [1, 0.2], lower * [1, 0.2])
    np.testing.assert_array_equal(flat[0], upper * [1, 0.2])
