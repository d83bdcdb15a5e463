from __future__ import annotations

import numpy as np
import pytest

from ml_core.toonify.clothes import stepped
from ml_core.toonify.colour import smoothstep
from ml_core.toonify.flow import along, edge_tangents, straight_along
from ml_core.toonify.keying import CLOTH_COLOURS, main_colours
from ml_core.toonify.lines import contour, flow_lines
from ml_core.toonify.screentone import PITCH, dots, skin_screen
from ml_core.toonify.smoothing import crisp, filled, rounded


def stripes(angle: float, size: int = 96, period: float = 12.0) -> np.ndarray:
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    across = x * np.cos(angle) + y * np.sin(angle)
    return (0.5 + 0.4 * np.cos(2 * np.pi * across / period)).astype(np.float32)


@pytest.mark.parametrize("angle", [0.0, 0.4, 1.0, 1.57, 2.4])
def test_tangents_run_along_stripes(angle: float) -> None:
    flow = edge_tangents(stripes(angle), 4.0)
    expected = np.array([-np.sin(angle), np.cos(angle)])
    agreement = np.abs(flow.x * expected[0] + flow.y * expected[1])[16:-16, 16:-16]
    assert agreement.min() > 0.98


@pytest.mark.parametrize("smooth", [along, straight_along])
def test_smoothing_along_the_flow_keeps_stripes_and_removes_noise(smooth) -> None:  # type: ignore[no-untyped-def]
    clean = stripes(0.7)
    noisy = clean + np.random.default_rng(3).normal(0, 0.1, clean.shape).astype(np.float32)
    flow = edge_tangents(noisy.astype(np.float32), 5.0)
    inside = (slice(16, -16), slice(16, -16))
    before = np.abs(noisy - clean)[inside].mean()
    after = np.abs(smooth(noisy.astype(np.float32), flow, 4.0) - clean)[inside].mean()
    assert after < 0.55 * before


def test_a_dark_stroke_becomes_a_line_and_an_even_field_does_not() -> None:
    field = np.full((80, 80), 0.8, np.float32)
    assert flow_lines(field, edge_tangents(field, 3.0), 1.2).max() < 0.3
    field[:, 39:42] = 0.2
    line = flow_lines(field, edge_tangents(field, 3.0), 1.2)
    assert line[10:-10, 40].min() > 0.9
    assert line[:, :28].max() < 0.3


def test_a_contour_has_its_width() -> None:
    half = (np.arange(100)[None, :] < 50).astype(np.float32).repeat(60, axis=0)
    for width in (2.0, 4.0):
        drawn = contour(half, width)[30].sum()
        assert abs(drawn - width) < 1.0


@pytest.mark.parametrize("coverage", [0.05, 0.2, 0.4, 0.5, 0.7, 0.9])
def test_a_screen_covers_what_it_says(coverage: float) -> None:
    size = int(PITCH * 40)
    inked = dots(np.full((size, size), coverage, np.float32), (0, 0)).mean()
    assert abs(inked - coverage) < 0.04


def test_a_screen_stays_in_place_when_the_canvas_moves() -> None:
    whole = dots(np.full((80, 80), 0.3, np.float32), (0, 0))
    part = dots(np.full((40, 40), 0.3, np.float32), (23, 17))
    assert np.allclose(whole[17:57, 23:63], part, atol=1e-3)


def test_darker_skin_has_the_denser_screen() -> None:
    screens = [skin_screen(lightness) for lightness in (90, 75, 60, 45, 30)]
    assert screens == sorted(screens)
    assert screens[0] == 0.0
    assert screens[-1] <= 0.5, "black features must read on it"


def test_steps_are_few_and_rising() -> None:
    ramp = np.linspace(0, 100, 2000, dtype=np.float32)[None]
    steps = stepped(ramp, 10.0, 90.0, 4, 0.0)[0]
    assert np.all(np.diff(steps) >= -1e-4)
    flat = np.abs(np.diff(steps)) < 1e-6
    assert flat.mean() > 0.8
    assert len(np.unique(np.round(steps[:-1][flat]))) <= 6


def test_noise_of_plain_cloth_is_one_tone() -> None:
    noise = np.random.default_rng(1).normal(20, 1.0, (40, 40)).astype(np.float32)
    assert np.ptp(stepped(noise, 18.0, 22.0, 4, 0.05)) < 9


def test_main_colours_are_found_and_the_same_every_time() -> None:
    rng = np.random.default_rng(5)
    truth = np.array([[10, 0, 0], [90, 0, 0], [50, 60, 40], [40, 10, -60], [70, -50, 40]], np.float32)
    samples = np.concatenate([c + rng.normal(0, 1.5, (200, 3)) for c in truth]).astype(np.float32)
    found = main_colours(samples)
    assert found.shape == (CLOTH_COLOURS, 3)
    for colour in truth:
        assert np.linalg.norm(found - colour, axis=1).min() < 2
    assert np.array_equal(found, main_colours(samples))


def test_shapes_are_crisp_however_soft_the_share() -> None:
    for slope in (0.5, 0.05, 0.01):
        share = smoothstep(np.arange(-60, 60, dtype=np.float32)[None] * slope + 0.5, 0.0, 1.0).repeat(
            20, axis=0
        )
        shape = crisp(share)
        assert ((shape > 0.05) & (shape < 0.95))[10].sum() <= 4


def test_small_islands_are_rounded_away() -> None:
    mask = np.zeros((80, 80), np.float32)
    mask[20:60, 20:60] = 1
    mask[5:8, 5:8] = 1
    clean = rounded(mask, 4.0)
    assert clean[5:8, 5:8].max() == 0
    assert clean[40, 40] == 1


def test_holes_are_filled_from_around() -> None:
    y, x = np.mgrid[0:100, 0:100].astype(np.float32)
    field = 40 + 0.2 * x
    weight = np.ones_like(field)
    hole = (x - 50) ** 2 + (y - 50) ** 2 < 144
    broken = np.where(hole, np.float32(0), field)
    weight[hole] = 0
    assert np.abs(filled(broken, weight, 4.0, 20.0) - field)[hole].max() < 4
