"""Colours for the vector parts, sampled from the finished texture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.toonify.anatomy import EYES, fill
from ml_core.toonify.colour import Colour, Field, LabImage, lab_from_rgb, swatch, vector
from ml_core.toonify.layers import region
from ml_core.toonify.screentone import PITCH
from ml_core.toonify.study import Study
from ml_core.toonify.styles import Style
from ml_core.types import Image, Palette, Rgb

SHADOW_PERCENTILE = 12.0
CEL_LINE_WIDTH = 2.1
MIN_SAMPLES = 16
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
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    found = []
    for ring, eye in zip(EYES, sitter.analysis.iris, strict=True):
        centre = eye[0]
        radius = float(np.linalg.norm(eye[1:] - centre, axis=1).mean())
        distance = np.hypot(columns - centre[0], rows - centre[1]) / max(radius, 1.0)
        open_eye = fill(shape, sitter.face.points[list(ring)]) > 0.5
        found.append(sitter.photo[(distance > IRIS_RING[0]) & (distance < IRIS_RING[1]) & open_eye])
    samples = np.concatenate(found)
    if len(samples) < MIN_SAMPLES:
        return (62, 43, 34)
    calm = samples[samples[:, 0] <= np.percentile(samples[:, 0], BRIGHTEST_IRIS)]
    return swatch(np.median(calm, axis=0).astype(np.float32))


def palette(texture: Image, sitter: Study, style: Style, brows: Field) -> Palette:
    """Palette of a finished texture. texture: (H, W, 4) uint8 RGBA. brows: their coverage."""
    # A screen of dots is seen as its mean.
    lab = lab_from_rgb(np.asarray(cv2.GaussianBlur(texture[..., :3], (0, 0), PITCH * 0.6), np.uint8))
    regions, face, inside = sitter.analysis.regions, sitter.face, sitter.layers.alpha > 0.9
    bare = (
        (region(regions, "skin") > 0.8)
        & (face.oval > 0.9)
        & (face.features < 0.1)
        & (face.lids < 0.1)
        & inside
    )
    skin = _median(lab, bare, vector(sitter.analysis.skin_lab))
    samples = _samples(lab, bare)
    shadow = skin + vector([-9.0, 3.0, 1.0])
    if samples is not None:
        dark = samples[samples[:, 0] <= np.percentile(samples[:, 0], SHADOW_PERCENTILE)]
        shadow = np.minimum(np.median(dark, axis=0), skin + vector([-4.0, 99.0, 99.0]))
    hair = _median(lab, (region(regions, "hair") > 0.6) & inside, vector([25.0, 3.0, 5.0]))
    lips = _median(lab, (face.lips > 0.9) & (face.mouth < 0.1), skin + vector([-12.0, 14.0, 4.0]))
    brow_lab = lab_from_rgb(np.ascontiguousarray(texture[..., :3]))
    cloth = _samples(lab, (region(regions, "clothes") > 0.6) & inside)
    return Palette(
        skin=swatch(skin),
        skin_shadow=swatch(np.asarray(shadow, np.float32)),
        lip=swatch(lips),
        brow=swatch(_median(brow_lab, brows > 0.9, hair)),
        hair=swatch(hair),
        iris=iris_tone(sitter),
        line=swatch(vector(style.line_lab)),
        line_weight=max(style.line_width, 1.0) / CEL_LINE_WIDTH,
        clothes=None if cloth is None else swatch(np.median(cloth, axis=0).astype(np.float32)),
    )
