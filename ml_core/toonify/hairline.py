"""Where hair ends and skin begins, corrected by colour: a border of a few pixels changes a likeness."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.toonify.anatomy import Anatomy
from ml_core.toonify.colour import Colour, Field, LabImage, smoothstep, vector
from ml_core.toonify.smoothing import blur
from ml_core.types import Points

Spread = tuple[float, float, float]

SKIN_SPREAD = (15.0, 6.0, 7.0)
"""Deviations of L, a, b within the skin of one lit face: light varies, hue hardly does."""
SHINE = 1.8
"""Foreheads shine: skin may be lighter than its middle this much further than darker."""
HAIR_SPREAD, GLOSS = (14.0, 8.0, 9.0), 2.0
"""Hair may be lighter than its middle twice as far as it may be darker: it shines."""
TEXTURE, STRAND = 4.0, 0.02
"""Lightness deviation that counts like one step of distance, and the size it is measured at, units."""
SURELY_HAIR, LIKE_SKIN = 1.25, 2.0
UNKNOWN_HAIR = 3.0
"""Distance to hair where no hair is known: only what is clearly not skin is then hair."""
FOREHEAD = (108, 337, 151, 9, 69, 299)
SAMPLE_RADIUS = 0.05
REACH, EAR_REACH, EDGE = 0.85, 0.40, 0.02
"""Units around the face within which colour decides, at the hairline and at the ears; and its smoothing."""
MARGIN = (-0.6, 0.6)
"""Difference of distances over which hair turns into skin."""
BARE = (1.0, 1.9)
"""Distance to skin within which something below the jaw is bare skin and not cloth."""
BRIDGE = 0.05
NOT_HAIR = (1.5, 2.3)
"""Distance to hair beyond which something below the chin is a collar or a scarf."""
NECK_SPREAD = (24.0, 6.0, 7.0)
"""As SKIN_SPREAD, in the shadow of a chin."""
SHADE_SPREAD = (34.0, 10.0, 10.0)
"""As NECK_SPREAD, for what was taken for hair but does not hang from the head: a neck in deep shadow."""
NOT_SKIN = (2.2, 2.8)
"""Distance on the pale side from which something on a neck is a shirt."""
MIN_SAMPLES = 40


def distance(lab: LabImage, colour: Colour, spread: Spread, gloss: float = 1.0, pale: bool = True) -> Field:
    """Normalised colour distance of every pixel, (H, W). gloss: how much further it may be lighter.

    Highlights on skin run from its own colour to the light's (Shafer 1985, the dichromatic model): what is
    lighter is expected to be paler, if ``pale``. Fair strands keep their colour.
    """
    offset = lab[..., 0] - colour[0]
    paler = 1.0 - np.clip(offset / max(100.0 - float(colour[0]), 1.0), 0.0, 1.0) * pale
    lightness = np.where(offset > 0, offset / gloss, offset) / spread[0]
    a = (lab[..., 1] - colour[1] * paler) / spread[1]
    b = (lab[..., 2] - colour[2] * paler) / spread[2]
    return np.asarray(np.sqrt(lightness**2 + a**2 + b**2), np.float32)


def texture(lightness: Field, size: float) -> Field:
    """Local standard deviation of lightness: hair has strands where skin is smooth."""
    mean = blur(lightness, size)
    return np.asarray(np.sqrt(np.maximum(blur(lightness * lightness, size) - mean * mean, 0.0)), np.float32)


def _connected(shape: NDArray[np.bool_], at: tuple[int, int]) -> Field:
    """The part of a shape that hangs together with the pixel (x, y)."""
    _, parts = cv2.connectedComponents(shape.astype(np.uint8), connectivity=4)
    x, y = np.clip(at, 0, np.asarray(shape.shape[::-1]) - 1)
    return np.asarray((parts == parts[y, x]) & shape, np.float32)


def _grown_from_above(hair: Field, above: NDArray[np.bool_], bridge: float) -> Field:
    """1 where hair hangs together with the hair of the head: a dark collar does not.

    bridge: half width in pixels of the thinnest lock that can be told from a trace along the jaw.
    """
    side = 2 * max(1, round(bridge)) + 1
    core = cv2.erode(np.asarray(hair > 0.5, np.uint8), np.ones((side, side), np.uint8))
    _, parts = cv2.connectedComponents(core, connectivity=4)
    rooted = np.unique(parts[above.ravel()])
    grown = np.asarray(np.isin(parts, rooted[rooted > 0]), np.uint8)
    return np.asarray(cv2.dilate(grown, np.ones((2 * side + 1, 2 * side + 1), np.uint8)), np.float32)


def _forehead_colour(lab: LabImage, places: _Places, skin: Colour) -> Colour:
    """The skin just above the brows: the light there is the light at the hairline."""
    radius = max(1, round(SAMPLE_RADIUS * places.unit))
    found = []
    for x, y in np.round(places.points[list(FOREHEAD)]).astype(int):
        found.append(lab[max(0, y - radius) : y + radius, max(0, x - radius) : x + radius].reshape(-1, 3))
    samples = np.concatenate(found)
    near = samples[np.linalg.norm((samples - skin) / vector(SKIN_SPREAD), axis=1) < LIKE_SKIN]
    return skin if len(near) < MIN_SAMPLES else np.asarray(np.median(near, axis=0), np.float32)


def corrected(parts: list[Field], lab: LabImage, face: Anatomy, skin: Colour) -> list[Field]:
    """Flesh, hair and cloth memberships with hairline, ears and neckline moved to where colours change.

    parts: three (H, W) fields on a reduced grid; lab: (H, W, 3) on the same; skin: the face's median Lab.
    """
    flesh, hair, cloth = parts
    places = _places(face, (flesh.shape[0], flesh.shape[1]))
    strands = texture(np.ascontiguousarray(lab[..., 0]), STRAND * places.unit) / TEXTURE
    to_skin = np.hypot(distance(lab, _forehead_colour(lab, places, skin), SKIN_SPREAD, SHINE), strands)
    sure = (hair > 0.6) & (places.around > 0.12) & (places.rows < places.chin) & (to_skin > SURELY_HAIR)
    to_hair = np.full_like(to_skin, UNKNOWN_HAIR)
    if int(sure.sum()) >= MIN_SAMPLES:
        middle = np.asarray(np.median(lab[sure], axis=0), np.float32)
        to_hair = distance(lab, middle, HAIR_SPREAD, GLOSS, pale=False)
    skinness = smoothstep(np.asarray(to_hair - to_skin, np.float32), *MARGIN)
    skinness = blur(skinness * _connected((skinness > 0.5) | places.face, places.nose), EDGE * places.unit)
    head = flesh + hair
    flesh = flesh + (head * skinness - flesh) * places.hairline
    flesh = np.maximum(flesh, head * skinness * places.ears)
    locks = (head - flesh) * (1.0 - smoothstep(to_hair, *NOT_HAIR) * places.below)
    rooted = _grown_from_above(locks, places.rows < places.brow, BRIDGE * places.unit)
    fallen = locks * (1.0 - rooted) * places.jaw
    shade = fallen * (1.0 - smoothstep(distance(lab, skin, SHADE_SPREAD), *BARE))
    locks, flesh = locks - fallen, flesh + shade
    cloth = cloth + head - flesh - locks
    # What is skin and what is worn below the jaw: cloth of the skin's colour, and skin that is not.
    bare = (1.0 - smoothstep(distance(lab, skin, NECK_SPREAD), *BARE)) * places.below
    shirt = smoothstep(_paler(lab, skin), *NOT_SKIN) * places.below
    moved = cloth * _smooth(bare, places) - flesh * _smooth(shirt, places)
    return [np.asarray(field, np.float32) for field in (flesh + moved, locks, cloth - moved)]


def _smooth(field: NDArray[np.floating], places: _Places) -> Field:
    return blur(np.asarray(field, np.float32), EDGE * places.unit)


def _paler(lab: LabImage, skin: Colour) -> Field:
    """How much lighter or less coloured than skin, normalised. Skin in the shadow of a chin is neither."""
    offset = (lab - skin) / vector(SKIN_SPREAD)
    lighter, greyer = np.maximum(offset[..., 0], 0.0), np.minimum(offset[..., 1:], 0.0)
    return np.asarray(np.sqrt(lighter**2 + (greyer**2).sum(axis=2)), np.float32)


@dataclass(frozen=True)
class _Places:
    """Parts of a head on a reduced grid. around: distance from the face in units, (H, W). rows: (H, 1).

    face: the face from just above the brows down. hairline, ears, below, jaw: 0..1 where each is decided.
    """

    points: Points
    unit: float
    rows: Field
    brow: float
    chin: float
    nose: tuple[int, int]
    around: Field
    face: NDArray[np.bool_]
    hairline: Field
    ears: Field
    below: Field
    jaw: Field


def _places(face: Anatomy, shape: tuple[int, int]) -> _Places:
    scale = shape[0] / face.shape[0]
    unit, points = face.unit * scale, face.points * np.float32(scale)
    oval = cv2.resize(face.oval, shape[::-1], interpolation=cv2.INTER_AREA)
    outside = cv2.distanceTransform((oval < 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    around = np.asarray(outside, np.float32) / np.float32(unit)
    rows = np.arange(oval.shape[0], dtype=np.float32)[:, None]
    brow, chin, mouth = (float(points[list(ids), 1].mean()) for ids in ((105, 334), (152,), (61, 291)))
    above = 1.0 - smoothstep(rows, brow - 0.22 * unit, brow - 0.08 * unit)
    beside = smoothstep(rows, brow - 0.1 * unit, brow) * (1.0 - smoothstep(rows, mouth - 0.1 * unit, mouth))
    return _Places(
        points=points,
        unit=unit,
        rows=rows,
        brow=brow,
        chin=chin,
        nose=(round(float(points[4, 0])), round(float(points[4, 1]))),
        around=around,
        face=np.asarray((oval > 0.5) & (rows > brow - 0.15 * unit)),
        hairline=np.asarray(above * (1.0 - smoothstep(around, REACH - 0.3, REACH)), np.float32),
        ears=np.asarray(beside * (1.0 - smoothstep(around, EAR_REACH - 0.1, EAR_REACH)), np.float32),
        jaw=smoothstep(rows, mouth - 0.1 * unit, mouth + 0.1 * unit),
        below=smoothstep(rows, chin - 0.1 * unit, chin + 0.15 * unit),
    )
