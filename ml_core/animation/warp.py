"""Texture-mapped triangles, in one pass from mesh to premultiplied pixels.

Half-open scan conversion (Pineda 1988, "A Parallel Algorithm for Polygon Rasterization"; the top-left rule
makes shared edges watertight), affine texture coordinates in 16.16 fixed point, and bilinear sampling of four
8-bit channels at once inside a 64-bit word. Only rows and columns under triangles are touched: no coordinate
maps, no second pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ml_core.animation.untangle import doubled_areas
from ml_core.kernels import kernel

PADDING = 16
"""Transparent texels around a texture: more than the grid's overhang, so sampling needs no border test."""
LANES = np.uint64(0x00FF00FF00FF00FF)
"""Eight bits of each of the four 16-bit lanes."""
LOW, HIGH = np.uint64(0x00FF00FF), np.uint64(0xFF00FF00)
WORD = np.uint64(0xFFFFFFFF)
OPAQUE = np.uint32(254)
"""Rounding makes an opaque texel 254 or 255."""


Layer = tuple[NDArray[np.float64], NDArray[np.int32], NDArray[np.uint8]]
"""One sheet: (N, 2) vertices in texture pixels, (M, 3) triangles in painter's order, (H, W, 4) premultiplied
texture."""


class MeshPainter(Protocol):
    """Draws sheets whose vertices move; the first layer is at the back."""

    def frames(self, placed: Sequence[NDArray[np.float64]]) -> Iterator[NDArray[np.uint8]]:
        """placed: per layer (F, N, 2) canvas pixels. Yields F new (size, size, 4) uint8, premultiplied."""
        ...


class NumbaPainter:
    """One frame after the other on one core."""

    def __init__(self, layers: Sequence[Layer], size: int) -> None:
        self._size = size
        self._layers = [(uv + PADDING, triangles, packed_texture(paint)) for uv, triangles, paint in layers]

    def frames(self, placed: Sequence[NDArray[np.float64]]) -> Iterator[NDArray[np.uint8]]:
        for layers in zip(*placed, strict=True):
            canvas = np.zeros((self._size, self._size), np.uint32)
            for vertices, (uv, triangles, texture) in zip(layers, self._layers, strict=True):
                draw_triangles(vertices, uv, triangles, texture, canvas)
            yield canvas.view(np.uint8).reshape(self._size, self._size, 4)


def packed_texture(premultiplied: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """(H, W, 4) uint8 -> (H + 2 PADDING, W + 2 PADDING) uint32, R in the low byte."""
    height, width = premultiplied.shape[:2]
    packed = np.zeros((height + 2 * PADDING, width + 2 * PADDING), "<u4")
    packed[PADDING:-PADDING, PADDING:-PADDING] = np.ascontiguousarray(premultiplied).view("<u4")[..., 0]
    return packed


@kernel(fastmath=True, boundscheck=False, nogil=True)
def _by_height(ax, ay, bx, by, cx, cy):  # type: ignore[no-untyped-def]
    """The corners from top to bottom."""
    if by < ay:
        ax, ay, bx, by = bx, by, ax, ay
    if cy < by:
        bx, by, cx, cy = cx, cy, bx, by
        if by < ay:
            ax, ay, bx, by = bx, by, ax, ay
    return ax, ay, bx, by, cx, cy


@kernel(fastmath=True, boundscheck=False, nogil=True)
def _slope(ax, ay, bx, by):  # type: ignore[no-untyped-def]
    """Pixels across per row of the edge from a down to b; 0 for a level edge, which no row crosses."""
    return (bx - ax) / (by - ay) if by > ay else 0.0


@kernel(fastmath=True, boundscheck=False, nogil=True)
def _lanes(pixel):  # type: ignore[no-untyped-def]
    """R, B, G, A in 16-bit lanes from below. Wider textures would save this, and not fit into the caches."""
    wide = np.uint64(pixel)
    return (wide & LOW) | ((wide & HIGH) << np.uint64(24))


@kernel(fastmath=True, boundscheck=False, nogil=True)
def _draw_span(target, start, count, u, v, step_u, step_v, texels, pitch):  # type: ignore[no-untyped-def]
    """One row of one triangle: bilinear texels over ``target`` from index ``start``.

    All indices are unsigned: numba tests signed ones for wrap-around at every access.
    """
    one, eight, sixteen, full = np.uint64(1), np.uint64(8), np.uint64(16), np.uint64(256)
    twenty_four, byte = np.uint64(24), np.uint64(255)
    for index in range(start, start + count):
        at = (v >> sixteen) * pitch + (u >> sixteen)
        fx, fy = (u >> eight) & byte, (v >> eight) & byte
        u += step_u
        v += step_v
        # p * (256 - f) + q * f as p * 256 + (q - p) * f: what lanes borrow from each other they pay back
        left = _lanes(texels[at])
        upper = (((left << eight) + (_lanes(texels[at + one]) - left) * fx) >> eight) & LANES
        at += pitch
        left = _lanes(texels[at])
        lower = (((left << eight) + (_lanes(texels[at + one]) - left) * fx) >> eight) & LANES
        mixed = (((upper << eight) + (lower - upper) * fy) >> eight) & LANES
        packed = np.uint32((mixed | (mixed >> twenty_four)) & WORD)
        alpha = packed >> np.uint32(24)
        if alpha >= OPAQUE:
            target[index] = packed
        elif packed != np.uint32(0):
            # Porter-Duff over; (256 - a - a/128) / 256 is (255 - a) / 255 to within half a level
            keep = full - np.uint64(alpha) - (np.uint64(alpha) >> np.uint64(7))
            total = mixed + (((_lanes(target[index]) * keep) >> eight) & LANES)
            target[index] = np.uint32((total | (total >> twenty_four)) & WORD)


@kernel(fastmath=True, boundscheck=False, nogil=True)
def draw_triangles(vertices, uv, triangles, texture, canvas):  # type: ignore[no-untyped-def]
    """Draw (M, 3) int32 ``triangles`` over ``canvas``, in order.

    vertices: (N, 2) float64 canvas pixels; uv: (N, 2) float64 pixels of the padded texture, inside it.
    texture: (H, W) uint32 of ``packed_texture``; canvas: (h, w) uint32, R in the low byte, premultiplied.
    """
    height, width = canvas.shape
    pixels, texels, pitch = canvas.reshape(-1), texture.reshape(-1), np.uint64(texture.shape[1])
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = vertices[i, 0], vertices[i, 1]
        bx, by = vertices[j, 0], vertices[j, 1]
        cx, cy = vertices[k, 0], vertices[k, 1]
        area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
        if abs(area) < 1e-3:
            continue
        du1, dv1 = uv[j, 0] - uv[i, 0], uv[j, 1] - uv[i, 1]
        du2, dv2 = uv[k, 0] - uv[i, 0], uv[k, 1] - uv[i, 1]
        inverse = 65536.0 / area
        u_x, u_y = (
            (du1 * (cy - ay) - du2 * (by - ay)) * inverse,
            (du2 * (bx - ax) - du1 * (cx - ax)) * inverse,
        )
        v_x, v_y = (
            (dv1 * (cy - ay) - dv2 * (by - ay)) * inverse,
            (dv2 * (bx - ax) - dv1 * (cx - ax)) * inverse,
        )
        u_0 = uv[i, 0] * 65536.0 - ax * u_x - ay * u_y
        v_0 = uv[i, 1] * 65536.0 - ax * v_x - ay * v_y
        # Two triangles that share an edge walk down it from the same end: the same bits, no seam.
        ax, ay, bx, by, cx, cy = _by_height(ax, ay, bx, by, cx, cy)
        long, upper, lower = _slope(ax, ay, cx, cy), _slope(ax, ay, bx, by), _slope(bx, by, cx, cy)
        for row in range(max(0, int(np.ceil(ay))), min(height, int(np.ceil(cy)))):
            one = ax + (row - ay) * long
            other = ax + (row - ay) * upper if row < by else bx + (row - by) * lower
            left, right = min(one, other), max(one, other)
            first, last = max(0, int(np.ceil(left))), min(width, int(np.ceil(right)))
            if first < last:
                u, v = u_0 + first * u_x + row * u_y, v_0 + first * v_x + row * v_y
                _draw_span(
                    pixels,
                    np.uint64(row * width + first),
                    np.uint64(last - first),
                    np.uint64(np.int64(u)),
                    np.uint64(np.int64(v)),
                    np.uint64(np.int64(u_x)),  # two's complement: adding a negative step wraps as it should
                    np.uint64(np.int64(v_x)),
                    texels,
                    pitch,
                )


def fold_overs(
    vertices: NDArray[np.float64],
    uv: NDArray[np.float64],
    triangles: NDArray[np.int32],
    smallest: float = 1.0,
) -> int:
    """How many triangles face the other way than in the texture, ignoring slivers.

    smallest: area in square pixels (on the canvas and in the texture) under which a triangle is a sliver.
    """
    here, there = doubled_areas(vertices, triangles), doubled_areas(uv, triangles)
    return int(((here * there < 0) & (np.abs(here) > 2 * smallest) & (np.abs(there) > 2 * smallest)).sum())
