"""What the tests measure on a portrait and its cartoon."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.toonify.anatomy import anatomy
from ml_core.toonify.bust import as_bust
from ml_core.toonify.colour import lab_from_rgb
from ml_core.types import REGIONS, FaceAnalysis, Image


def member(analysis: FaceAnalysis, name: str, least: float = 0.8) -> NDArray[np.bool_]:
    """Pixels of the bust that surely belong to a region, away from its border."""
    bust = as_bust(analysis.matte, analysis.landmarks) > 0.9
    inside = ((analysis.regions[REGIONS.index(name)] > 255 * least) & bust).astype(np.uint8)
    return cv2.erode(inside, np.ones((5, 5), np.uint8)).astype(bool)


def bare_skin(analysis: FaceAnalysis) -> NDArray[np.bool_]:
    """Skin of the face without features, lids and what lies near them."""
    face = anatomy(analysis.landmarks, analysis.matte.shape)
    return member(analysis, "skin") & (face.oval > 0.9) & (face.features < 0.05) & (face.lids < 0.05)


def lab(image: Image) -> NDArray[np.float32]:
    return lab_from_rgb(np.ascontiguousarray(image[..., :3]))


def skin_shift(analysis: FaceAnalysis, texture: Image) -> float:
    """Lab distance between the median skin of photo and cartoon."""
    where = bare_skin(analysis)
    before, after = lab(analysis.image)[where], lab(texture)[where]
    return float(np.linalg.norm(np.median(after, axis=0) - np.median(before, axis=0)))


def as_sticker(texture: Image, side: int = 128) -> NDArray[np.float32]:
    """The picture on white at the size it has in a chat, Lab."""
    alpha = texture[..., 3:].astype(np.float32) / 255
    on_white = (texture[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    return lab_from_rgb(
        np.asarray(cv2.resize(on_white, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
    )
