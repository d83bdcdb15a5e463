"""Values of the swap: whose face, where to, how much of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import cv2
import numpy as np

from ml_core.errors import LookInvalid
from ml_core.face import topology
from ml_core.face.shapes import blur, polygon, smoothstep
from ml_core.types import REGIONS, FaceAnalysis, Image, Mask, Points, ToonPortrait

FACE_REGIONS: Final = ("skin", "brows", "eyes", "nose", "mouth")
KEPT: Final = ("eyes", "mouth")
BROW_REACH: Final = 0.03
"""Outer-eye distances around the brows, which are as dark as a fringe."""
HAIR_SHADOW: Final = 0.06
"""Outer-eye distances beside hair that lie in its shadow: on a turned target they would be broad bands."""
_BARE: Final = ("skin", "eyes", "brows", "lips")


@dataclass(frozen=True)
class SwapLook:
    """How much of the face is put in.

    regions: some of FACE_REGIONS; empty is the whole face. amount: 0 nothing, 1 all of it.
    keep: "eyes" and "mouth" that stay the target's own (its gaze, its open mouth). Where the source shows
    nothing to fill the target's open eyes or mouth with, they stay the target's own anyway.
    Raises LookInvalid: swap_region_unknown, swap_amount.
    """

    regions: tuple[str, ...] = ()
    amount: float = 1.0
    keep: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for names, known in ((self.regions, FACE_REGIONS), (self.keep, KEPT)):
            unknown = [name for name in names if name not in known]
            if unknown:
                raise LookInvalid(
                    "swap_region_unknown",
                    f"There is no region {', '.join(unknown)}; use some of: {', '.join(known)}.",
                    known=", ".join(known),
                )
        if not 0.0 <= self.amount <= 1.0:
            raise LookInvalid("swap_amount", f"The amount goes from 0 to 1, not {self.amount:g}.")


@dataclass(frozen=True)
class SourceFace:
    """The face that is put in, a photo or a cartoon of it.

    image: (H, W, 3) uint8 RGB. landmarks: (468, 3) float32, its pixels. bare: (H, W) float32 in 0..1, where
    the face is neither under hair nor under anything else. photographic: false for a cartoon.
    """

    image: Image
    landmarks: Points
    bare: Mask
    photographic: bool = True

    @cached_property
    def unit(self) -> float:
        return topology.unit_of(self.landmarks)


@dataclass(frozen=True)
class TargetFace:
    """A face in the target picture.

    landmarks: (468, 3) float32, pixels of the picture, z away from the camera.
    bare: (S, S) float32 in the portrait frame, or None where nothing lies over the face (drawn faces).
    to_portrait: (2, 3) float32 of ``bare``, picture -> portrait frame.
    """

    landmarks: Points
    bare: Mask | None = None
    to_portrait: Points | None = None

    @cached_property
    def unit(self) -> float:
        return topology.unit_of(self.landmarks)


def source_of_photo(analysis: FaceAnalysis) -> SourceFace:
    """The photographic face of an analysed photo."""
    points, side = analysis.landmarks, analysis.regions.shape[1]
    bare = bare_face(analysis.regions, points) * forehead_without_fringe(analysis.image, points)
    reach = max(1, round(HAIR_SHADOW * topology.unit_of(points)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    inner = blur(np.asarray(cv2.erode(bare, kernel), np.float32), 0.5 * reach)
    brows = [polygon(points, brow, side, grow=reach) for brow in (topology.BROW_RIGHT, topology.BROW_LEFT)]
    return SourceFace(analysis.image, points, np.maximum(inner, bare * np.maximum(*brows)))


def source_of_toon(toon: ToonPortrait) -> SourceFace:
    """The cartoon of a face: it has the photo's geometry, so the photo's landmarks serve.

    ``toon`` must be painted with its eyes (``toonify(..., with_eyes=True)``).
    """
    photo = source_of_photo(toon.analysis)
    return replace(photo, image=np.ascontiguousarray(toon.texture[..., :3]), photographic=False)


def bare_face(regions: Image, landmarks: Points) -> Mask:
    """(S, S) float32: skin and features, from the layers of ``FaceAnalysis.regions``."""
    layers = regions[[REGIONS.index(name) for name in _BARE]].astype(np.float32).sum(axis=0) / 255
    mouth = polygon(landmarks, topology.LIPS_INNER, regions.shape[1])
    whole: Mask = np.clip(layers + mouth, 0, 1).astype(np.float32)
    return whole


def forehead_without_fringe(image: Image, landmarks: Points) -> Mask:
    """(S, S) float32: 0 on what is darker or differently coloured than skin above the brows, 1 elsewhere.

    Thin fringes are told from skin by the colour of this very forehead and cheeks; regions, which look at
    larger pieces, leave them to the skin.
    """
    side, unit = image.shape[0], topology.unit_of(landmarks)
    brows = polygon(landmarks, topology.BROW_RIGHT, side) + polygon(landmarks, topology.BROW_LEFT, side)
    near = blur(brows, BROW_REACH * unit) > 0.02
    oval = polygon(landmarks, topology.FACE_OVAL, side)
    lines = landmarks[[*topology.BROW_RIGHT_UPPER, *topology.BROW_LEFT_UPPER[::-1]], :2]
    order = np.argsort(lines[:, 0])
    columns = np.arange(side, dtype=np.float32)
    brow_line = np.interp(columns, lines[order, 0], lines[order, 1])
    above = np.arange(side)[:, np.newaxis] < brow_line[np.newaxis] - 0.04 * unit
    lab = np.asarray(cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)
    at = np.clip(np.round(landmarks[list(topology.SKIN_SAMPLES), :2]).astype(int), 0, side - 1)
    skin = np.median(lab[at[:, 1], at[:, 0]], axis=0)
    darker = smoothstep(lab[..., 0] / np.float32(max(skin[0], 1.0)), 0.84, 0.7)
    hair = blur(np.where(above & ~near & (oval > 0), darker, 0).astype(np.float32), 0.012 * unit)
    grown = cv2.dilate((hair > 0.3).astype(np.float32), np.ones((max(3, round(0.07 * unit)),) * 2, np.uint8))
    bare: Mask = 1 - blur(np.asarray(grown, np.float32), 0.02 * unit)
    return bare
