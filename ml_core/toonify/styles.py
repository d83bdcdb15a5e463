"""The styles of our cartoon renderer, as data: every number a painter would set, and nothing else.

Lengths are given in ``unit`` (outer-eye distance) where they follow the face and in pixels of the
portrait frame where they follow the eye of the reader (line widths). Lightness is CIE L, 0..100.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

Lab = tuple[float, float, float]


class Medium(Enum):
    """What the picture is finished in; each has its own last step."""

    PAINT = "paint"
    WATERCOLOUR = "watercolour"
    SCREENTONE = "screentone"
    PAPER_CUT = "paper cut"


@dataclass(frozen=True)
class Tone:
    """One step of skin shading.

    threshold: relief (see skin.py) at which the step begins; negative is shadow, positive is light.
    depth: how far lightness moves, as a share of what the skin's own lightness allows, signed.
    """

    threshold: float
    depth: float


@dataclass(frozen=True)
class Style:
    """How one style treats each part.

    Skin. tones: steps of shading; softness: half width of a step's edge, in relief; shading_blur: smallest
    form that shading follows, units; skin_chroma: factor on skin chroma; creases: opacity of folds and
    nostrils; blush: opacity of cheek colour; brow: opacity of brows; lip_chroma: redness added to lips, a*.
    Hair. hair_levels: thresholds of its steps in hair spreads, negative for shadow; hair_volume: share of the
    studio light (see hair.py); hair_softness: half width of their edges;
    hair_shape: rounding of the tones, units; hair_contrast: factor on the steps; strands: opacity of strokes.
    lock_depth: notches between the ends of locks, units; lock_relief: hair spreads by which a lock moves the
    steps along it.
    Clothes. cloth_levels: steps of lightness; cloth_softness: edge as a share of a step; cloth_poster: flat
    colours instead of steps. chroma: factor on the chroma of hair and clothes.
    Drawing. shape_blur: rounding of borders, units; line: opacity of lines, 0 for none; line_width: pixels;
    line_lab: the ink; line_tint: how much of the local colour lines keep. medium: the last step.
    eye_scale: caricature enlargement of the drawn eyes.
    """

    medium: Medium
    tones: tuple[Tone, ...]
    softness: float
    shading_blur: float
    skin_chroma: float
    hair_levels: tuple[float, ...]
    hair_volume: float
    hair_softness: float
    hair_shape: float
    hair_contrast: float
    lock_depth: float
    lock_relief: float
    cloth_levels: int
    cloth_softness: float
    cloth_poster: bool
    chroma: float
    shape_blur: float
    line: float
    line_width: float
    line_lab: Lab
    line_tint: float
    creases: float
    strands: float
    blush: float
    brow: float
    lip_chroma: float
    eye_scale: float


CEL = Style(
    medium=Medium.PAINT,
    tones=(Tone(-24.0, -0.75), Tone(-9.0, -1.0), Tone(12.0, 0.5)),
    softness=1.2,
    shading_blur=0.030,
    skin_chroma=1.06,
    hair_levels=(-1.35, -0.40, 0.55, 1.35),
    hair_volume=1.0,
    hair_softness=0.05,
    hair_shape=0.011,
    hair_contrast=1.0,
    lock_depth=0.12,
    lock_relief=0.55,
    cloth_levels=3,
    cloth_softness=0.04,
    cloth_poster=False,
    chroma=1.25,
    shape_blur=0.014,
    line=0.95,
    line_width=2.1,
    line_lab=(15.0, 9.0, 3.0),
    line_tint=0.40,
    creases=0.80,
    strands=0.55,
    blush=0.45,
    brow=1.0,
    lip_chroma=7.0,
    eye_scale=1.42,
)

PASTEL = Style(
    medium=Medium.WATERCOLOUR,
    tones=(Tone(-22.0, -0.35), Tone(-8.0, -0.60), Tone(9.0, 0.70)),
    softness=5.5,
    shading_blur=0.045,
    skin_chroma=1.06,
    hair_levels=(-1.3, -0.35, 0.50, 1.35),
    hair_volume=0.8,
    hair_softness=0.45,
    hair_shape=0.02,
    hair_contrast=0.95,
    lock_depth=0.12,
    lock_relief=0.5,
    cloth_levels=5,
    cloth_softness=0.40,
    cloth_poster=False,
    chroma=1.32,
    shape_blur=0.018,
    line=0.72,
    line_width=1.7,
    line_lab=(38.0, 22.0, 10.0),
    line_tint=0.55,
    creases=0.50,
    strands=0.35,
    blush=1.5,
    brow=0.85,
    lip_chroma=9.0,
    eye_scale=1.52,
)

INK = Style(
    medium=Medium.SCREENTONE,
    tones=(Tone(-24.0, -1.0), Tone(-8.0, -1.0), Tone(11.0, 0.8)),
    softness=0.8,
    shading_blur=0.030,
    skin_chroma=0.0,
    hair_levels=(-1.1, -0.35, 0.60, 1.30),
    hair_volume=1.0,
    hair_softness=0.03,
    hair_shape=0.011,
    hair_contrast=1.5,
    lock_depth=0.12,
    lock_relief=0.55,
    cloth_levels=4,
    cloth_softness=0.05,
    cloth_poster=False,
    chroma=0.0,
    shape_blur=0.014,
    line=1.0,
    line_width=2.5,
    line_lab=(4.0, 0.0, 0.0),
    line_tint=0.0,
    creases=0.95,
    strands=0.85,
    blush=0.0,
    brow=1.0,
    lip_chroma=0.0,
    eye_scale=1.40,
)

FLAT = Style(
    medium=Medium.PAPER_CUT,
    tones=(Tone(-8.0, -1.35), Tone(15.0, 0.8)),
    softness=0.6,
    shading_blur=0.085,
    skin_chroma=1.22,
    hair_levels=(-0.60, 0.75),
    hair_volume=1.2,
    hair_softness=0.03,
    hair_shape=0.02,
    hair_contrast=1.35,
    lock_depth=0.15,
    lock_relief=0.35,
    cloth_levels=3,
    cloth_softness=0.04,
    cloth_poster=True,
    chroma=1.65,
    shape_blur=0.034,
    line=0.0,
    line_width=0.0,
    line_lab=(16.0, 8.0, 2.0),
    line_tint=0.2,
    creases=0.55,
    strands=0.0,
    blush=0.0,
    brow=1.0,
    lip_chroma=8.0,
    eye_scale=1.38,
)

STYLES: Mapping[str, Style] = MappingProxyType({"cel": CEL, "pastel": PASTEL, "ink": INK, "flat": FLAT})
