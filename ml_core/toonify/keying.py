"""The key of a picture: the few colours and contrasts everything is painted from."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ml_core.toonify.anatomy import CHIN, Anatomy
from ml_core.toonify.colour import Colour, Field, LabImage, ramp, smoothstep, vector
from ml_core.toonify.layers import region
from ml_core.toonify.study import MID_SKIN, Study

DEEPEST_RELIEF = -25.0
"""Dramatic side light is compressed so that only the darkest twentieth reaches the deep tone."""
SAMPLE_SHARE, MIN_SAMPLES, MAX_SAMPLES = 0.6, 24, 2500
"""Coverage from which a pixel counts as a sample; how many make a median, and how many are enough."""
CLOTH_COLOURS, LLOYD_ROUNDS = 5, 6
OTHER_THAN_HAIR = 30.0
HUE_FIRST = np.asarray([0.6, 1.0, 1.0], np.float32)
"""Metric of the clustering: a fold is the same cloth in another lightness, a stripe is another colour."""
HAIR_SPREAD = (6.0, 16.0)
UNSEEN_HAIR, UNSEEN_CLOTH = vector([30.0, 3.0, 6.0]), vector([45.0, 0.0, 0.0])
LIPS_FROM_SKIN = vector([-12.0, 12.0, 2.0])
DARKER_BROW_SHARE = 40.0
"""Percentile of lightness below which brow pixels are hair and not the skin between."""


@dataclass(frozen=True)
class Keys:
    """Shared by all frames of a clip, so that none flickers. Colours are Lab.

    skin, hair, lips, brows: (3,) medians of the photo. hair_spread: (1,) robust deviation of hair lightness.
    cloth_range: (2,) lightness between which clothes are stepped.
    cloth_colours: (CLOTH_COLOURS, 3), dark to light.
    relief_gain: (1,) compression of shadows. beard: (1,) how sure a beard is, 0..1.
    """

    skin: Colour
    hair: Colour
    hair_spread: Field
    lips: Colour
    brows: Colour
    cloth_range: Field
    cloth_colours: LabImage
    relief_gain: Field
    beard: Field


def keys_of(sitter: Study) -> Keys:
    """What one frame is keyed to."""
    base, blocks, face, skin = sitter.base, sitter.layers, sitter.face, vector(sitter.analysis.skin_lab)
    # Hair that hangs on the shoulders is easily mistaken: only the head's counts.
    hair_samples = samples(base, blocks.hair * blocks.alpha * _head(face))
    cloth_samples = samples(base, blocks.cloth * blocks.alpha)
    lip_samples = samples(base, np.clip(face.lips - 2.0 * face.mouth, 0.0, 1.0))
    hair = UNSEEN_HAIR if hair_samples is None else _middle(hair_samples)
    spread = 10.0 if hair_samples is None else _half_range(hair_samples[:, 0])
    return Keys(
        skin=skin,
        hair=hair,
        hair_spread=vector([np.clip(spread, *HAIR_SPREAD)]),
        lips=skin + LIPS_FROM_SKIN if lip_samples is None else _middle(lip_samples),
        brows=_brows(sitter, hair),
        cloth_range=vector([20, 80]) if cloth_samples is None else _range(cloth_samples[:, 0]),
        cloth_colours=main_colours(_worn(cloth_samples, hair_samples, hair)),
        relief_gain=vector([_relief_gain(sitter)]),
        beard=vector([_beard(sitter)]),
    )


def shared(all_keys: list[Keys]) -> Keys:
    """One set of keys for a clip: the median of every number over its frames."""
    return Keys(
        **{
            f.name: np.median([getattr(each, f.name) for each in all_keys], axis=0).astype(np.float32)
            for f in fields(Keys)
        }
    )


def samples(lab: LabImage, where: Field) -> LabImage | None:
    """(N, 3) Lab under a mask, thinned out evenly; None where there is next to nothing."""
    found = lab[where > SAMPLE_SHARE]
    return None if len(found) < MIN_SAMPLES else _thinned(found)


def main_colours(found: LabImage) -> LabImage:
    """(CLOTH_COLOURS, 3) cluster means of (N, 3) Lab samples, by farthest-point seeds and Lloyd's iteration.

    Deterministic, unlike seeds by chance (cf. Gonzalez 1985): the same portrait always gets the same colours.
    """
    if len(found) < CLOTH_COLOURS:
        return np.tile(UNSEEN_CLOTH, (CLOTH_COLOURS, 1))
    points = found * HUE_FIRST
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


def _head(face: Anatomy) -> Field:
    rows = np.arange(face.shape[0], dtype=np.float32)[:, None]
    chin = float(face.points[CHIN, 1])
    return np.asarray(1.0 - smoothstep(rows, chin - 0.1 * face.unit, chin), np.float32)


def _thinned(found: LabImage) -> LabImage:
    return np.asarray(found[:: 1 + len(found) // MAX_SAMPLES], np.float32)


def _middle(found: LabImage) -> Colour:
    return np.asarray(np.median(found, axis=0), np.float32)


def _range(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.percentile(values, [3, 97]), np.float32)


def _half_range(values: NDArray[np.float32]) -> float:
    low, high = np.percentile(values, [16, 84])
    return float(high - low) / 2


def _worn(cloth: LabImage | None, head: LabImage | None, hair: Colour) -> LabImage:
    """Samples of clothes and of whatever on the head is not hair."""
    found = [np.empty((0, 3), np.float32)]
    if cloth is not None:
        found.append(cloth)
    if head is not None:
        found.append(head[np.linalg.norm(head - hair, axis=1) > OTHER_THAN_HAIR])
    return _thinned(np.concatenate(found))


def _brows(sitter: Study, hair: Colour) -> Colour:
    found = samples(sitter.base, sitter.face.brows)
    if found is None:
        return hair
    dark = found[found[:, 0] <= np.percentile(found[:, 0], DARKER_BROW_SHARE)]
    return np.asarray(dark.mean(axis=0), np.float32)


def _relief_gain(sitter: Study) -> float:
    flesh = sitter.relief[region(sitter.analysis.regions, "skin") > SAMPLE_SHARE]
    if flesh.size < MIN_SAMPLES:
        return 1.0
    darkest = float(np.percentile(flesh, 6))
    return min(1.0, DEEPEST_RELIEF / min(darkest, -1e-3))


def _beard(sitter: Study) -> float:
    """How sure a beard is: BOTH halves of the lower face are darker than the cheeks; shadow is on one."""
    face = sitter.face
    darkness = sitter.analysis.skin_lab[0] - sitter.base[..., 0]
    middle = float(face.points[[2, 152], 0].mean())
    columns = np.arange(face.shape[1])[None, :] < middle
    halves = []
    for side in (columns, ~columns):
        found = darkness[(face.beard > SAMPLE_SHARE) & side]
        if found.size < MIN_SAMPLES:
            return 0.0
        halves.append(min(float(np.median(found)), float(np.percentile(found, 78)) - 6.0))
    scale = float(np.clip(sitter.analysis.skin_lab[0] / MID_SKIN, 0.5, 1.2))
    return ramp(min(halves), 9.0 * scale, 17.0 * scale)
