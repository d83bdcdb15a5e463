"""Our own face swap: warp over the mesh, relight, blend; faces in a picture one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.face import topology
from ml_core.face.geometry import inverse
from ml_core.face.shapes import blur, smoothstep
from ml_core.swap import regions
from ml_core.swap.blend import composed, membrane
from ml_core.swap.colour import lab_of, relit, rgb_of
from ml_core.swap.look import SourceFace, SwapLook, TargetFace
from ml_core.swap.warp import face_map, turned_away, warped
from ml_core.types import Image, Mask, Points

Floats = NDArray[np.float32]

MARGIN: Final = 0.12
"""Room around the mesh in outer-eye distances."""
FRINGE: Final = 0.06
"""Softness in outer-eye distances of the edge towards the source's own hair."""
CONTOUR: Final = 0.07
"""Reach in outer-eye distances of a contour within the face (a turned nose, a far cheek)."""
OTHER_HUE: Final = (14.0, 24.0)
"""Chroma distance in Lab over which something is no skin of this face."""
EMPTY_EYE, EMPTY_MOUTH = 0.5, 0.5
"""Openness of the source in shares of the target's: below it the source has nothing to show there."""
OPEN_MOUTH: Final = 0.04
"""Gap between the inner lips in outer-eye distances that shows teeth."""
_LIDS: Final = {"right": (159, 145, topology.EYE_RIGHT), "left": (386, 374, topology.EYE_LEFT)}


def swap_faces(
    image: Image, faces: Sequence[tuple[SourceFace, TargetFace]], look: SwapLook | None = None
) -> Image:
    """image: (H, W, 3) uint8 RGB. Returns a picture of the same size with every source put in.

    Deterministic. Nothing changes outside the targets' meshes.
    """
    out = image.copy()
    for source, target in faces:
        _swap(out, source, target, look or SwapLook())
    return out


def _swap(picture: Image, source: SourceFace, target: TargetFace, look: SwapLook) -> None:
    """One face, in place."""
    window = _window(target, picture.shape)
    if window is None or look.amount == 0:
        return
    rows, columns = window
    crop = np.ascontiguousarray(picture[rows, columns])
    points = target.landmarks - np.array([columns.start, rows.start, 0], np.float32)
    shape, unit = (crop.shape[0], crop.shape[1]), target.unit
    mapping = face_map(source.landmarks, points, shape)
    shrink = source.unit / unit
    face = np.clip(warped(source.image, mapping, shrink), 0, 255).astype(np.uint8)
    bare = warped(source.bare, mapping, shrink)
    free = _free(target, window, shape)
    shown = smoothstep(np.minimum(bare, blur(bare, FRINGE * unit)), 0.35, 0.9)
    alpha = regions.chosen(look.regions, points, mapping.seen, unit) * shown * free
    alpha = alpha * (1 - _kept(source, points, shape, unit, look))
    front = _matched(face, crop, points, (bare * mapping.seen, free * mapping.seen), alpha, unit)
    picture[rows, columns] = composed(front, crop.astype(np.float32), alpha * np.float32(look.amount))


def _window(target: TargetFace, shape: tuple[int, ...]) -> tuple[slice, slice] | None:
    """Rows and columns of the picture around the mesh; None when it lies outside."""
    reach = MARGIN * target.unit
    low = np.floor(target.landmarks[:, :2].min(axis=0) - reach).astype(int)
    high = np.ceil(target.landmarks[:, :2].max(axis=0) + reach).astype(int)
    left, top = np.maximum(low, 0)
    right, bottom = min(int(high[0]), shape[1]), min(int(high[1]), shape[0])
    if right - left < 4 or bottom - top < 4:
        return None
    return slice(int(top), bottom), slice(int(left), right)


def _free(target: TargetFace, window: tuple[slice, slice], shape: tuple[int, int]) -> Mask:
    """(H, W): 1 where the target's face is bare, 0 under hair, glasses' frames and whatever is in front."""
    if target.bare is None or target.to_portrait is None:
        return np.ones(shape, np.float32)
    affine = inverse(target.to_portrait)
    affine[:, 2] -= (window[1].start, window[0].start)
    placed = cv2.warpAffine(target.bare, affine, (shape[1], shape[0]), flags=cv2.INTER_LINEAR)
    return smoothstep(np.asarray(placed, np.float32), 0.25, 0.75)


def _kept(source: SourceFace, points: Points, shape: tuple[int, int], unit: float, look: SwapLook) -> Mask:
    """(H, W): 1 inside eyes and mouth that stay the target's own."""
    kept = np.zeros(shape, np.float32)
    for upper, lower, contour in _LIDS.values():
        here, there = _gap(points, upper, lower, unit), _gap(source.landmarks, upper, lower, source.unit)
        if "eyes" in look.keep or there < EMPTY_EYE * here:
            kept = np.maximum(kept, regions.filled(points, contour, shape, 0.015 * unit))
    lips = (topology.INNER_LIP_UPPER, topology.INNER_LIP_LOWER)
    here, there = _gap(points, *lips, unit), _gap(source.landmarks, *lips, source.unit)
    if "mouth" in look.keep or (here > OPEN_MOUTH and there < EMPTY_MOUTH * here):
        kept = np.maximum(kept, regions.filled(points, topology.LIPS_INNER, shape))
    return blur(kept, max(0.012 * unit, 0.6))


def _gap(points: Points, upper: int, lower: int, unit: float) -> float:
    return float(np.linalg.norm(points[upper, :2] - points[lower, :2])) / unit


def _matched(
    face: Image, crop: Image, points: Points, bare: tuple[Mask, Mask], alpha: Mask, unit: float
) -> Floats:
    """The warped face in the target's light, its edge drawn level with what is around it."""
    shape = (crop.shape[0], crop.shape[1])
    features = np.maximum.reduce(
        [regions.feature(name, points, shape, unit) for name in ("eyes", "brows", "mouth")]
    )
    plain = (1 - features) * regions.filled(points, topology.FACE_OVAL, shape)
    white = np.maximum.reduce(
        [
            regions.filled(points, c, shape)
            for c in (topology.EYE_RIGHT, topology.EYE_LEFT, topology.LIPS_INNER)
        ]
    )
    # At a contour the next pixel is the wall behind the head, which says nothing about skin.
    plain = plain * (1 - smoothstep(blur(turned_away(points, shape), CONTOUR * unit), 0.02, 0.2))
    there = lab_of(crop)
    own, wanted = plain * smoothstep(bare[0], 0.75, 0.98), plain * smoothstep(bare[1], 0.75, 0.98)
    skins = (own, wanted * _of_one_hue(there, wanted))
    lit = relit(lab_of(face), there, skins, white, unit)
    front = rgb_of(lit)
    edge = smoothstep(alpha, 0.02, 0.25) * smoothstep(alpha, 0.95, 0.6) * skins[1] * skins[0]
    level = front + membrane(crop.astype(np.float32) - front, edge)
    return np.asarray(np.clip(level, 0, 255), np.float32)


def _of_one_hue(lab: Floats, skin: Mask) -> Mask:
    """(H, W): 1 where the chroma is that of most of ``skin``, lit or not; 0 on what only seems skin."""
    bare = skin > 0.5
    if not bare.any():
        return np.ones_like(skin)
    away = lab[..., 1:] - np.median(lab[bare][:, 1:], axis=0)
    return 1 - smoothstep(np.hypot(away[..., 0], away[..., 1]).astype(np.float32), *OTHER_HUE)


def mirrored(source: SourceFace) -> SourceFace:
    """The same face seen in a mirror."""
    landmarks = source.landmarks[topology.MIRROR].copy()
    landmarks[:, 0] = source.image.shape[1] - 1 - landmarks[:, 0]
    flipped = np.ascontiguousarray(source.image[:, ::-1])
    return replace(
        source, image=flipped, landmarks=landmarks, bare=np.ascontiguousarray(source.bare[:, ::-1])
    )
