"""The triangle renderer on small meshes whose result is known."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.animation.warp import PADDING, draw_triangles, fold_overs, packed_texture

SQUARE = np.array([[0, 1, 2], [1, 3, 2]], np.int32)


def corners(x: float, y: float, side: float) -> NDArray[np.float64]:
    return np.array([[x, y], [x + side, y], [x, y + side], [x + side, y + side]])


def drawn(
    vertices: NDArray[np.float64], uv: NDArray[np.float64], texture: NDArray[np.uint8], size: int = 64
) -> NDArray[np.uint8]:
    canvas = np.zeros((size, size), np.uint32)
    draw_triangles(vertices, uv + PADDING, SQUARE, packed_texture(texture), canvas)
    return canvas.view(np.uint8).reshape(size, size, 4)


def random_texture(alpha: int | None = 255) -> NDArray[np.uint8]:
    rng = np.random.default_rng(7)
    texture = rng.integers(0, 256, (40, 40, 4), np.uint8)
    if alpha is None:
        texture[..., :3] = np.minimum(texture[..., :3], texture[..., 3:])
    else:
        texture[..., 3] = alpha
    return texture


def test_identity_copies_the_texture() -> None:
    texture = random_texture()
    out = drawn(corners(5, 7, 30), corners(2, 3, 30), texture)
    np.testing.assert_array_equal(out[7:37, 5:35], texture[3:33, 2:32])
    assert not out[:7].any()
    assert not out[37:].any()
    assert not out[:, :5].any()
    assert not out[:, 35:].any()


def test_a_shared_edge_has_neither_gap_nor_overlap() -> None:
    """Half transparent paint shows a gap as 0 and an overlap as darker; both halves must meet exactly."""
    texture = np.zeros((40, 40, 4), np.uint8)
    texture[...] = (60, 60, 60, 120)
    angle = 0.3
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    vertices = (corners(-15.3, -15.7, 31.4)) @ turn + 32.2
    out = drawn(vertices, corners(1, 1, 37), texture)
    inside = np.zeros((64, 64), np.uint8)
    cv2.fillConvexPoly(inside, vertices[[0, 1, 3, 2]].round().astype(np.int32), 1)
    inside = cv2.erode(inside, np.ones((3, 3), np.uint8))
    values = np.unique(out[inside > 0][:, 3])
    assert values.min() >= 119
    assert values.max() <= 120


def test_bilinear_sampling_matches_opencv() -> None:
    texture = cv2.GaussianBlur(random_texture(), (0, 0), 1.5)
    scale = 1.7
    out = drawn(corners(2, 2, 30 * scale), corners(4, 4, 30), texture, size=60)
    x, y = np.meshgrid(np.arange(60, dtype=np.float32), np.arange(60, dtype=np.float32))
    wanted = cv2.remap(texture, (x - 2) / scale + 4, (y - 2) / scale + 4, cv2.INTER_LINEAR)
    inside = (slice(4, 50), slice(4, 50))
    assert np.abs(out[inside].astype(int) - wanted[inside]).max() <= 3


def test_premultiplied_over() -> None:
    under, over = random_texture(), random_texture(alpha=None)
    vertices = corners(5, 5, 30)
    canvas = np.zeros((64, 64), np.uint32)
    for texture in (under, over):
        draw_triangles(vertices, vertices + PADDING, SQUARE, packed_texture(texture), canvas)
    out = canvas.view(np.uint8).reshape(64, 64, 4)[5:35, 5:35].astype(int)
    a, b = over[5:35, 5:35].astype(float), under[5:35, 5:35].astype(float)
    wanted = a + b * (1 - a[..., 3:] / 255)
    assert np.abs(out - wanted).max() <= 2.0


def test_triangles_off_the_canvas_are_clipped() -> None:
    out = drawn(corners(-20, -20, 200), corners(0, 0, 39), random_texture())
    assert (out[..., 3] >= 254).all()
    assert not drawn(corners(100, 100, 30), corners(0, 0, 39), random_texture()).any()


def test_fold_overs_counts_turned_triangles() -> None:
    uv = corners(0, 0, 30)
    assert fold_overs(uv + 3, uv, SQUARE) == 0
    folded = uv.copy()
    folded[3] = [-10, -10]
    assert fold_overs(folded, uv, SQUARE) == 1
