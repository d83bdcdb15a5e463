"""The picture cut into clean, overlapping-free shapes, as a painter blocks it in."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.toonify import hairline
from ml_core.toonify.anatomy import Anatomy
from ml_core.toonify.colour import Colour, Field, LabImage, smoothstep
from ml_core.toonify.smoothing import blur, crisp, enlarged, rounded
from ml_core.types import REGIONS, Mask

FLESH = ("skin", "brows", "eyes", "lips", "neck")
SILHOUETTE_BLUR = 0.010
"""Rounding of the silhouette, in units: jagged mattes become one pen stroke."""
GRID = 2
"""Regions are rounded on every second pixel: rounding leaves nothing finer."""
MIN_ISLAND = 0.15
"""Islands of one layer inside another below this area (square units) are noise of the segmentation."""


@dataclass(frozen=True)
class Layers:
    """(H, W) float32 coverages; flesh + hair + cloth = 1 everywhere, also outside the silhouette.

    flesh: face, ears and neck with all features. alpha: the silhouette. neck: flesh below the jaw.
    """

    flesh: Field
    hair: Field
    cloth: Field
    neck: Field
    alpha: Field


def region(regions: NDArray[np.uint8], name: str) -> Field:
    """One region's soft membership as float 0..1."""
    return np.asarray(regions[REGIONS.index(name)], np.float32) * np.float32(1 / 255)


def layers(
    regions: NDArray[np.uint8], matte: Mask, base: LabImage, face: Anatomy, skin: Colour, shape_blur: float
) -> Layers:
    """Round and sharpen the soft regions into shapes.

    regions: (len(REGIONS), H, W) uint8. base: (H, W, 3) Lab, flattened photo. skin: Lab of the face.
    shape_blur: rounding of borders in units.
    """
    height, width = matte.shape
    small = (max(1, width // GRID), max(1, height // GRID))
    unit, sigma = face.unit / GRID, shape_blur * face.unit / GRID
    flesh = sum((region(regions, name) for name in FLESH), face.mouth)
    parts = [np.asarray(flesh, np.float32), region(regions, "hair"), region(regions, "clothes")]
    parts = [np.asarray(cv2.resize(part, small, interpolation=cv2.INTER_AREA), np.float32) for part in parts]
    lab = np.asarray(cv2.resize(base, small, interpolation=cv2.INTER_AREA), np.float32)
    parts = _without_islands(hairline.corrected(parts, lab, face, skin), unit)
    # A trace of a wide blur continues them outside the silhouette: their borders meet it at full strength.
    parts = [blur(part, sigma) + 1e-3 * blur(part, 8.0 * sigma) for part in parts]
    flesh_share = parts[0] / (parts[0] + parts[1] + parts[2] + 1e-6)
    hair_share = parts[1] / (parts[1] + parts[2] + 1e-6)
    flesh_shape = crisp(enlarged(flesh_share, (height, width)))
    hair_shape = crisp(enlarged(hair_share, (height, width))) * (1.0 - flesh_shape)
    return Layers(
        flesh=flesh_shape,
        hair=np.asarray(hair_shape, np.float32),
        cloth=np.asarray(1.0 - flesh_shape - hair_shape, np.float32),
        neck=smoothstep(blur(region(regions, "neck"), shape_blur * face.unit), 0.3, 0.7),
        alpha=rounded(matte, SILHOUETTE_BLUR * face.unit),
    )


def _without_islands(parts: list[Field], unit: float) -> list[Field]:
    """Give small islands to the layer around them (the one that wins in a wide blur)."""
    stack = np.stack(parts)
    labels = stack.argmax(axis=0)
    covered = stack.sum(axis=0) > 0.5
    lost = np.zeros(labels.shape, np.uint8)
    for index in range(len(parts)):
        member = np.asarray((labels == index) & covered, np.uint8)
        _, islands, stats, _ = cv2.connectedComponentsWithStats(member)
        tiny = stats[:, cv2.CC_STAT_AREA] < MIN_ISLAND * unit**2
        tiny[0] = False
        lost |= tiny[islands].astype(np.uint8)
    if not lost.any():
        return parts
    kept = [blur(np.where(lost, np.float32(0.0), part), 0.12 * unit) for part in parts]
    winner = np.argmax(kept, axis=0)
    gone = cv2.dilate(lost, np.ones((3, 3), np.uint8)).astype(bool)
    return [np.where(gone, np.float32(winner == index), part) for index, part in enumerate(parts)]
