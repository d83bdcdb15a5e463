"""The painter's study of the sitter: everything measured on the photo once, before any paint."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from ml_core.toonify.anatomy import Anatomy, anatomy
from ml_core.toonify.colour import Field, LabImage, ramp, smoothstep, vector
from ml_core.toonify.layers import Layers, layers, region
from ml_core.toonify.notches import notched
from ml_core.toonify.recolour import recoloured
from ml_core.toonify.smoothing import bled, blur, filled, flattened
from ml_core.toonify.strands import Strands, combed
from ml_core.toonify.styles import Style
from ml_core.toonify.windows import Window, analysis_within, within
from ml_core.types import FaceAnalysis, Rgb

MID_SKIN = 64.0
"""Lightness of mid skin: relief is scaled to it, since the same light moves dark skin by fewer L."""
FAR_BLUR = 0.25
FRINGE = 4.0
"""Pixels over which a matte mixes with the background."""
FEATURE_SHARE, GLASSES_SHARE = 1.2, 0.97
"""How much of the photo's light is disbelieved on features and behind spectacles; over 1 grows the hole."""
LOCKS = (0.25, 0.85)
"""Share of the cartoon over which notches are cut: in a photo of hair they would be damage."""
SKIN_RANGE = (22.0, 85.0)


@dataclass(frozen=True)
class Study:
    """One frame, measured.

    analysis: with the recoloured photo. base: (H, W, 3) Lab, the photo flattened.
    shading: (H, W) lightness of the flesh with its features taken out.
    relief: (H, W) shading against the skin's median, in units of mid skin.
    """

    analysis: FaceAnalysis
    base: LabImage
    face: Anatomy
    layers: Layers
    strands: Strands
    shading: Field
    relief: Field

    def within(self, window: Window) -> Study:
        """The part of the study in a window; views, no copies."""
        return Study(
            analysis_within(self.analysis, window),
            self.base[window],
            self.face.within(window),
            within(self.layers, window),
            within(self.strands, window),
            self.shading[window],
            self.relief[window],
        )


def study(analysis: FaceAnalysis, style: Style, recolour: dict[str, Rgb], locks: float) -> Study:
    """Measure one analysed photo for one style. locks: how much of a cartoon hair is, 0..1."""
    face = anatomy(analysis.landmarks, (analysis.image.shape[0], analysis.image.shape[1]))
    base = bled(flattened(analysis.image), analysis.matte, FRINGE)
    blocks = layers(analysis.regions, analysis.matte, base, face, vector(analysis.skin_lab), style.shape_blur)
    if recolour:
        dyed = recoloured(analysis.image, _members(analysis, blocks), recolour)
        analysis = dataclasses.replace(analysis, image=dyed)
        base = bled(flattened(dyed), analysis.matte, FRINGE)
    shading = _shading(base[..., 0], face, blocks, style.shading_blur, glasses=analysis.glasses)
    skin_lightness = analysis.skin_lab[0]
    relief = (shading - skin_lightness) * (MID_SKIN / float(np.clip(skin_lightness, *SKIN_RANGE)))
    combing = combed(analysis.image, np.asarray(blocks.hair * blocks.alpha, np.float32), face.unit)
    return Study(
        analysis=analysis,
        base=base,
        face=face,
        layers=notched(blocks, combing, face, style.lock_depth * ramp(locks, *LOCKS)),
        strands=combing.strands((face.shape[0], face.shape[1])),
        shading=shading,
        relief=np.asarray(relief, np.float32),
    )


def _members(analysis: FaceAnalysis, blocks: Layers) -> dict[str, Field]:
    """What may be given another colour: the shapes that are painted, and the lips."""
    return {
        "hair": np.asarray(blocks.hair * blocks.alpha, np.float32),
        "clothes": np.asarray(blocks.cloth * blocks.alpha, np.float32),
        "lips": blur(region(analysis.regions, "lips"), 1.0),
    }


def _shading(lightness: Field, face: Anatomy, blocks: Layers, fine: float, *, glasses: bool) -> Field:
    """Lightness of bare skin: brows, eyes, lips and nostrils are holes filled from around them."""
    weight = np.clip(blocks.flesh * blocks.alpha * (1.0 - FEATURE_SHARE * face.features), 0.0, 1.0)
    if glasses:
        weight = weight * (1.0 - GLASSES_SHARE * glasses_zone(face))
    return filled(lightness, np.asarray(weight, np.float32), fine * face.unit, FAR_BLUR * face.unit)


def glasses_zone(face: Anatomy) -> Field:
    """Where spectacles sit: a band over both eyes from brow to cheek bone and out to the temples."""
    points, unit = face.points, face.unit
    top = float(points[[105, 334], 1].mean()) - 0.02 * unit
    bottom = float(points[[117, 346], 1].mean()) + 0.12 * unit
    rows = np.arange(face.shape[0], dtype=np.float32)[:, None]
    band = smoothstep(rows, top - 0.05 * unit, top + 0.05 * unit)
    band = band * (1.0 - smoothstep(rows, bottom - 0.05 * unit, bottom + 0.05 * unit))
    return np.asarray(np.broadcast_to(band, face.shape), np.float32)
