"""Colours for the vector parts, sampled from the finished texture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.toonify.anatomy import EYES, fill
from ml_core.toonify.colour import Colour, Field, LabImage, lab_from_rgb, ramp, swatch, vector
from ml_core.toonify.layers import region
from ml_core.toonify.study import Study
from ml_core.toonify.styles import Style
from ml_core.types import Image, Palette, Rgb

SHADOW_PERCENTILE = 12.0
LINE_ON_SKIN = 0.25
CEL_LINE_WIDTH = 2.1
BOLDER_ON_DARK, DARK_SKIN = 0.3, (35.0, 60.0)
"""Lines of eyes and mouth are up to this much wider on skin below this lightness (CIE L)."""
LEAST_FEATURE = 1.5
"""Lashes and lips are drawn at least this wide, also in a style that has no lines."""
MIN_SAMPLES = 16
GRID = 4
"""Colours are sampled from every fourth pixel's neighbourhood, a little under one dot of a screen."""
UNSEEN_IRIS = (62, 43, 34)
IRIS_RING = (0.45, 0.9)
"""Part of the iris radius sampled: outside the pupil, inside the dark rim."""
BRIGHTEST_IRIS = 80.0
"""Percentile above which iris samples are reflections."""


def _samples(lab: LabImage, where: NDArray[np.bool_]) -> LabImage | None:
    found = lab[where]
    return found if len(found) >= MIN_SAMPLES else None


def _median(lab: LabImage, where: NDArray[np.bool_], default: Colour) -> Colour:
    found = _samples(lab, where)
    return default if found is None else np.asarray(np.median(found, axis=0), np.float32)


def iris_tone(sitter: Study) -> Rgb:
    """The iris as in the photo; dark brown where none can be seen."""
    shape = sitter.face.shape
    found = [np.empty((0, 3), np.float32)]
    for ring, eye in zip(EYES, sitter.analysis.iris, strict=True):
        centre = eye[0]
        radius = max(1.0, float(np.linalg.norm(eye[1:] - centre, axis=1).mean()))
        left, top = np.clip(np.floor(centre - radius), 0, None).astype(int)
        right, bottom = np.ceil(centre + radius).astype(int) + 1
        rows = np.arange(top, min(bottom, shape[0]), dtype=np.float32)[:, None]
        columns = np.arange(left, min(right, shape[1]), dtype=np.float32)[None, :]
        distance = np.hypot(columns - centre[0], rows - centre[1]) / radius
        box = (slice(top, top + distance.shape[0]), slice(left, left + distance.shape[1]))
        open_eye = fill(shape, sitter.face.points[list(ring)])[box] > 0.5
        inside = (distance > IRIS_RING[0]) & (distance < IRIS_RING[1]) & open_eye
        if inside.any():
            found.append(lab_from_rgb(np.ascontiguousarray(sitter.analysis.image[box]))[inside])
    samples = np.concatenate(found)
    if len(samples) < MIN_SAMPLES:
        return UNSEEN_IRIS
    calm = samples[samples[:, 0] <= np.percentile(samples[:, 0], BRIGHTEST_IRIS)]
    return swatch(np.median(calm, axis=0).astype(np.float32))


def _line(style: Style, skin: Colour) -> Colour:
    """The ink; on dark skin darker than the skin."""
    ink = vector(style.line_lab)
    ink[0] = min(float(ink[0]), LINE_ON_SKIN * float(skin[0]))
    return ink


def _boldness(skin: Colour) -> float:
    """Factor on the width of drawn features: ink contrasts less with dark skin, so there is more of it."""
    return 1.0 + BOLDER_ON_DARK * (1.0 - ramp(float(skin[0]), *DARK_SKIN))


def palette(texture: Image, sitter: Study, style: Style, brows: Field, lips: Colour | None = None) -> Palette:
    """Palette of a finished texture.

    texture: (H, W, 4) uint8 RGBA. brows: their coverage. lips: their colour where the texture has none.
    """
    height, width = texture.shape[0] // GRID, texture.shape[1] // GRID

    def thin(field: Field) -> Field:
        return field[GRID // 2 :: GRID, GRID // 2 :: GRID][:height, :width]

    # Averaging over a few pixels also shows a screen of dots as what it looks like: its mean.
    colours = np.ascontiguousarray(texture[..., :3])
    lab = lab_from_rgb(
        np.asarray(cv2.resize(colours, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    )
    regions, face, inside = sitter.analysis.regions, sitter.face, thin(sitter.layers.alpha) > 0.9
    plain = (thin(face.oval) > 0.9) & (thin(face.features) < 0.1) & (thin(face.lids) < 0.1) & inside
    bare = plain & (thin(region(regions, "skin")) > 0.8)
    skin = _median(lab, bare, vector(sitter.analysis.skin_lab))
    samples = _samples(lab, bare)
    shadow = skin + vector([-9.0, 3.0, 1.0])
    if samples is not None:
        dark = samples[samples[:, 0] <= np.percentile(samples[:, 0], SHADOW_PERCENTILE)]
        shadow = np.minimum(np.median(dark, axis=0), skin + vector([-4.0, 99.0, 99.0]))
    hair = _median(lab, (thin(sitter.layers.hair) > 0.6) & inside, vector([25.0, 3.0, 5.0]))
    if lips is None:
        on_lips = (thin(face.lips) > 0.9) & (thin(face.mouth) < 0.1)
        lips = _median(lab, on_lips, skin + vector([-12.0, 14.0, 4.0]))
    cloth = _samples(lab, (thin(sitter.layers.cloth) > 0.6) & inside)
    brow_rgb = colours[brows > 0.9]
    brow = lab_from_rgb(brow_rgb[None])[0] if len(brow_rgb) >= MIN_SAMPLES else hair[None]
    return Palette(
        skin=swatch(skin),
        skin_shadow=swatch(np.asarray(shadow, np.float32)),
        lip=swatch(lips),
        brow=swatch(np.median(brow, axis=0).astype(np.float32)),
        hair=swatch(hair),
        iris=iris_tone(sitter),
        line=swatch(_line(style, skin)),
        line_weight=max(style.line_width, LEAST_FEATURE) / CEL_LINE_WIDTH * _boldness(skin),
        clothes=None if cloth is None else swatch(np.median(cloth, axis=0).astype(np.float32)),
    )
