"""The white of the eye as a reference white in the face's own light.

Skin alone cannot tell a light face in shadow from a dark face in daylight; the sclera can, because it
is about as white in everybody. It is seen through a slit under the brow, so it looks darker the
narrower the eye is open and the deeper the socket lies in shade. Both are measured and allowed for,
and an eye that shows no white (closed, red, behind lenses, too small) gives no opinion at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.face import topology
from ml_core.types import Image, Points

Floats = NDArray[np.float32]

LEAST_UNIT: Final = 50.0
"""Outer-eye distance in photo pixels below which lashes and white fall into the same pixels."""
LEAST_OPENING: Final = 0.055
"""Distance of the lids in outer-eye distances; below lie smiles and closed eyes."""
LEAST_PIXELS: Final = 24
IRIS_MARGIN: Final = 1.15
"""Iris radii kept clear of: the dark ring around the iris is not white."""
WHITE_SHARE: Final = 80.0
"""Percentile of luminance above which sclera is not in the shadow of the lid."""
GLINT_SHARE: Final = 97.0
"""Percentile above which it is a wet reflection."""
MOST_WARMTH: Final = 1.3
"""ln(red/blue), linear: clear whites reach 0.4 in daylight, 1.2 in dim or warm light; red eyes 1.4 to 2.6."""
LEAST_PALER: Final = 0.05
"""ln(red/blue) that skin has more than the white beside it; what is as red as the skin is lid, not white."""
LEAST_CONTRAST: Final = 18.0
"""White over pupil in linear light; sharp eyes reach 20 and more. Less means that blur has mixed the white
with its surroundings, which are dark where the skin is dark."""
PUPIL_SHARE: Final = 20.0
"""Percentile of luminance within the iris that lies in the pupil."""
USUAL_WHITE, USUAL_OPENING, USUAL_SOCKET = 0.57, 0.121, 0.88
"""Luminance of the white, opening and socket light of an open-eyed portrait in even light."""
BY_OPENING, BY_SOCKET = 1.5, 0.6
"""Exponents that bring well lit eyes 0.065 to 0.15 open, whites of 0.18 to 0.87, to a light of 0.9 to 1.4."""
LEAST_SOCKET, MOST_SOCKET = 0.1, 1.0
"""Light on the skin around the eye over the cheeks': bounds of what is believed."""

_LUMINANCE: Final = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
_GAMMA: Final = 2.2
_UNDER_EYES: Final = ((230, 120, 119, 229, 231), (450, 349, 348, 449, 451))
_OVER_EYES: Final = ((223, 224, 222, 28, 27, 29), (443, 444, 442, 258, 257, 259))
_LIDS: Final = ((159, 145), (386, 374))


@dataclass(frozen=True)
class _Skin:
    luminance: float
    warmth: float


def face_light(image: Image, points: Points, iris: Points) -> float | None:
    """How strongly the face is lit: 1 in a well exposed portrait, 0.5 one stop under; None if no eye tells.

    image: (S, S, 3) uint8 RGB portrait; points (468, 3) and iris (2, 5, 2) in its pixels. Of two eyes the
    better lit one counts, so that one in shade cannot lift the face.
    """
    skin = _skin(image, points)
    found = [_light_of(side, image, points, iris[side], skin) for side in (0, 1)]
    lights = [light for light in found if light is not None]
    return max(lights) if lights else None


def _skin(image: Image, points: Points) -> _Skin:
    colour = _at(image, points, topology.SKIN_SAMPLES)
    return _Skin(float(colour @ _LUMINANCE), _warmth(colour))


def _light_of(side: int, image: Image, points: Points, iris: Points, skin: _Skin) -> float | None:
    upper, lower = _LIDS[side]
    opening = float(np.linalg.norm(points[upper, :2] - points[lower, :2])) / topology.unit_of(points)
    white = _white(side, image, points, iris) if opening >= LEAST_OPENING else None
    if white is None:
        return None
    warmth = _warmth(white)
    if warmth > MOST_WARMTH or skin.warmth - warmth < LEAST_PALER:
        return None
    around = [float(_at(image, points, ids[side]) @ _LUMINANCE) for ids in (_UNDER_EYES, _OVER_EYES)]
    socket = min(float(np.sqrt(around[0] * around[1])) / max(skin.luminance, 1e-3), MOST_SOCKET)
    narrow = (opening / USUAL_OPENING) ** BY_OPENING
    deep = (max(socket, LEAST_SOCKET) / USUAL_SOCKET) ** BY_SOCKET
    return float(white @ _LUMINANCE) / float(USUAL_WHITE * narrow * deep)


def _white(side: int, image: Image, points: Points, iris: Points) -> Floats | None:
    """(3,) linear RGB of the lit sclera, or None where lids, iris and blur leave none."""
    contour = (topology.EYE_RIGHT, topology.EYE_LEFT)[side]
    path = points[list(contour), :2]
    low = np.clip(np.floor(path.min(axis=0)) - 1, 0, image.shape[0] - 2).astype(int)
    high = np.clip(np.ceil(path.max(axis=0)) + 2, low + 1, image.shape[0]).astype(int)
    eye = _linear(image[low[1] : high[1], low[0] : high[0]])
    inside = np.zeros(eye.shape[:2], np.uint8)
    cv2.fillPoly(inside, [np.round(path - low).astype(np.int32)], 1)
    radius = float(np.linalg.norm(iris[1:] - iris[0], axis=1).mean())
    y, x = np.mgrid[low[1] : high[1], low[0] : high[0]]
    distance = np.hypot(x - iris[0, 0], y - iris[0, 1])
    lit = inside.astype(bool)
    white, dark = eye[lit & (distance > IRIS_MARGIN * radius)], eye[lit & (distance < radius)]
    if min(len(white), len(dark)) < LEAST_PIXELS:
        return None
    luminance = white @ _LUMINANCE
    least, most = np.percentile(luminance, (WHITE_SHARE, GLINT_SHARE))
    chosen = np.median(white[(luminance >= least) & (luminance <= most)], axis=0).astype(np.float32)
    pupil = float(np.percentile(dark @ _LUMINANCE, PUPIL_SHARE))
    contrast = float(chosen @ _LUMINANCE) / max(pupil, 1e-4)
    return chosen if contrast >= LEAST_CONTRAST else None


def _linear(image: Image) -> Floats:
    return ((image.astype(np.float32) + np.float32(0.5)) * np.float32(1 / 256)) ** np.float32(_GAMMA)


def _at(image: Image, points: Points, ids: Sequence[int]) -> Floats:
    """(3,) linear RGB: the middle one of small squares at mesh points."""
    x, y = np.clip(points[list(ids), :2].round().astype(int), 2, image.shape[0] - 3).T
    squares = [image[v - 2 : v + 3, u - 2 : u + 3].reshape(-1, 3) for u, v in zip(x, y, strict=True)]
    return np.median(_linear(np.concatenate(squares)), axis=0).astype(np.float32)


def _warmth(colour: Floats) -> float:
    return float(np.log((colour[0] + 1e-4) / (colour[2] + 1e-4)))
