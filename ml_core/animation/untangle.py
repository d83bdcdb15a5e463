"""Repairs a warp of a triangle mesh that turned triangles over."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml_core.kernels import kernel

Array = NDArray[np.float64]

PASSES = 150
STEP = 0.75
"""Share of the way to the mean per pass."""
SMALLEST_SHARE = 0.10
"""A triangle must keep this share of its area: slivers are about to turn over."""


def doubled_areas(points: Array, triangles: NDArray[np.int32]) -> Array:
    """(..., M) twice the signed area of each triangle of (..., N, 2) points."""
    a, b, c = (points[..., triangles[:, corner], :] for corner in range(3))
    first, second = b - a, c - a
    return np.asarray(first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0])


@kernel(boundscheck=False)
def _untangle_frames(before, frames, triangles, reference, share, passes):  # type: ignore[no-untyped-def]
    vertices = frames.shape[1]
    total = np.zeros((vertices, 2))
    count = np.zeros(vertices)
    for f in range(frames.shape[0]):
        points, start = frames[f], before[f]
        for _ in range(passes):
            bad = 0
            for t in range(triangles.shape[0]):
                i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
                area = (points[j, 0] - points[i, 0]) * (points[k, 1] - points[i, 1])
                area -= (points[k, 0] - points[i, 0]) * (points[j, 1] - points[i, 1])
                if area * reference[t] >= share * reference[t] * reference[t]:
                    continue
                bad += 1
                for axis in range(2):
                    mean = points[i, axis] + points[j, axis] + points[k, axis]
                    mean = (mean - start[i, axis] - start[j, axis] - start[k, axis]) / 3.0
                    total[i, axis] += mean
                    total[j, axis] += mean
                    total[k, axis] += mean
                count[i] += 1.0
                count[j] += 1.0
                count[k] += 1.0
            if bad == 0:
                break
            for v in range(vertices):
                if count[v] > 0.0:
                    for axis in range(2):
                        shift = points[v, axis] - start[v, axis]
                        points[v, axis] = (
                            start[v, axis] + (1 - STEP) * shift + STEP * total[v, axis] / count[v]
                        )
                        total[v, axis] = 0.0
                    count[v] = 0.0


def untangle(before: Array, frames: Array, triangles: NDArray[np.int32], reference: Array) -> None:
    """Smooth the displacement from ``before`` to ``frames``, in place, where triangles flip or collapse.

    before, frames: (F, N, 2) float64, contiguous. reference: (M,) doubled areas that triangles should keep in
    sign and, to a share of SMALLEST_SHARE, in size. Displacements of the vertices of bad triangles move to
    the mean of their triangles, the local step of Laplacian untangling (Freitag and Plassmann 2000, Int. J.
    Numer. Meth. Engng 49: 109); a common displacement stays as it is, so only kinks are smoothed.
    """
    _untangle_frames(before, frames, triangles, reference, SMALLEST_SHARE, PASSES)
