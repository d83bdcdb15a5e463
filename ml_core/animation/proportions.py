"""Caricature: a smooth warp of puppet space that enlarges eyes and head and makes body and chin small.

The proportions follow what infants and cartoon heroes share, large eyes and cranium over a small lower
face (Lorenz's "Kindchenschema"; Glocker et al. 2009, Ethology 115: 257).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ml_core.animation.contours import EYES, EyeContour
from ml_core.animation.expressions import smoothstep

Points3 = NDArray[np.float64]
"""(N, 3) float64 in puppet space."""

FULL_STYLE_AT = 0.5
"""From this caricature amount on, the style's own eye scale counts fully; beyond it only chibi grows."""
COMFORTABLE_OPENNESS = 0.34
"""Height over width of an eye that needs no help to read at sticker size."""


ACTING: Mapping[str, float] = MappingProxyType({
    "jawOpen": 0.40,
    "mouthClose": 0.40,  # takes back what jawOpen does: the two go together
    "mouthSmile": 0.35,
    "mouthFrown": 0.45,
    "mouthStretch": 0.30,
    "mouthUpperUp": 0.30,
    "mouthLowerDown": 0.30,
    "browDown": 0.30,
    "browInnerUp": 0.25,
    "browOuterUp": 0.20,
    "eyeWide": 0.50,
    "cheekPuff": 0.30,
})  # fmt: skip
"""How much further than in life a full caricature's features move, by blendshape without its side.

A sticker is read at 128 pixels: animators push every expression beyond what an actor could do (Thomas &
Johnston 1981, "The Illusion of Life", the principle of exaggeration).
"""


@dataclass(frozen=True)
class Proportions:
    """styled: 0..1, how much of the style's exaggeration. chibi: 0..1. eye_scale: of the style."""

    styled: float
    chibi: float
    eye_scale: float


def proportions(caricature: float, eye_scale: float) -> Proportions:
    """``caricature`` 0 (the person's own geometry) to 1 (chibi)."""
    styled = min(1.0, caricature / FULL_STYLE_AT)
    return Proportions(styled, caricature, 1 + (eye_scale - 1) * styled + 0.45 * caricature)


def acting_gain(names: Sequence[str], styled: float) -> NDArray[np.float64]:
    """(len(names),) factors on blendshapes; 1 for the person's own proportions (``styled`` 0)."""
    pushed = [ACTING.get(name.removesuffix("Left").removesuffix("Right"), 0.0) for name in names]
    return 1 + styled * np.array(pushed)


def _magnify(
    points: Points3,
    base: Points3,
    centre: Points3,
    scale: tuple[float, float],
    reach: tuple[float, float],
    flatness: float,
    amount: float,
) -> None:
    """Scale around ``centre`` inside a super-Gaussian of radii ``reach``; in place."""
    offset = base[:, :2] - centre[:2]
    weight = np.exp(-(((offset / reach) ** 2).sum(axis=1) ** flatness)) * amount
    points[:, :2] += offset * (np.array(scale) - 1) * weight[:, None]


def _eye_scale(face: Points3, eye: EyeContour, wanted: Proportions) -> tuple[float, float]:
    outer, inner = face[eye.corners[0]], face[eye.corners[1]]
    height = abs(face[eye.lower[3], 1] - face[eye.upper[3], 1])
    openness = height / max(1e-6, float(np.linalg.norm(outer[:2] - inner[:2])))
    narrow = float(np.clip((COMFORTABLE_OPENNESS - openness) * 2.0, 0.0, 0.5)) * wanted.styled
    return wanted.eye_scale, 1 + (wanted.eye_scale - 1) * 1.4 + narrow


def caricature(points: Points3, face: Points3, wanted: Proportions) -> Points3:
    """Warp (N, 3) ``points``; ``face`` (468, 3) says where eyes, nose and mouth are. Returns a new array."""
    out = points.copy()
    amount, chibi = wanted.styled, wanted.chibi
    if amount == 0:
        return out
    for eye in EYES:
        centre = face[list(eye.ring)].mean(axis=0)
        _magnify(out, points, centre, _eye_scale(face, eye, wanted), (0.27, 0.20), 2.0, amount)
    nose = face[[1, 4, 2]].mean(axis=0)
    _magnify(out, points, nose, (0.86 - 0.10 * chibi, 0.94 - 0.12 * chibi), (0.22, 0.30), 1.0, amount)
    mouth = (face[78] + face[308]) / 2
    _magnify(out, points, mouth, (1.12 - 0.10 * chibi, 1.08), (0.34, 0.22), 1.0, amount)
    _reshape_head(out, points, amount, chibi)
    return out


def _reshape_head(out: Points3, points: Points3, amount: float, chibi: float) -> None:
    """Taper the chin, shorten the lower face, round cheeks and cranium, shrink the body; in place."""
    x, y = points[:, 0], points[:, 1]
    lower_face = smoothstep(y, 0.30, 1.05) * (1 - smoothstep(y, 1.1, 1.7))
    out[:, 0] -= x * (0.10 + 0.05 * chibi) * lower_face * amount
    out[:, 1] -= (0.055 + 0.15 * chibi) * smoothstep(y, 0.05, 1.1) * amount
    out[:, 0] += x * 0.09 * chibi * np.exp(-(((y - 0.38) / 0.30) ** 2)) * amount
    cranium = smoothstep(-y, -0.1, 0.9)
    out[:, 0] += x * (0.05 + 0.06 * chibi) * cranium * amount
    out[:, 1] += y * 0.05 * chibi * cranium * amount
    body = smoothstep(y, 1.15, 1.75)
    out[:, 0] -= x * (0.20 + 0.22 * chibi) * body * amount
    out[:, 1] -= np.maximum(y - 1.15, 0) * (0.14 + 0.14 * chibi) * amount
