"""Laying the face in without a seam.

What is left of the difference at the edge is spread smoothly over the inside, as in Poisson image editing
(Perez, Gangnet, Blake 2003, eq. 3: the correction is the membrane that solves Laplace's equation). The
membrane is
smooth, so a small grid is enough; it is solved from coarse to fine (cascadic multigrid, Bornemann,
Deuflhard 1996).
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.types import Mask

Floats = NDArray[np.float32]

GRID: Final = 64
"""Longest side of the grid that the membrane is solved on."""
SWEEPS: Final = 12
"""Jacobi sweeps on each level, doubled level by level towards the coarse ones."""


def membrane(difference: Floats, known: Mask, *, pull: float = 0.08) -> Floats:
    """(H, W, 3) that equals ``difference`` where ``known`` is 1 and is smooth everywhere else.

    pull: strength towards 0 where nothing is known, so that a far edge decides little.
    """
    height, width = known.shape
    scale = min(1.0, GRID / max(height, width))
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    weight = np.asarray(cv2.resize(known, size, interpolation=cv2.INTER_AREA), np.float32)
    value = np.asarray(
        cv2.resize(difference * known[..., np.newaxis], size, interpolation=cv2.INTER_AREA), np.float32
    )
    solved = _solved(value, weight, pull, SWEEPS)
    return np.asarray(cv2.resize(solved, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def _solved(value: Floats, weight: Mask, pull: float, sweeps: int) -> Floats:
    """value: difference times weight. Minimises sum of weight (m - d)^2 + pull^2 m^2 + |grad m|^2."""
    height, width = weight.shape
    if min(height, width) > 4:
        half = (max(2, width // 2), max(2, height // 2))
        coarse = _solved(
            np.asarray(cv2.resize(value, half, interpolation=cv2.INTER_AREA), np.float32),
            np.asarray(cv2.resize(weight, half, interpolation=cv2.INTER_AREA), np.float32),
            pull,
            2 * sweeps,
        )
        now = np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR))
    else:
        now = np.zeros_like(value)
    strength = np.float32(8.0)  # of the known values against four neighbours
    total = (4 + strength * weight + np.float32(pull**2))[..., np.newaxis]
    for _ in range(sweeps):
        around = np.pad(now, ((1, 1), (1, 1), (0, 0)), mode="edge")
        near = around[:-2, 1:-1] + around[2:, 1:-1] + around[1:-1, :-2] + around[1:-1, 2:]
        now = (near + strength * value) / total
    return np.asarray(now, np.float32)


def composed(front: Floats, back: Floats, alpha: Mask) -> NDArray[np.uint8]:
    """``front`` over ``back``, (H, W, 3) float32 0..255, by (H, W) alpha 0..1."""
    mixed = back + (front - back) * alpha[..., np.newaxis]
    return np.round(np.clip(mixed, 0, 255)).astype(np.uint8)
