"""Manga ink: solid black, white paper, dot screens between, and an even wash for the skin's own tone."""

from __future__ import annotations

import numpy as np

from ml_core.toonify.colour import Field, ramp, smoothstep
from ml_core.toonify.flow import grid
from ml_core.toonify.smoothing import blur

PITCH = 4.2
"""Pixels between dots in the portrait frame: about eight in a 512 px sticker, where the head is enlarged."""
PAPER, BLACK = 99.0, 6.0
DARK_SKIN, LIGHT_SKIN = 30.0, 74.0
"""Lightness of skin at which the base screen is full and at which it is white paper."""
SKIN_SCREEN = 0.34
"""Coverage of the darkest skin's base: dark, and still light enough for black features to read on it."""

LIGHT_LIFT = 0.35
"""Share of the wash that lit skin loses: paper white on dark skin is a stain, not a light."""


def dots(coverage: Field, origin: tuple[int, int]) -> Field:
    """A 45-degree round-dot screen, 1 where ink is, antialiased.

    Source: clustered-dot screening with the area-true dot radius (Ulichney 1987, chapter 5); above half
    coverage the holes are drawn instead of the dots. coverage: (H, W) 0..1. origin: canvas x, y in the
    portrait frame, so that dots stay in place in a clip.
    """
    x, y = grid((coverage.shape[0], coverage.shape[1]))
    x, y = x + np.float32(origin[0]), y + np.float32(origin[1])
    u = (x + y) * np.float32(np.sqrt(0.5) / PITCH)
    v = (x - y) * np.float32(np.sqrt(0.5) / PITCH)
    to_dot = np.hypot(u - np.round(u), v - np.round(v)) * np.float32(PITCH)
    hole_u, hole_v = u + np.float32(0.5), v + np.float32(0.5)
    to_hole = np.hypot(hole_u - np.round(hole_u), hole_v - np.round(hole_v)) * np.float32(PITCH)
    radius = np.float32(PITCH) * np.sqrt(np.clip(coverage, 0.0, 0.5) / np.pi)
    hole_radius = np.float32(PITCH) * np.sqrt(np.clip(1.0 - coverage, 0.0, 0.5) / np.pi)
    ink = smoothstep(np.asarray(radius - to_dot, np.float32), -0.6, 0.6) * (coverage > 0.01)
    holes = smoothstep(np.asarray(hole_radius - to_hole, np.float32), -0.6, 0.6) * (coverage < 0.97)
    return np.asarray(np.where(coverage <= 0.5, ink, 1.0 - holes), np.float32)


def over_wash(coverage: Field, wash: Field, origin: tuple[int, int]) -> Field:
    """Ink of (H, W) coverage, of which ``wash`` is laid as even grey and the rest as dots.

    A face moves: dots all over it would be torn where lids and lips stretch, and shimmer in small sizes.
    """
    left = (coverage - wash) / np.maximum(1.0 - wash, 1e-3)
    return np.asarray(wash + (1.0 - wash) * dots(np.asarray(left, np.float32), origin), np.float32)


def skin_screen(lightness: float) -> float:
    """Base coverage for skin of this lightness: white paper for light skin, a grey wash for dark."""
    return SKIN_SCREEN * (1.0 - ramp(lightness, DARK_SKIN, LIGHT_SKIN))


def skin_coverage(relief: Field, base: float, softness: float) -> Field:
    """Three screens: the light, the skin's own tone, and its shadow."""
    shadow = smoothstep(-relief, 8.0 - softness, 8.0 + softness)
    deep = smoothstep(-relief, 22.0 - softness, 22.0 + softness)
    light = smoothstep(relief, 8.0 - softness, 8.0 + softness)
    coverage = base + shadow * (0.17 + 0.10 * base) + deep * 0.16 - light * LIGHT_LIFT * base
    return np.asarray(coverage, np.float32)


def tone_coverage(lightness: Field) -> Field:
    """Screens for hair and clothes by lightness: black, dense, middle, light, paper."""
    coverage = np.ones_like(lightness)
    for threshold, screen in ((24.0, 0.62), (40.0, 0.36), (58.0, 0.16), (76.0, 0.0)):
        coverage = np.where(lightness > threshold, np.float32(screen), coverage)
    return coverage


def halo(ink: Field, coverage: Field) -> Field:
    """White paper kept around pen lines on a dense screen, 0..1: features stay readable on dark skin."""
    near = smoothstep(blur(ink, 2.2), 0.06, 0.22)
    return np.asarray(near * smoothstep(coverage, 0.18, 0.34), np.float32)
