"""Hair: three tones laid along the strands, in shapes large enough to read on a sticker."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from ml_core.toonify.colour import Colour, Field, LabImage, smoothstep, vector
from ml_core.toonify.keying import Keys
from ml_core.toonify.smoothing import rounded
from ml_core.toonify.study import Study
from ml_core.toonify.styles import Style
from ml_core.toonify.windows import EVERYTHING, Window

STROKE = (1.0, 1.3)
"""Deviations by which a strand is darker or lighter than those beside it that is drawn as a stroke."""
GLOSS, SHADE, BEYOND = 3.0, 2.5, 10.0
"""Spreads by which hair may be lighter or darker than its middle, and what each spread more counts."""
COLLAR = 0.6
"""How much less is forgiven below the chin, where collars and scarves begin."""
NATURAL_HUES, WARM_HUE, WARMTH = (math.radians(20.0), math.radians(115.0)), math.radians(66.0), 0.6
HAIR_LIFT, DARKEST_HAIR = 3.0, 7.0
"""Cartoons are lighter than photographs, and their black still shows a line."""
SHADOW_HUE = np.asarray([1.5, -0.5], np.float32)
CRISP = 0.2
"""Hair softness below which tones are shapes with borders."""
POLAR = cv2.WARP_POLAR_LINEAR | cv2.WARP_FILL_OUTLIERS
"""Without filling, OpenCV leaves memory as it was beyond the picture."""
RAYS = (240, 180)
"""Samples of a ray from the face outwards, and how many rays."""
GLOSS_AT, GLOSS_WIDTH, GLOSS_HEIGHT = 0.60, 0.17, 1.5
"""Where between hairline and silhouette the band of light lies, how wide it is, and its height in spreads."""
ROOT_SHADE, LOW_SHADE = 0.6, 0.9
ANGLE_BLUR = 4.0
"""Rays over which the light is smoothed."""
LAMP_TILT = -0.35
"""Radians by which the lamp stands to the picture's left of the crown."""
THIN_HAIR = (0.10, 0.30)
"""Units of thickness over which hair gains a volume of its own; cropped hair follows the skull."""


@dataclass(frozen=True)
class Locks:
    """tones: (H, W), -2 deep shadow to +2 gloss. strokes: (H, W), -1 dark ones to +1 light ones.

    Both run along the hair and taper where its strands do.
    """

    tones: Field
    strokes: Field


def drawn_locks(sitter: Study, keys: Keys, style: Style, window: Window = EVERYTHING) -> Locks:
    """Hair in a window as a few tones and strokes."""
    broad, fine = sitter.strands.broad[window], sitter.strands.fine[window]
    spread = keys.hair_spread[0]
    lit = (broad - keys.hair[0]) / spread + np.float32(style.lock_relief) * fine
    lit = lit + np.float32(style.hair_volume) * volume(sitter)[window]
    tones = np.zeros_like(broad)
    soft = style.hair_softness + 0.02
    for threshold in style.hair_levels:
        sign = math.copysign(1.0, threshold)
        step = smoothstep(np.float32(sign) * lit, abs(threshold) - soft, abs(threshold) + soft)
        if style.hair_softness < CRISP:
            step = rounded(step, style.hair_shape * sitter.face.unit)
        tones += np.float32(sign) * step
    strokes = np.copysign(smoothstep(np.abs(fine), *STROKE), fine) * np.float32(style.strands)
    return Locks(np.asarray(tones, np.float32), np.asarray(strokes, np.float32))


def volume(sitter: Study) -> Field:
    """The light of a studio on a head of hair, in hair spreads, (H, W): a glossy band, darker roots and tips.

    The photo's light is often flat, and flat hair is a helmet. Where hair starts and ends is found on rays
    from between the eyes.
    """
    height, width = sitter.layers.hair.shape
    x, y = (float(c) for c in sitter.face.points[[33, 263]].mean(axis=0))
    reach = math.hypot(height, width)
    hair = np.asarray(sitter.layers.hair * sitter.layers.alpha, np.float32)
    rays = cv2.warpPolar(hair, RAYS, (x, y), reach, POLAR)
    lit = studio_light(np.asarray(rays, np.float32), RAYS[0] * sitter.face.unit / reach)
    back = cv2.warpPolar(lit, (width, height), (x, y), reach, POLAR | cv2.WARP_INVERSE_MAP)
    return np.asarray(back, np.float32)


def studio_light(rays: Field, unit: float) -> Field:
    """Light on hair in polar coordinates, in hair spreads.

    rays: (angles, radii) coverage of hair; angles run clockwise from the right. unit: in samples of a ray.
    The band lies at a fixed share of the way through the hair, as the ring of light that cartoons draw (the
    maximum of Kajiya & Kay's 1989 hair model on a ball under a lamp above).
    """
    there = rays > 0.5
    radii = np.arange(rays.shape[1], dtype=np.float32)
    outer = np.maximum(np.where(there, radii, 0.0).max(axis=1), 1.0)
    inner = np.where(there, radii, np.inf).min(axis=1)
    inner = np.where(np.isfinite(inner), inner, outer)
    thick = outer - inner
    share = (radii - inner[:, None]) / np.maximum(thick, 1.0)[:, None]
    lit = GLOSS_HEIGHT * np.exp(-(((share - GLOSS_AT) / GLOSS_WIDTH) ** 2))
    lit -= ROOT_SHADE * (1.0 - smoothstep(share.astype(np.float32), 0.0, 0.35))
    angle = np.arange(len(rays), dtype=np.float32) * np.float32(2 * np.pi / len(rays))
    upward = -np.sin(angle - np.float32(LAMP_TILT))  # the crown is at three quarters of the turn
    lit *= smoothstep(upward, 0.05, 0.75)[:, None]
    lit -= (LOW_SHADE * smoothstep(-upward, -0.25, 0.45))[:, None]
    lit *= smoothstep((thick / unit).astype(np.float32), *THIN_HAIR)[:, None]
    around = cv2.GaussianBlur(np.concatenate([lit, lit, lit]), (0, 0), ANGLE_BLUR)
    return np.asarray(around[len(rays) : 2 * len(rays)], np.float32)


def unlike_hair(sitter: Study, keys: Keys) -> Field:
    """0..1: hats, bands and badges that lie in the hair region but have another colour."""
    lightness = sitter.base[..., 0]
    lighter = lightness - keys.hair[0]
    # Hair in shadow is darker and, in proportion, less colourful: that is not another material.
    expected = np.clip(lightness / max(float(keys.hair[0]), 8.0), 0.25, 1.4)
    a = sitter.base[..., 1] - keys.hair[1] * expected
    b = sitter.base[..., 2] - keys.hair[2] * expected
    face = sitter.face
    rows = np.arange(face.shape[0], dtype=np.float32)[:, None]
    below = smoothstep(rows, float(face.points[152, 1]) - 0.3 * face.unit, float(face.points[152, 1]))
    tolerance = np.where(lighter > 0, GLOSS, SHADE) * (1.0 - COLLAR * below)
    beyond = np.abs(lighter) / keys.hair_spread[0] - tolerance
    away = cv2.magnitude(a, b) + BEYOND * np.maximum(beyond, 0.0)
    return rounded(smoothstep(np.asarray(away, np.float32), 22.0, 32.0), 0.02 * sitter.face.unit)


def hair_tone(keys: Keys, style: Style) -> Colour:
    """The middle tone: the person's, and where it is a natural colour warmer than the camera saw it.

    Brown and fair hair at the hue that cameras give them (80 degrees and more) reads as olive in flat paint.
    """
    lightness, a, b = (float(x) for x in keys.hair)
    chroma, hue = math.hypot(a, b) * style.chroma, math.atan2(b, a)
    if NATURAL_HUES[0] < hue < NATURAL_HUES[1]:
        hue += WARMTH * (WARM_HUE - hue)
    return vector([lightness + HAIR_LIFT, chroma * math.cos(hue), chroma * math.sin(hue)])


def painted_hair(locks: Locks, keys: Keys, style: Style) -> LabImage:
    """Drawn hair in its own colour, stepped: shadows sink and redden, lights gain the lamp's warmth."""
    tone = hair_tone(keys, style)
    middle = float(tone[0])
    levels = locks.tones
    down, up = 3.0 + 0.15 * middle, 6.0 + 0.10 * middle
    # Dark strokes go a step further down than the shadow.
    lightness = (
        middle
        + 0.9 * down * np.minimum(locks.strokes, 0.0)
        + style.hair_contrast * np.where(levels < 0, levels * down, levels * up)
    )
    lightness = np.maximum(lightness, DARKEST_HAIR)
    chroma = tone[1:] * (1.0 + 0.10 * levels[..., None])
    chroma = chroma + np.maximum(-levels, 0.0)[..., None] * SHADOW_HUE * np.float32(style.chroma)
    return np.asarray(np.concatenate([lightness[..., None], chroma], axis=2), np.float32)
