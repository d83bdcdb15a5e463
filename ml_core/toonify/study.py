"""The painter's study of the sitter: everything measured on the photo once, before any paint."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, fields

import numpy as np

from ml_core.toonify.anatomy import Anatomy, anatomy
from ml_core.toonify.colour import Colour, Field, LabImage, ramp, smoothstep, vector
from ml_core.toonify.layers import Layers, layers, region
from ml_core.toonify.recolour import recoloured
from ml_core.toonify.smoothing import bled, filled, flattened
from ml_core.toonify.styles import Style
from ml_core.types import FaceAnalysis, Rgb

MID_SKIN = 64.0
"""Lightness of mid skin: relief is scaled to it, since the same light moves dark skin by fewer L."""
DEEPEST_RELIEF = -25.0
"""Dramatic side light is compressed so that only the darkest twentieth reaches the deep tone."""
FAR_BLUR = 0.25
FRINGE = 4.0
"""Pixels over which a matte mixes with the background."""
FEATURE_SHARE = 1.2
SAMPLE_SHARE = 0.6
CLOTH_COLOURS, LLOYD_ROUNDS, MAX_SAMPLES = 5, 6, 2500
OTHER_THAN_HAIR = 30.0
HUE_FIRST = np.asarray([0.6, 1.0, 1.0], np.float32)
"""Metric of the clustering: a fold is the same cloth in another lightness, a stripe is another colour."""
"""Membership from which a pixel counts as a sample of its region."""


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
    shading: Field
    relief: Field


@dataclass(frozen=True)
class Keys:
    """The colours and contrasts a picture is keyed to; shared by all frames of a clip, so that none flickers.

    skin, hair, lips, brows, cloth: (3,) Lab medians of the photo.
    hair_spread: (1,) robust deviation of hair lightness.
    cloth_range: (2,) lightness between which clothes are stepped.
    cloth_colours: (CLOTH_COLOURS, 3) Lab, dark to light.
    relief_gain: (1,) compression of shadows. beard: (1,) how sure a beard is, 0..1.
    """

    skin: Colour
    hair: Colour
    hair_spread: Field
    lips: Colour
    brows: Colour
    cloth: Colour
    cloth_range: Field
    cloth_colours: LabImage
    relief_gain: Field
    beard: Field


def study(analysis: FaceAnalysis, style: Style, recolour: dict[str, Rgb]) -> Study:
    """Measure one analysed photo for one style."""
    if recolour:
        analysis = dataclasses.replace(analysis, image=recoloured(analysis.image, analysis.regions, recolour))
    image = analysis.image
    face = anatomy(analysis.landmarks, (image.shape[0], image.shape[1]))
    blocks = layers(analysis.regions, analysis.matte, face, style.shape_blur)
    base = bled(flattened(image), analysis.matte, FRINGE)
    shading = _shading(base[..., 0], face, analysis, style.shading_blur)
    skin_lightness = analysis.skin_lab[0]
    relief = (shading - skin_lightness) * (MID_SKIN / float(np.clip(skin_lightness, 22.0, 85.0)))
    return Study(analysis, base, face, blocks, shading, np.asarray(relief, np.float32))


def _shading(lightness: Field, face: Anatomy, analysis: FaceAnalysis, fine: float) -> Field:
    """Lightness of bare skin: brows, eyes, lips and nostrils are holes filled from around them."""
    flesh = region(analysis.regions, "skin") + region(analysis.regions, "neck")
    weight = np.clip(flesh * (1.0 - FEATURE_SHARE * face.features), 0.0, 1.0)
    if analysis.glasses:
        weight = weight * (1.0 - 0.97 * glasses_zone(face))
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


def _median(lab: LabImage, where: Field, default: Colour) -> Colour:
    samples = lab[where > SAMPLE_SHARE]
    return (
        default if len(samples) < 24 else np.asarray(np.median(samples[:: 1 + len(samples) // 4000], axis=0))
    )


def keys(sitter: Study) -> Keys:
    """What one frame is keyed to."""
    analysis, base, regions = sitter.analysis, sitter.base, sitter.analysis.regions
    skin = vector(analysis.skin_lab)
    hair_region = region(regions, "hair") * sitter.layers.alpha
    hair = _median(base, hair_region, vector([30.0, 3.0, 6.0]))
    if analysis.hair_lab is not None:
        hair = vector(analysis.hair_lab) * 0.5 + hair * 0.5
    hair_samples = base[..., 0][hair_region > SAMPLE_SHARE]
    spread = np.subtract(*np.percentile(hair_samples, [84, 16])) / 2 if hair_samples.size > 24 else 10.0
    cloth_region = region(regions, "clothes") * sitter.layers.alpha
    cloth_samples = base[..., 0][cloth_region > SAMPLE_SHARE]
    cloth_range = np.percentile(cloth_samples, [3, 97]) if cloth_samples.size > 24 else np.array([20.0, 80.0])
    flesh = sitter.relief[region(regions, "skin") > SAMPLE_SHARE]
    darkest = float(np.percentile(flesh, 6)) if flesh.size > 24 else -10.0
    lips = _median(
        base, np.clip(sitter.face.lips - 2.0 * sitter.face.mouth, 0, 1), skin + vector([-12, 12, 2])
    )
    brows = base[(sitter.face.brows > SAMPLE_SHARE)]
    brow = brows[brows[:, 0] <= np.percentile(brows[:, 0], 40)].mean(axis=0) if len(brows) else hair
    return Keys(
        skin=skin,
        hair=np.asarray(hair, np.float32),
        hair_spread=vector([np.clip(spread, 6.0, 16.0)]),
        lips=lips,
        brows=np.asarray(brow, np.float32),
        cloth=_median(base, cloth_region, vector([45.0, 0.0, 0.0])),
        cloth_range=vector(cloth_range),
        cloth_colours=main_colours(_cloth_samples(sitter, hair)),
        relief_gain=vector([min(1.0, DEEPEST_RELIEF / min(darkest, -1e-3))]),
        beard=vector([_beard_amount(sitter)]),
    )


def _cloth_samples(sitter: Study, hair: Colour) -> LabImage:
    """(N, 3) Lab of clothes and of whatever on the head is not hair, thinned out evenly."""
    regions, alpha = sitter.analysis.regions, sitter.layers.alpha
    cloth = sitter.base[region(regions, "clothes") * alpha > SAMPLE_SHARE]
    head = sitter.base[region(regions, "hair") * alpha > SAMPLE_SHARE]
    samples = np.concatenate([cloth, head[np.linalg.norm(head - hair, axis=1) > OTHER_THAN_HAIR]])
    return np.asarray(samples[:: 1 + len(samples) // MAX_SAMPLES], np.float32)


def main_colours(samples: LabImage) -> LabImage:
    """(CLOTH_COLOURS, 3) cluster means of (N, 3) Lab samples, by farthest-point seeds and Lloyd's iteration.

    Deterministic, unlike seeds by chance (cf. Gonzalez 1985): the same portrait always gets the same colours.
    """
    if len(samples) < CLOTH_COLOURS:
        return np.tile(vector([45.0, 0.0, 0.0]), (CLOTH_COLOURS, 1))
    points = samples * HUE_FIRST
    means = [np.median(points, axis=0)]
    nearest = ((points - means[0]) ** 2).sum(axis=1)
    for _ in range(CLOTH_COLOURS - 1):
        means.append(points[int(np.argmax(nearest))])
        nearest = np.minimum(nearest, ((points - means[-1]) ** 2).sum(axis=1))
    centres = np.asarray(means, np.float32)
    for _ in range(LLOYD_ROUNDS):
        label = ((points[:, None, :] - centres[None]) ** 2).sum(axis=2).argmin(axis=1)
        for k in np.unique(label):
            centres[k] = points[label == k].mean(axis=0)
    return np.asarray(centres[np.argsort(centres[:, 0], kind="stable")] / HUE_FIRST, np.float32)


def shared(all_keys: list[Keys]) -> Keys:
    """One set of keys for a clip: the median of every number over its frames."""
    return Keys(
        **{
            f.name: np.median([getattr(each, f.name) for each in all_keys], axis=0).astype(np.float32)
            for f in fields(Keys)
        }
    )


def _beard_amount(sitter: Study) -> float:
    """How sure a beard is: BOTH halves of the lower face are darker than the cheeks; shadow is on one."""
    face = sitter.face
    darkness = sitter.analysis.skin_lab[0] - sitter.base[..., 0]
    middle = float(face.points[[2, 152], 0].mean())
    columns = np.arange(face.shape[1])[None, :] < middle
    halves = []
    for side in (columns, ~columns):
        samples = darkness[(face.beard > SAMPLE_SHARE) & side]
        if samples.size < 24:
            return 0.0
        halves.append(min(float(np.median(samples)), float(np.percentile(samples, 78)) - 6.0))
    scale = float(np.clip(sitter.analysis.skin_lab[0] / MID_SKIN, 0.5, 1.2))
    return ramp(min(halves), 9.0 * scale, 17.0 * scale)
