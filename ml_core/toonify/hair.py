"""Hair: three tones laid along the strands, in shapes large enough to read on a sticker."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ml_core.toonify.colour import Field, LabImage, smoothstep
from ml_core.toonify.flow import along, edge_tangents
from ml_core.toonify.keying import Keys
from ml_core.toonify.smoothing import blur, enlarged, rounded
from ml_core.toonify.study import Study
from ml_core.toonify.styles import Style

GRID = 2
"""Hair is smooth along its strands: it is computed on every second pixel."""
TENSOR_BLUR = 0.09
STRAND_BLUR = 0.035
LOCK_WIDTH, LOCK_DEPTH = 0.06, (0.10, 0.26)
"""Width of a lock in units; depth of the dark lines between locks in hair spreads."""
GLOSS, SHADE, BEYOND = 3.0, 2.5, 10.0
"""Spreads by which hair may be lighter or darker than its middle, and what each spread more counts."""
COLLAR = 0.6
"""How much less is forgiven below the chin, where collars and scarves begin."""
CRISP = 0.2
"""Hair softness below which tones are shapes with borders."""
STRAND_LENGTH = 0.30
"""Units. Longer strands give larger, calmer highlights; much longer ones cut across curls."""


def strand_lightness(lightness: Field, unit: float) -> tuple[Field, Field]:
    """Lightness smoothed along the hair's flow, (H, W), broadly and finely.

    Broad is what tones are cut from; fine less broad is single locks.
    """
    height, width = lightness.shape
    size = (max(1, width // GRID), max(1, height // GRID))
    reduced = np.asarray(cv2.resize(lightness, size, interpolation=cv2.INTER_AREA), np.float32)
    scale = unit / GRID
    flow = edge_tangents(blur(reduced, STRAND_BLUR * scale), TENSOR_BLUR * scale)
    fine = along(reduced, flow, STRAND_LENGTH * scale, step=1.5)
    # The broad field is the fine one blurred: smoothing along and across can be done in either order.
    broad = blur(fine, STRAND_BLUR * scale)
    return enlarged(broad, (height, width)), enlarged(fine - blur(fine, LOCK_WIDTH * scale), (height, width))


@dataclass(frozen=True)
class Locks:
    """tones: (H, W), -1 in shadow, 0, +1 in light. strands: (H, W) 0..1, dark lines between locks."""

    tones: Field
    strands: Field


def drawn_locks(sitter: Study, keys: Keys, style: Style) -> Locks:
    """Hair as a few tones and lines, both along its flow."""
    broad, fine = strand_lightness(sitter.base[..., 0], sitter.face.unit)
    spread = keys.hair_spread[0]
    relative = (broad - keys.hair[0]) / spread
    shadow_at, light_at = style.hair_levels
    soft = style.hair_softness + 0.02
    shadow = smoothstep(-relative, -shadow_at - soft, -shadow_at + soft)
    light = smoothstep(relative, light_at - soft, light_at + soft)
    if style.hair_softness < CRISP:
        size = style.hair_shape * sitter.face.unit
        shadow, light = rounded(shadow, size), rounded(light, size)
    strands = smoothstep(np.asarray(-fine / spread, np.float32), *LOCK_DEPTH) * style.strands
    return Locks(np.asarray(light - shadow, np.float32), np.asarray(strands, np.float32))


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


def painted_hair(sitter: Study, keys: Keys, style: Style) -> LabImage:
    """Hair in its own colour, stepped."""
    middle = float(keys.hair[0])
    locks = drawn_locks(sitter, keys, style)
    levels = locks.tones
    down, up = 4.5 + 0.17 * middle, 6.0 + 0.13 * middle
    # Lines go half a step further down than the shadow.
    lightness = (
        middle
        + 2.0
        - 0.9 * down * locks.strands
        + style.hair_contrast * np.where(levels < 0, levels * down, levels * up)
    )
    chroma = np.float32(style.chroma) * keys.hair[1:]
    light = np.clip(levels, 0, 1)[..., None]
    return np.asarray(
        np.concatenate([lightness[..., None], chroma * (1.0 + 0.12 * light)], axis=2), np.float32
    )
