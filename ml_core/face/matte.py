"""The person cut out: network, colour, other people and the edge of the photo all have a say.

1. The selfie network looks at the portrait and at a wider square of the photo.
2. Where it missed the person (drawings, tight crops) a prior around the face stands in.
3. Other faces claim their own bodies (marker-based watershed, Meyer 1992).
4. GrabCut (Rother et al. 2004) corrects the middle probabilities by colour, a guided filter the edge.
5. What the photo does not show is not invented: the bust ends, rounded, where the photo ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.face import topology
from ml_core.face.crop import Portrait
from ml_core.face.geometry import cut, moved
from ml_core.face.nets import MATTE_SIDE, FaceNets
from ml_core.face.shapes import Guide, blur, polygon, resized, rows_and_columns, scaled_about, smoothstep
from ml_core.types import Image, Mask, Points

Floats = NDArray[np.float32]

WIDER: Final = 1.5
"""The second look shows this many times the portrait: the network wants to see shoulders."""
MISSED: Final = 0.6
"""Mean probability inside the face below which the network has not seen this person."""
PRIOR_REACH: Final = 0.30
"""Outer-eye distances over which the prior around the face falls."""
SHOULDERS: Final = ((0.35, -0.25), (0.40, 0.25), (0.95, 0.50), (1.15, 0.95), (1.15, 3.0))
"""Right half of neck and shoulders from the chin, in outer-eye distances."""
LIKELY: Final = 0.75
"""Chance of skull and shoulders in the prior: enough to learn their colours from, too little to be sure."""
GRABCUT_SIDE: Final = 200
GRABCUT_ROUNDS: Final = 2
GRABCUT_SEED = 1
"""GrabCut draws random numbers; seeded, the same photo gives the same sticker in every process."""
SURE_PERSON, SURE_BACKGROUND = 0.97, 0.04
EDGE_RADIUS, EDGE_EPS = 8, 1e-3
"""Guided filter at 600 px; eps is the variance of luminance that counts as an edge."""
LARGEST_HOLE: Final = 0.01
"""Share of the frame: larger see-through places (a bent arm) are real."""
BUST_MARGIN: Final = 5
"""Pixels between the bust and the end of the photo."""
BUST_CURVE: Final = 2.8
"""Exponent of the superellipse that rounds the shoulders off."""
CUT_HEAD_GROWTH: Final = 1.18
CUT_HEAD_SHARE: Final = 0.03
"""Of the grown head ellipse: more than this beyond the photo means that the photo cuts the head."""


@dataclass(frozen=True)
class OtherFace:
    """A neighbour in the portrait frame: centre x, y and half sizes of the box."""

    x: float
    y: float
    rx: float
    ry: float


def person_matte(
    nets: FaceNets, photo: Image, portrait: Portrait, points: Points, others: tuple[OtherFace, ...] = ()
) -> Mask:
    """(S, S) float32 in 0..1. points: (468, 3) in the portrait frame."""
    side = portrait.image.shape[0]
    face = polygon(points, topology.FACE_OVAL, side)
    person = _network(nets, photo, portrait)
    missed = float(person[face > 0.5].mean()) < MISSED
    if missed:
        person = np.maximum(person, _prior(points, side))
    person = np.maximum(person, blur(np.asarray(cv2.erode(face, np.ones((5, 5), np.uint8)), np.float32), 2))
    if others:
        person = person * _own_part(portrait.image, person, points, others)
    coloured = _by_colour(portrait.image, person, face)
    # A prior knows about where a body is, not where it ends: there colour alone decides.
    person = coloured if missed else 0.5 * person + 0.5 * coloured
    person = np.maximum(person, _head_ellipse(points, side, 1.0) * ~portrait.valid)
    return _finished(portrait, person, points)


def frame_matte(nets: FaceNets, photo: Image, portrait: Portrait, points: Points) -> Mask:
    """person_matte without neighbours and colour models, for one frame of a clip: a fifth of the work."""
    side = portrait.image.shape[0]
    face = polygon(points, topology.FACE_OVAL, side)
    person = _network(nets, photo, portrait)
    if float(person[face > 0.5].mean()) < MISSED:
        person = np.maximum(person, _prior(points, side))
    return _finished(portrait, np.maximum(person, face), points)


def _finished(portrait: Portrait, person: Mask, points: Points) -> Mask:
    """Edges from the picture, one piece, no small holes, and a bust that ends where the photo ends."""
    side = portrait.image.shape[0]
    grey = np.asarray(cv2.cvtColor(portrait.image, cv2.COLOR_RGB2GRAY), np.float32) * np.float32(1 / 255)
    edge = smoothstep(Guide(grey, EDGE_RADIUS, EDGE_EPS).follow(person), 0.35, 0.65)
    whole = _filled(_own_component(edge, points))
    return smoothstep(blur(whole * bust_window(portrait.valid, points), side / 300), 0.3, 0.7)


def _network(nets: FaceNets, photo: Image, portrait: Portrait) -> Mask:
    """Two looks, combined so that one sure look is enough where the other does not object."""
    side = portrait.image.shape[0]
    near = resized(
        nets.matte(
            np.asarray(cv2.resize(portrait.image, (MATTE_SIDE,) * 2, interpolation=cv2.INTER_AREA), np.uint8)
        ),
        side,
    )
    wide_affine = portrait.to_portrait.copy()
    wide_affine[:, 2] += side * (WIDER - 1) / 2
    wide_affine *= MATTE_SIDE / (side * WIDER)
    wide = nets.matte(cut(photo, wide_affine, MATTE_SIDE))
    margin = round(MATTE_SIDE * (1 - 1 / WIDER) / 2)
    far = resized(np.ascontiguousarray(wide[margin:-margin, margin:-margin]), side)
    return np.maximum(0.5 * near + 0.5 * far, np.minimum(near, far))


def _prior(points: Points, side: int) -> Mask:
    """Where a person probably is: in the skull and the shoulders, fading out; only the face is sure."""
    unit, (x, y) = topology.unit_of(points), points[topology.CHIN, :2]
    half = [(x + dx * unit, y + dy * unit) for dx, dy in SHOULDERS]
    corners = np.array(half + [(2 * x - px, py) for px, py in reversed(half)], np.float32)
    shoulders = np.zeros((side, side), np.uint8)
    cv2.fillPoly(shoulders, [np.round(corners).astype(np.int32)], 1)
    skull = (_head_ellipse(points, side, 1.0) > 0.5).astype(np.uint8)
    distance = cv2.distanceTransform(1 - np.maximum(skull, shoulders), cv2.DIST_L2, 5) / np.float32(unit)
    near = LIKELY * np.exp(-((distance / np.float32(PRIOR_REACH)) ** 2))
    return np.asarray(np.maximum(near, polygon(points, topology.FACE_OVAL, side)), np.float32)


def _own_part(image: Image, person: Mask, points: Points, others: tuple[OtherFace, ...]) -> Mask:
    """1 on this person's body, 0 on the neighbours'; people are told apart along image edges."""
    n = GRABCUT_SIDE
    scale = n / image.shape[0]
    small = np.asarray(cv2.resize(image, (n, n), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    markers = np.zeros((n, n), np.int32)
    markers[resized(person, n) < SURE_BACKGROUND] = 1
    own = points[:, :2] * np.float32(scale)
    unit = topology.unit_of(points) * scale
    for other in others:
        centre = (round(other.x * scale), round(other.y * scale))
        axes = (max(1, round(other.rx * scale * 0.8)), max(1, round(other.ry * scale)))
        cv2.ellipse(markers, centre, axes, 0, 0, 360, 3, -1)
        chest = (centre[0], round(centre[1] + axes[1] * 3))
        cv2.line(markers, centre, chest, 3, max(2, axes[0]))
    cv2.fillPoly(markers, [np.round(own[list(topology.FACE_OVAL)]).astype(np.int32)], 2)
    chin = own[topology.CHIN]
    cv2.line(
        markers,
        tuple(chin.astype(int)),
        (int(chin[0]), int(chin[1] + 1.6 * unit)),
        2,
        max(2, round(unit * 0.7)),
    )
    cv2.watershed(small, markers)
    return blur(resized((markers != 3).astype(np.float32), image.shape[0]), 2)  # the others' marker


def _by_colour(image: Image, person: Mask, face: Mask) -> Mask:
    """GrabCut between the sure parts; the input when one side has no pixels to learn from."""
    n = GRABCUT_SIDE
    small = np.asarray(cv2.resize(image, (n, n), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    chance = resized(person, n)
    trimap = np.where(chance > 0.5, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    trimap[chance > SURE_PERSON] = cv2.GC_FGD
    trimap[chance < SURE_BACKGROUND] = cv2.GC_BGD
    trimap[cv2.erode((chance > 0.9).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0] = cv2.GC_FGD
    trimap[cv2.erode(resized(face, n), np.ones((3, 3), np.uint8)) > 0.5] = cv2.GC_FGD
    if not _both_sides(trimap):
        return person
    cv2.setRNGSeed(GRABCUT_SEED)
    cv2.grabCut(
        small,
        trimap,
        (0, 0, 1, 1),
        np.zeros((1, 65)),
        np.zeros((1, 65)),
        GRABCUT_ROUNDS,
        cv2.GC_INIT_WITH_MASK,
    )
    hard = ((trimap == cv2.GC_FGD) | (trimap == cv2.GC_PR_FGD)).astype(np.float32)
    return resized(blur(hard, 0.7), image.shape[0])


def _both_sides(trimap: NDArray[np.uint8]) -> bool:
    """GrabCut fits five Gaussians to each side and needs more pixels than that."""
    inside = int(np.count_nonzero((trimap == cv2.GC_FGD) | (trimap == cv2.GC_PR_FGD)))
    return 50 < inside < trimap.size - 50  # ten pixels a Gaussian


def _own_component(matte: Mask, points: Points) -> Mask:
    """Only what hangs together with the face; thin bridges to blobs of background are cut."""
    side = matte.shape[0]
    reach = max(3, side // 100)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    solid = cv2.morphologyEx((matte > 0.5).astype(np.uint8), cv2.MORPH_OPEN, disc)
    _, labels = cv2.connectedComponents(solid)
    x, y = np.clip(points[[1, 4, 5], :2].mean(axis=0).astype(int), 0, side - 1)
    if labels[y, x] == 0:
        return matte
    keep = cv2.dilate((labels == labels[y, x]).astype(np.uint8), disc)
    return matte * keep.astype(np.float32)


def _filled(matte: Mask) -> Mask:
    """Small holes closed."""
    side = matte.shape[0]
    count, labels, stats, _ = cv2.connectedComponentsWithStats((matte < 0.5).astype(np.uint8))
    out = matte.copy()
    for index in range(1, count):
        x, y, width, height, area = (int(v) for v in stats[index])
        inner = x > 0 and y > 0 and x + width < side and y + height < side
        if inner and area < LARGEST_HOLE * side * side:
            out[labels == index] = 1
    return out


def bust_window(valid: NDArray[np.bool_], points: Points) -> Mask:
    """1 where the sticker may show: above the chin the photo, below it a rounded bust inside the photo."""
    side, unit = valid.shape[0], topology.unit_of(points)
    y, x = rows_and_columns(side)
    chin = points[topology.CHIN]
    start = float(np.clip(chin[1] + 0.1 * unit, 0, side - 2))
    bottom, left, right = _seen_below(valid, chin, unit)
    centre, half = (left + right) / 2, max((right - left) / 2, 1.0)
    height = max(bottom - start, 1.0)
    across, down = np.abs(x - centre) / half, np.clip(y - start, 0, None) / height
    curve = smoothstep((across**BUST_CURVE + down ** (2.5 * BUST_CURVE)).astype(np.float32), 1.02, 0.98)
    head = _head_ellipse(points, side, 1.0)
    seen = cv2.erode(valid.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1).astype(np.float32)
    near = _head_ellipse(points, side, CUT_HEAD_GROWTH)
    if float((near * ~valid).sum()) > CUT_HEAD_SHARE * float(near.sum()):
        curve = np.where(y > start, curve, near)  # the photo cuts the head: straight edges become a skull
    else:
        curve = np.where(y > start, curve, 1.0)
    return curve.astype(np.float32) * np.maximum(seen, head)


def _seen_below(valid: NDArray[np.bool_], chin: Floats, unit: float) -> tuple[float, float, float]:
    """Bottom, left and right limits of the photo around the body, in portrait pixels."""
    side = valid.shape[0]
    column = int(np.clip(chin[0], 0, side - 1))
    rows = np.flatnonzero(valid[:, column])
    bottom = float(rows[-1]) if rows.size else side - 1.0
    row = int(np.clip(min(bottom - 2, chin[1] + unit), 0, side - 1))
    seen = np.flatnonzero(valid[row])
    left, right = (float(seen[0]), float(seen[-1])) if seen.size else (0.0, side - 1.0)
    reach_left = left + BUST_MARGIN if left > 0 else left - 0.12 * side
    reach_right = right - BUST_MARGIN if right < side - 1 else right + 0.12 * side
    return max(bottom - BUST_MARGIN, float(chin[1]) + 0.12 * unit), reach_left, reach_right


def _head_ellipse(points: Points, side: int, growth: float) -> Mask:
    """A skull around the face: what stands in for hair that the photo cuts off."""
    oval = scaled_about(points, topology.FACE_OVAL, 1.1)[list(topology.FACE_OVAL)]
    low, high = oval.min(axis=0), oval.max(axis=0)
    top = float(points[topology.FOREHEAD, 1]) - 0.42 * topology.unit_of(points)
    centre = ((low[0] + high[0]) / 2, (top + high[1]) / 2)
    axes = ((high[0] - low[0]) / 2 * growth, (high[1] - top) / 2 * growth)
    y, x = rows_and_columns(side)
    radius = ((x - centre[0]) / axes[0]) ** 2 + ((y - centre[1]) / axes[1]) ** 2
    return smoothstep(radius.astype(np.float32), 1.04, 0.96)


def others_in_portrait(
    boxes: list[tuple[float, float, float, float]], to_portrait: Floats
) -> tuple[OtherFace, ...]:
    """Boxes of other faces (photo frame) as ellipses in the portrait frame."""
    scale = float(np.hypot(to_portrait[0, 0], to_portrait[1, 0]))
    out = []
    for x, y, w, h in boxes:
        centre = moved(np.array([[x + w / 2, y + h / 2]], dtype=np.float32), to_portrait)[0]
        out.append(OtherFace(float(centre[0]), float(centre[1]), w * scale / 2, h * scale * 0.62))
    return tuple(out)
