"""Watercolour: pigment that gathers at edges, settles in the paper and never gets very dark."""

from __future__ import annotations

import cv2
import numpy as np

from ml_core.toonify.colour import Field, LabImage, smoothstep
from ml_core.toonify.layers import Layers
from ml_core.toonify.smoothing import blur

LIFT = 0.76
"""Share of darkness that watercolour reaches outside skin."""
VIOLET_SHADOW = (7.0, -5.0)
"""Added to a* and b* of the darkest hair and cloth: shadows in watercolour are mixed, not black."""
FADE = 16.0
"""Lightness by which clothes run out into paper at the bottom."""
GRAIN, TURBULENCE, WET_EDGE = 1.0, 1.6, 5.5
"""Lightness of paper grain, of uneven pigment, and of the dark rim where a wash dried."""
PAPER_SEED = 20211


def _noise(shape: tuple[int, int], origin: tuple[int, int], scale: float, seed: int) -> Field:
    """Smooth noise fixed to the portrait frame, so that paper does not swim in a clip."""
    cells = np.random.default_rng(seed).standard_normal((160, 160)).astype(np.float32)
    x = (np.arange(shape[1], dtype=np.float32) + origin[0]) / np.float32(scale)
    y = (np.arange(shape[0], dtype=np.float32) + origin[1]) / np.float32(scale)
    map_x, map_y = np.meshgrid(x, y)
    return np.asarray(cv2.remap(cells, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_WRAP), np.float32)


def washed(picture: LabImage, layers: Layers, unit: float, origin: tuple[int, int]) -> LabImage:
    """Finish a painted picture as watercolour.

    Source: density changes of Bousseau et al. 2006, "Interactive watercolor rendering", section 3: paper,
    turbulent flow and edge darkening multiply pigment density; here they move lightness.
    origin: x, y of the canvas in the portrait frame.
    """
    shape = (picture.shape[0], picture.shape[1])
    rims = sum((_rim(part, unit) for part in (layers.flesh, layers.hair, layers.alpha)), np.float32(0.0))
    density = (
        TURBULENCE * _noise(shape, origin, 0.30 * unit, PAPER_SEED) * (1.0 - 0.6 * layers.flesh)
        + GRAIN * _noise(shape, origin, 2.3, PAPER_SEED + 1)
        + WET_EDGE * np.clip(rims, 0.0, 1.0)
    )
    lightness = picture[..., 0]
    other = 1.0 - layers.flesh
    lightness = lightness + other * (1.0 - LIFT) * (100.0 - lightness)
    rows = np.arange(shape[0], dtype=np.float32)[:, None] / np.float32(shape[0])
    lightness = lightness + FADE * layers.cloth * smoothstep(rows, 0.72, 1.05)
    depth = np.clip((72.0 - lightness) / 72.0, 0.0, 1.0) * other
    pigment = 0.35 + 0.65 * np.clip((100.0 - lightness) / 45.0, 0.0, 1.0)
    return np.asarray(
        np.dstack(
            [
                lightness - density * pigment,
                picture[..., 1] + VIOLET_SHADOW[0] * depth,
                picture[..., 2] + VIOLET_SHADOW[1] * depth,
            ]
        ),
        np.float32,
    )


def _rim(coverage: Field, unit: float) -> Field:
    """1 just inside and outside the border of a wash, falling off within a few pixels."""
    wide = blur(coverage, 0.022 * unit)
    return np.asarray(np.clip(4.0 * wide * (1.0 - wide), 0.0, 1.0) ** 2, np.float32)
