"""Texture-mapped triangles, in one pass from mesh to premultiplied pixels.

Half-open scan conversion (Pineda 1988; top-left rule), affine texture coordinates in 16.16 fixed point and
bilinear sampling of four 8-bit channels at once inside a 64-bit word. Only rows and columns under triangles
are touched: no coordinate maps, no second pass.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ml_core.animation.untangle import doubled_areas

PADDING = 4
"""Transparent texels around a texture, so that sampling never needs a border test."""


def packed_texture(premultiplied: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """(H, W, 4) uint8 -> (H + 2 PADDING, W + 2 PADDING) uint64: R, B, G, A in 16-bit lanes from the low end."""
    pad = ((PADDING, PADDING), (PADDING, PADDING), (0, 0))
    wide = np.pad(premultiplied, pad).astype(np.uint64)
    lanes = wide[..., 0] | wide[..., 2] << np.uint64(16) | wide[..., 1] << np.uint64(32)
    packed: NDArray[np.uint64] = np.ascontiguousarray(lanes | wide[..., 3] << np.uint64(48))
    return packed


@njit(cache=True, fastmath=True, boundscheck=False, inline="always")  # type: ignore[misc]
def _edge_x(ax: float, ay: float, bx: float, by: float, y: float) -> float:
    """Where edge ab crosses row y; the same bits for both triangles that share the edge."""
    if ay < by:
        return ax + (y - ay) * (bx - ax) / (by - ay)
    return bx + (y - by) * (ax - bx) / (ay - by)


@njit(cache=True, fastmath=True, boundscheck=False)  # type: ignore[misc]
def draw_triangles(vertices, uv, triangles, texture, out):  # type: ignore[no-untyped-def]  # numba infers the types
    """Draw (M, 3) int32 ``triangles`` over ``out``, in order.

    vertices: (N, 2) float64 canvas pixels; uv: (N, 2) float64 padded-texture pixels.
    texture: (H, W) uint64 of ``packed_texture``; out: (h, w) uint32, R in the low byte, premultiplied.
    """
    height, width = out.shape
    mask = np.uint64(0x00FF00FF00FF00FF)
    low_u, high_u = np.int64(1 << 16), np.int64(texture.shape[1] - 3) << 16
    low_v, high_v = np.int64(1 << 16), np.int64(texture.shape[0] - 3) << 16
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = vertices[i, 0], vertices[i, 1]
        bx, by = vertices[j, 0], vertices[j, 1]
        cx, cy = vertices[k, 0], vertices[k, 1]
        area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
        if abs(area) < 1e-4:
            continue
        top = max(0, int(np.ceil(min(ay, by, cy))))
        bottom = min(height, int(np.ceil(max(ay, by, cy))))
        du1, dv1 = uv[j, 0] - uv[i, 0], uv[j, 1] - uv[i, 1]
        du2, dv2 = uv[k, 0] - uv[i, 0], uv[k, 1] - uv[i, 1]
        inverse = 65536.0 / area
        u_x = (du1 * (cy - ay) - du2 * (by - ay)) * inverse
        u_y = (du2 * (bx - ax) - du1 * (cx - ax)) * inverse
        v_x = (dv1 * (cy - ay) - dv2 * (by - ay)) * inverse
        v_y = (dv2 * (bx - ax) - dv1 * (cx - ax)) * inverse
        step_u, step_v = np.int64(u_x), np.int64(v_x)
        for row in range(top, bottom):
            y = float(row)
            left, right = 1e9, -1e9
            if (ay <= y) != (by <= y):
                x = _edge_x(ax, ay, bx, by, y)
                left, right = min(left, x), max(right, x)
            if (by <= y) != (cy <= y):
                x = _edge_x(bx, by, cx, cy, y)
                left, right = min(left, x), max(right, x)
            if (cy <= y) != (ay <= y):
                x = _edge_x(cx, cy, ax, ay, y)
                left, right = min(left, x), max(right, x)
            first = max(0, int(np.ceil(left)))
            last = min(width, int(np.ceil(right)))
            if first >= last:
                continue
            u = np.int64(uv[i, 0] * 65536.0 + (first - ax) * u_x + (y - ay) * u_y)
            v = np.int64(uv[i, 1] * 65536.0 + (first - ax) * v_x + (y - ay) * v_y)
            for column in range(first, last):
                us, vs = min(max(u, low_u), high_u), min(max(v, low_v), high_v)
                u += step_u
                v += step_v
                tx, ty = us >> 16, vs >> 16
                fx, fy = np.uint64((us >> 8) & 255), np.uint64((vs >> 8) & 255)
                gx, gy = np.uint64(256) - fx, np.uint64(256) - fy
                p00, p01 = texture[ty, tx], texture[ty, tx + 1]
                p10, p11 = texture[ty + 1, tx], texture[ty + 1, tx + 1]
                if (p00 | p01 | p10 | p11) == np.uint64(0):
                    continue
                upper = ((p00 * gx + p01 * fx) >> np.uint64(8)) & mask
                lower = ((p10 * gx + p11 * fx) >> np.uint64(8)) & mask
                mixed = ((upper * gy + lower * fy) >> np.uint64(8)) & mask
                packed = np.uint32((mixed | (mixed >> np.uint64(24))) & np.uint64(0xFFFFFFFF))
                alpha = packed >> np.uint32(24)
                if alpha >= np.uint32(254) or out[row, column] == np.uint32(0):
                    out[row, column] = packed
                elif alpha > np.uint32(0):
                    keep = np.uint64(256) - np.uint64(alpha) - (np.uint64(alpha) >> np.uint64(7))
                    old = np.uint64(out[row, column])
                    spread = (old & np.uint64(0x00FF00FF)) | ((old & np.uint64(0xFF00FF00)) << np.uint64(24))
                    under = ((spread * keep) >> np.uint64(8)) & mask
                    total = mixed + under
                    out[row, column] = np.uint32((total | (total >> np.uint64(24))) & np.uint64(0xFFFFFFFF))


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
