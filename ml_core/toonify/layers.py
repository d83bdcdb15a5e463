"""The picture cut into clean, overlapping-free shapes, as a painter blocks it in."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.toonify.anatomy import Anatomy
from ml_core.toonify.colour import Field, smoothstep
from ml_core.toonify.smoothing import blur, crisp, rounded
from ml_core.types import REGIONS, Mask

FLESH = ("skin", "brows", "eyes", "lips", "neck")
SILHOUETTE_BLUR = 0.010
"""Rounding of the silhouette, in units: jagged mattes become one pen stroke."""
MIN_ISLAND = 0.05
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


def layers(regions: NDArray[np.uint8], matte: Mask, face: Anatomy, shape_blur: float) -> Layers:
    """Round and sharpen the soft regions into shapes.

    regions: (len(REGIONS), H, W) uint8. shape_blur: rounding of borders in units.
    """
    unit = face.unit
    flesh = sum((region(regions, name) for name in FLESH), face.mouth)
    flesh, hair, cloth = _without_islands(
        [np.asarray(flesh, np.float32), region(regions, "hair"), region(regions, "clothes")], unit
    )
    # The three continue outside the silhouette so that their borders meet it at full strength.
    sigma = shape_blur * unit
    stack = [blur(layer, sigma) + 1e-3 * blur(layer, 8.0 * sigma) for layer in (flesh, hair, cloth)]
    total = stack[0] + stack[1] + stack[2] + 1e-6
    flesh_part = crisp(stack[0] / total)
    hair_part = crisp(stack[1] / (stack[1] + stack[2] + 1e-6)) * (1.0 - flesh_part)
    return Layers(
        flesh=flesh_part,
        hair=np.asarray(hair_part, np.float32),
        cloth=np.asarray(1.0 - flesh_part - hair_part, np.float32),
        neck=smoothstep(blur(region(regions, "neck"), sigma), 0.3, 0.7),
        alpha=rounded(matte, SILHOUETTE_BLUR * unit),
    )


def _without_islands(stack: list[Field], unit: float) -> list[Field]:
    """Give small islands to the layer around them (the one that wins in a wide blur)."""
    labels = np.argmax(np.stack(stack), axis=0).astype(np.uint8)
    covered = np.max(np.stack(stack), axis=0) > 0.5
    lost = np.zeros(labels.shape, bool)
    for index in range(len(stack)):
        count, parts, stats, _ = cv2.connectedComponentsWithStats(
            ((labels == index) & covered).astype(np.uint8)
        )
        small = np.flatnonzero(stats[:, cv2.CC_STAT_AREA] < MIN_ISLAND * unit * unit)
        if count > 1 and small.size:
            lost |= np.isin(parts, small[small > 0])
    if not lost.any():
        return stack
    kept = [np.where(lost, np.float32(0.0), layer) for layer in stack]
    around = np.argmax(np.stack([blur(layer, 0.12 * unit) for layer in kept]), axis=0)
    return [
        np.asarray(np.where(lost, np.float32(index) == around, layer), np.float32)
        for index, layer in enumerate(kept)
    ]
