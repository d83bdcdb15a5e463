"""Brows, which stay in the texture, and lips, which are painted where no puppet will draw its own."""

from __future__ import annotations

import numpy as np

from ml_core.toonify.colour import Colour, Field, LabImage, mix, smoothstep, vector
from ml_core.toonify.keying import Keys
from ml_core.toonify.skin import base_tone
from ml_core.toonify.smoothing import blur
from ml_core.toonify.study import MID_SKIN, Study
from ml_core.toonify.styles import Medium, Style
from ml_core.toonify.windows import window_around

REACH = 0.1
"""Units around brows and lips that their blurs look at."""
SPOT_LIPS = (46.0, 38.0, 16.0)
"""Manga covers are black and white with one spot colour: lips and cheeks."""
BROW_SHAPE = 0.62
"""Coverage a brow has by its landmarks alone: one clean stroke that light cannot break; fair brows stay."""
BROW_ON_SKIN = 0.55
"""Brows are at most this share of the skin's lightness: what is read first must show on every skin."""


def brow_cover(sitter: Study, tone: Colour) -> Field:
    """Coverage of the brows, 0..1: hair found by its difference from skin, shaped by the landmarks."""
    cover = np.zeros(sitter.face.shape, np.float32)
    window = window_around(sitter.face.brows > 0, REACH * sitter.face.unit)
    if window is None:
        return cover
    unit, scale = sitter.face.unit, float(np.clip(tone[0] / MID_SKIN, 0.5, 1.2))
    near = blur(sitter.face.brows[window], 0.015 * unit)
    difference = np.abs(sitter.shading[window] - blur(sitter.base[window][..., 0], 1.0))
    hairs = smoothstep(difference, 5.0 * scale, 15.0 * scale) * smoothstep(near, 0.15, 0.6)
    shape = np.maximum(hairs, BROW_SHAPE * smoothstep(near, 0.55, 0.85))
    cover[window] = smoothstep(blur(np.asarray(shape, np.float32), 0.012 * unit), 0.18, 0.55)
    return cover


def brow_tone(keys: Keys, tone: Colour) -> Colour:
    """Dark enough to read at sticker size, in the brows' own hue."""
    lightness = min(float(keys.brows[0]), float(tone[0]) * BROW_ON_SKIN)
    return vector([max(lightness * 0.85, 5.0), keys.brows[1] * 0.8, keys.brows[2] * 0.8])


def lip_tone(keys: Keys, style: Style) -> Colour:
    """The lips' own colour with the style's redness, or the one spot colour of a manga cover."""
    if style.medium is Medium.SCREENTONE:
        return vector([0.75 * SPOT_LIPS[0] + 0.25 * keys.lips[0], *SPOT_LIPS[1:]])
    return np.asarray(keys.lips + vector([-1.0, style.lip_chroma, 0.25 * style.lip_chroma]), np.float32)


def with_lips(picture: LabImage, sitter: Study, keys: Keys, style: Style) -> LabImage:
    """Lips in two tones, the upper darker, with the light of the photo on the lower as one shape."""
    window = window_around(sitter.face.lips > 0, REACH * sitter.face.unit)
    if window is None:
        return picture
    face = sitter.face.within(window)
    light = np.asarray(sitter.base[window][..., 0] - keys.lips[0], np.float32)
    shine = smoothstep(blur(light, 0.012 * face.unit), 6.0, 11.0) * (1.0 - face.upper_lip)
    lightness = 6.0 * shine - 5.0 * face.upper_lip - 10.0 * face.mouth
    lips = lip_tone(keys, style) + np.dstack([lightness, -0.4 * lightness, -0.2 * lightness])
    painted = picture.copy()
    cover = blur(face.lips, 0.8) * sitter.layers.flesh[window]
    painted[window] = mix(picture[window], np.asarray(lips, np.float32), cover)
    return painted


def with_brows(skin: LabImage, cover: Field, keys: Keys, style: Style) -> LabImage:
    """Brows as clean shapes in one colour. cover: their coverage."""
    return mix(skin, brow_tone(keys, base_tone(keys.skin, style)), cover * np.float32(style.brow))
