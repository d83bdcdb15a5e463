"""The source face over the target's mesh: which source pixel every target pixel shows, or none.

Triangles are scan-converted with a depth buffer (Catmull 1974), so that of a turned head only the side that
is seen is filled; coordinates are interpolated within each triangle and sampled between pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.face import topology
from ml_core.kernels import kernel
from ml_core.types import Image, Mask, Points

Floats = NDArray[np.float32]

SHARPNESS: Final = 0.45
"""Sigma of the blur in source pixels per target pixel, where the face gets smaller."""


SHRINKS: Final = 1.2
"""Source pixels per target pixel above which sampling would alias."""


def _strip(first: tuple[int, ...], second: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """Triangles between two lines of points that run side by side and share their ends."""
    out = []
    for k in range(len(first) - 1):
        a, b, c, d = first[k], first[k + 1], second[k], second[k + 1]
        out += [(a, b, c)] if a != c else []
        out += [(b, d, c)] if b != d else []
    return [t for t in out if len(set(t)) == 3]


def _hole(contour: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """A contour that starts in one corner, closed lid to lid."""
    half = len(contour) // 2
    return _strip(contour[: half + 1], (contour[0], *contour[:half:-1], contour[half]))


def _closed_mesh() -> NDArray[np.int32]:
    holes = _hole(topology.EYE_RIGHT) + _hole(topology.EYE_LEFT) + _hole(topology.LIPS_INNER)
    triangles = np.concatenate([topology.TRIANGLES, np.array(holes, np.int32)])
    corners = topology.REFERENCE[triangles][..., :2]
    one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    turned = one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0] < 0
    triangles[turned] = triangles[turned][:, [0, 2, 1]]
    return np.ascontiguousarray(triangles.astype(np.int32))


MESH: Final = _closed_mesh()
"""(898, 3): the face mesh with eyes and mouth closed, all facing the camera in the reference pose."""


@dataclass(frozen=True)
class FaceMap:
    """u, v: (H, W) float32, source pixel of each target pixel; seen: (H, W) bool, where there is one."""

    u: Floats
    v: Floats
    seen: NDArray[np.bool_]


def face_map(source: Points, target: Points, shape: tuple[int, int]) -> FaceMap:
    """source, target: (468, 3) landmarks in their own pixels; shape: height, width of the target crop."""
    height, width = shape
    depth = np.full((height, width), np.inf, np.float32)
    u, v = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    _scan(target.astype(np.float64), source[:, :2].astype(np.float64), MESH, depth, u, v)
    return FaceMap(u, v, np.isfinite(depth))


def turned_away(points: Points, shape: tuple[int, int]) -> Mask:
    """(H, W): 1 on triangles of the mesh whose back is seen, beside which the face hides a part of itself."""
    corners = points[MESH, :2].astype(np.float32)
    one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    back = corners[one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0] <= 0]
    mask = np.zeros(shape, np.uint8)
    for triangle in np.round(back * 16).astype(np.int32):
        cv2.fillConvexPoly(mask, triangle, 1, cv2.LINE_8, 4)
    return mask.astype(np.float32)


def warped(image: Image | Mask, mapping: FaceMap, shrink: float) -> Floats:
    """(H, W, ...) float32: ``image`` as the target shows it. shrink: source pixels per target pixel."""
    values = image.astype(np.float32)
    if shrink > SHRINKS:
        values = np.asarray(cv2.GaussianBlur(values, (0, 0), SHARPNESS * shrink), np.float32)
    way = cv2.INTER_LINEAR if image.ndim == 2 else cv2.INTER_CUBIC
    shown = cv2.remap(values, mapping.u, mapping.v, way, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(shown, np.float32)


@kernel(boundscheck=False)
def _scan(points, uv, triangles, depth, u, v):  # type: ignore[no-untyped-def]
    height, width = depth.shape
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay, az = points[i, 0], points[i, 1], points[i, 2]
        bx, by, bz = points[j, 0], points[j, 1], points[j, 2]
        cx, cy, cz = points[k, 0], points[k, 1], points[k, 2]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if area < 1e-6:  # turned away, or seen from the edge
            continue
        left, right = max(0, int(np.floor(min(ax, bx, cx)))), min(width - 1, int(np.ceil(max(ax, bx, cx))))
        top, bottom = max(0, int(np.floor(min(ay, by, cy)))), min(height - 1, int(np.ceil(max(ay, by, cy))))
        for y in range(top, bottom + 1):
            for x in range(left, right + 1):
                wb = ((x - ax) * (cy - ay) - (y - ay) * (cx - ax)) / area
                wc = ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / area
                wa = 1.0 - wb - wc
                if wa < -1e-9 or wb < -1e-9 or wc < -1e-9:
                    continue
                z = wa * az + wb * bz + wc * cz
                if z < depth[y, x]:
                    depth[y, x] = z
                    u[y, x] = wa * uv[i, 0] + wb * uv[j, 0] + wc * uv[k, 0]
                    v[y, x] = wa * uv[i, 1] + wb * uv[j, 1] + wc * uv[k, 1]
