"""Where the parts of a face are, as antialiased masks from the 468 landmarks."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.face import topology
from ml_core.toonify.colour import Field, smoothstep, vector
from ml_core.toonify.smoothing import blur
from ml_core.toonify.windows import Window, corner, window_around
from ml_core.types import Points

OVAL, LIPS, MOUTH = topology.FACE_OVAL, topology.LIPS_OUTER, topology.LIPS_INNER
EYES = (topology.EYE_RIGHT, topology.EYE_LEFT)
"""Outer corner, upper lid, inner corner, lower lid."""
BROWS = (topology.BROW_RIGHT, topology.BROW_LEFT)
# Strokes and zones that only a drawing needs, as indices into the same mesh.
LIP_PARTING = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
UPPER_LIP = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, *LIP_PARTING[::-1])
JAW = (93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323)
NOSE_WINGS = ((48, 64, 98, 97), (278, 294, 327, 326))
NOSE_BASE = (98, 97, 2, 326, 327, 294, 278, 344, 440, 275, 4, 45, 220, 115, 48, 64)
NOSTRILS = (98, 97, 2, 326, 327)
BEARD = (
    *(205, 203, 165, 164, 391, 423, 425, 435, 367, 365, 379),
    *(378, 400, 377, 152, 148, 176, 149, 150, 136, 138, 215),
)
CHEEKS = ((50, 205), (280, 425))
OUTER_CORNERS = (topology.OUTER_EYE_RIGHT, topology.OUTER_EYE_LEFT)
CHIN = topology.CHIN

SUBPIXEL_BITS = 4
ANTIALIASED = 2
"""Pixels around an outline that its antialiasing may touch."""
FORESHORTENING = 0.75
"""A turned face shows its outer-eye distance shortened; drawing lengths follow the frontal one."""


def fill(shape: tuple[int, int], outline: Points, grow: float = 0.0) -> Field:
    """(N, 2) outline filled with antialiasing and grown by ``grow`` pixels."""
    radius = round(grow) if grow >= 1.0 else 0
    points = np.round(outline * (1 << SUBPIXEL_BITS)).astype(np.int32)
    window = _around(points, radius + ANTIALIASED, shape)
    mask = np.zeros(shape, np.float32)
    part = np.zeros(mask[window].shape, np.uint8)
    corner = np.array([window[1].start, window[0].start], np.int32) << SUBPIXEL_BITS
    cv2.fillPoly(part, [points - corner], 255, cv2.LINE_AA, SUBPIXEL_BITS)
    if radius:
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
        part = np.asarray(cv2.dilate(part, disc), np.uint8)
    np.multiply(part, np.float32(1 / 255), out=mask[window])
    return mask


def _around(points: NDArray[np.int32], margin: int, shape: tuple[int, int]) -> Window:
    """What lies within ``margin`` pixels of (N, 2) points, which count in parts of a pixel.

    The whole canvas where they leave it: OpenCV cuts outlines at the edges, and rounds when it does.
    """
    left, top = ((points.min(axis=0) >> SUBPIXEL_BITS) - margin).tolist()
    right, bottom = ((points.max(axis=0) >> SUBPIXEL_BITS) + margin + 1).tolist()
    if min(left, top) < 0 or bottom > shape[0] or right > shape[1]:
        return slice(0, shape[0]), slice(0, shape[1])
    return slice(top, bottom), slice(left, right)


def stroke(shape: tuple[int, int], path: Points, widths: NDArray[np.float32]) -> Field:
    """A pen stroke along an (N, 2) path with (N,) widths in pixels, antialiased."""
    dense, dense_widths = _resampled(path, widths)
    side = np.zeros_like(dense)
    tangent = np.gradient(dense, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True) + 1e-6
    side[:, 0], side[:, 1] = -tangent[:, 1], tangent[:, 0]
    half = dense_widths[:, None] * 0.5
    outline = np.concatenate([dense + side * half, (dense - side * half)[::-1]])
    return fill(shape, np.asarray(outline, np.float32))


def _resampled(path: Points, widths: NDArray[np.float32]) -> tuple[Points, NDArray[np.float32]]:
    """Catmull-Rom through the points, six samples a span, so that strokes are curves and not polygons."""
    before = np.concatenate([path[:1], path, path[-1:]])
    t = np.linspace(0.0, 1.0, 6, endpoint=False, dtype=np.float32)[:, None]
    spans = []
    for p0, p1, p2, p3 in zip(before[:-3], before[1:-2], before[2:-1], before[3:], strict=True):
        spans.append(
            0.5
            * (
                2 * p1
                + (p2 - p0) * t
                + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
                + (3 * p1 - p0 - 3 * p2 + p3) * t**3
            )
        )
    dense = np.concatenate([*spans, path[-1:]])
    where = np.linspace(0, len(path) - 1, len(dense))
    return dense.astype(np.float32), np.interp(where, np.arange(len(path)), widths).astype(np.float32)


@dataclass(frozen=True)
class Anatomy:
    """Masks of one face, all (H, W) float32 in 0..1, and its size.

    unit: outer-eye distance of the face seen from the front, pixels. points: (468, 2).
    oval: the face. lids: both eyes with lids and lashes, painted over as closed. brows, lips: as named.
    mouth: the gap between the lips. nose: its base. features: all that must not count as shading.
    beard: where a beard can grow. neck_shadow: what the jaw casts on the neck.
    """

    unit: float
    points: Points
    oval: Field
    lids: Field
    brows: Field
    lips: Field
    upper_lip: Field
    mouth: Field
    nose: Field
    features: Field
    beard: Field
    below_jaw: Field

    @property
    def shape(self) -> tuple[int, int]:
        height, width = self.oval.shape
        return height, width

    def within(self, window: Window) -> Anatomy:
        """The part of the face in a window; views, no copies."""
        masks = {name: getattr(self, name)[window] for name in MASKS}
        return dataclasses.replace(self, points=self.points - corner(window), **masks)


MASKS = tuple(one.name for one in dataclasses.fields(Anatomy) if one.name not in ("unit", "points"))


def face_unit(landmarks: Points) -> float:
    """Outer-eye distance in pixels, corrected for a turned head by the landmarks' depth."""
    right, left = landmarks[list(OUTER_CORNERS)]
    flat = float(np.linalg.norm(left[:2] - right[:2]))
    return min(float(np.linalg.norm(left - right)), flat / FORESHORTENING)


def anatomy(landmarks: Points, shape: tuple[int, int]) -> Anatomy:
    """Masks for (468, 3) landmarks on a canvas of ``shape`` (H, W)."""
    points = np.ascontiguousarray(landmarks[:, :2], np.float32)
    unit = face_unit(landmarks)

    def area(ring: tuple[int, ...], grow: float = 0.0) -> Field:
        return fill(shape, points[list(ring)], grow * unit)

    oval = area(OVAL)
    lips = area(LIPS)
    brows = np.maximum(*(area(ring, 0.02) for ring in BROWS))
    nose = area(NOSE_BASE)
    eyes = np.maximum(*(area(ring, 0.10) for ring in EYES))
    features = np.maximum.reduce(
        [eyes, area(LIPS, 0.03), _softened(brows, 0.02 * unit), area(NOSTRILS, 0.03) * 0.8]
    )
    return Anatomy(
        unit=unit,
        points=points,
        oval=oval,
        lids=_lids(points, shape, unit),
        brows=brows,
        lips=lips,
        upper_lip=area(UPPER_LIP),
        mouth=area(MOUTH),
        nose=nose,
        features=np.asarray(features, np.float32),
        beard=_softened(area(BEARD), 0.02 * unit)
        * (1.0 - np.clip(_softened(lips, 0.015 * unit) * 1.5, 0.0, 1.0)),
        below_jaw=_below_jaw(points, shape, unit),
    )


def _softened(mask: Field, sigma: float) -> Field:
    """``blur`` of a mask that is 0 nearly everywhere: where it is not, and as far around as blurs reach."""
    window = window_around(mask > 0, 4.0 * sigma + 2.0, phase=1)
    soft = np.zeros_like(mask)
    if window is not None:
        soft[window] = blur(mask[window], sigma)
    return soft


def _lids(points: Points, shape: tuple[int, int], unit: float) -> Field:
    """Both eyes grown over lashes and eye shadow: what a closing lid would smear."""
    lids = np.zeros(shape, np.float32)
    for ring in EYES:
        outline = points[list(ring)]
        middle = outline.mean(axis=0)
        width = float(np.linalg.norm(outline[0] - outline[8]))
        wide = middle + (outline - middle) * vector([1.12, 1.0])
        reach = 0.09 * width
        lifted = wide - vector([0.0, 0.06 * width])
        lids = np.maximum(lids, np.maximum(fill(shape, wide, reach), fill(shape, lifted, reach)))
    return smoothstep(_softened(lids, 0.022 * unit), 0.25, 0.8)


def _below_jaw(points: Points, shape: tuple[int, int], unit: float) -> Field:
    """The face oval dropped by a fifth of the unit: the jaw's cast shadow where neck shows under it."""
    outline = points[list(OVAL)].copy()
    middle = outline.mean(axis=0)
    dropped = middle + (outline - middle) * vector([0.96, 1.0]) + vector([0.0, 0.20 * unit])
    return fill(shape, dropped)
