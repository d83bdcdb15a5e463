"""Persons cut out of photos, with what is known about them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.errors import PhotoRejected
from ml_core.face.analyser import FaceAnalyser
from ml_core.types import REGIONS, FaceAnalysis
from tests.faces import Picture

REACH = 3.2
"""Outer-eye distances from the middle of the face to the edges of the cut."""
MOST_SIDE = 640

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Sitter:
    """photo (H, W, 3) with mesh points (468, 2) in it; skin and hairy (H, W) 0..1: skin, lips and neck,
    and the same with brows and hair. width: the face's box over the photo's width."""

    name: str
    photo: Picture
    points: Floats
    skin: Floats
    hairy: Floats
    width: float


def sitters(analyser: FaceAnalyser, photos: dict[str, Picture]) -> list[Sitter]:
    """Every face that the gates accept as it is."""
    found = []
    for name, photo in photos.items():
        for index in range(len(analyser.faces(photo))):
            try:
                analysis = analyser.analyse(photo, face_index=index)
            except PhotoRejected:
                continue
            found.append(_cut(f"{name} {index}", photo, analysis))
    return found


def _cut(name: str, photo: Picture, analysis: FaceAnalysis) -> Sitter:
    back = cv2.invertAffineTransform(analysis.to_portrait)
    points = analysis.landmarks[:, :2] @ back[:, :2].T + back[:, 2]
    reach = REACH * float(np.linalg.norm(points[263] - points[33]))
    left, top = np.maximum(points.mean(axis=0) - reach, 0).astype(int)
    right, bottom = (points.mean(axis=0) + reach).astype(int)
    part = np.s_[top:bottom, left:right]
    height, width = photo[part].shape[:2]
    scale = min(1.0, MOST_SIDE / max(height, width))
    size = (round(width * scale), round(height * scale))

    def cut(picture: NDArray[np.generic]) -> NDArray[np.generic]:
        return cv2.resize(picture[part], size, interpolation=cv2.INTER_AREA)

    def region(*names: str) -> Floats:
        layer = sum(analysis.regions[REGIONS.index(one)].astype(np.float32) for one in names) / 255
        whole = cv2.warpAffine(
            np.minimum(layer, 1), analysis.to_portrait, photo.shape[1::-1], flags=cv2.WARP_INVERSE_MAP
        )
        return cut(whole)

    return Sitter(
        name=name,
        photo=cut(photo),
        points=((points - (left, top)) * scale).astype(np.float32),
        skin=region("skin", "lips", "neck"),
        hairy=region("skin", "lips", "neck", "brows", "hair"),
        width=analysis.faces[analysis.face_index].box[2] / width,
    )
