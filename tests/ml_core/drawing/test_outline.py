"""The white border is as thick as asked for, smooth, and never covers the picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ml_core.drawing.ink import fill_paint, surface_over
from ml_core.drawing.outline import outline, to_straight
from ml_core.types import Image


def disc(size: int = 160, radius: int = 40) -> Image:
    """A red antialiased disc, premultiplied."""
    pixels = np.zeros((size, size, 4), np.uint8)
    surface = surface_over(pixels)
    surface.getCanvas().drawCircle(size / 2, size / 2, radius, fill_paint((200, 30, 40)))
    return pixels


@pytest.mark.parametrize("stroke", [2, 3, 5, 8, 9, 13])
def test_thickness_in_every_direction(stroke: int) -> None:
    alpha = outline(disc(), stroke=stroke)[..., 3].astype(np.float64) / 255.0
    area = alpha.sum()
    radius = np.sqrt(area / np.pi)
    assert radius == pytest.approx(40 + stroke, abs=0.45)
    across, along = alpha[80].sum() / 2, alpha[:, 80].sum() / 2
    assert across == pytest.approx(40 + stroke, abs=0.6)
    assert along == pytest.approx(40 + stroke, abs=0.6)


def test_edge_is_antialiased_and_round() -> None:
    alpha = outline(disc(), stroke=8)[..., 3]
    y, x = np.indices(alpha.shape)
    distance = np.hypot(x + 0.5 - 80, y + 0.5 - 80)
    assert (alpha[distance < 46.4] == 255).all()
    assert (alpha[distance > 50.2] == 0).all()
    ring = alpha[(distance > 47.3) & (distance < 48.7)]
    assert 60 < ring.mean() < 200


def test_what_was_drawn_stays_on_top_and_the_rest_is_white() -> None:
    source = disc()
    bordered = outline(source, stroke=6)
    inside = source[..., 3] == 255
    np.testing.assert_array_equal(bordered[inside], source[inside])
    border = (source[..., 3] == 0) & (bordered[..., 3] == 255)
    assert border.any()
    assert (bordered[border] == 255).all()
    assert (bordered[..., :3] <= bordered[..., 3:]).all(), "no longer premultiplied"


def test_nothing_and_zero_stroke_come_back_unchanged() -> None:
    empty = np.zeros((64, 48, 4), np.uint8)
    np.testing.assert_array_equal(outline(empty, stroke=8), empty)
    source = disc()
    copy = outline(source, stroke=0)
    np.testing.assert_array_equal(copy, source)
    assert copy is not source


def test_touching_the_canvas_edge() -> None:
    pixels = np.zeros((61, 83, 4), np.uint8)
    pixels[:30, :30] = 255
    alpha = outline(pixels, stroke=8)[..., 3]
    assert alpha[10, 36] == 255
    assert alpha[10, 44] == 0


def test_straight_alpha_equals_division() -> None:
    pixels = disc()
    surface = surface_over(pixels)
    surface.getCanvas().drawCircle(40, 40, 30, fill_paint((40, 120, 250), 0.35))
    bordered = outline(pixels, stroke=4)
    straight = to_straight(bordered)
    alpha = bordered[..., 3:].astype(np.float64)
    exact = np.where(alpha > 0, bordered[..., :3] * 255.0 / np.maximum(alpha, 1.0), 255.0)
    assert np.abs(straight[..., :3] - np.clip(exact, 0, 255)).max() <= 1.0
    np.testing.assert_array_equal(straight[..., 3], bordered[..., 3])
    assert (straight[straight[..., 3] == 0] == (255, 255, 255, 0)).all()


def test_is_deterministic_on_a_photo_like_matte() -> None:
    noise = np.random.default_rng(5).integers(0, 256, (128, 128), dtype=np.uint8)
    alpha = cv2.GaussianBlur(noise, (0, 0), 6)
    alpha = np.where(alpha > 128, 255, 0).astype(np.uint8)
    pixels = cv2.merge([alpha, alpha, alpha, alpha])
    np.testing.assert_array_equal(outline(pixels, stroke=7), outline(pixels, stroke=7))
