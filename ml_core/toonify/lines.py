"""Ink: flow-guided difference of Gaussians, borders between shapes, and pen strokes of the face."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ml_core.toonify.anatomy import JAW, NOSE_WINGS, NOSTRILS, Anatomy, stroke
from ml_core.toonify.colour import Field, smoothstep
from ml_core.toonify.flow import Flow, Mask, straight_along, straight_sum
from ml_core.toonify.smoothing import ANTIALIAS, blur

SURROUND = 1.6
"""Ratio of the two Gaussians: the closest to a Laplacian of Gaussian (Marr & Hildreth 1980)."""
BALANCE = 0.99
SHARPNESS = 30.0
LINE_LENGTH = 3.0
CONTOUR_BLUR = 1.5


def flow_lines(lightness: Field, flow: Flow, sigma: float, where: Mask | None = None) -> Field:
    """Coherent lines, 0..1, 1 where ink is.

    Source: Kang, Lee & Chui 2007, "Coherent Line Drawing" (FDoG), with the soft threshold of Winnemoeller,
    Kyprianidis & Olsen 2012, "XDoG", equation 5. lightness: 0..1. sigma: half line width, pixels.
    where: (H, W) bool, the pixels that are wanted; there is no ink in the others.
    """
    offsets = sigma * 0.8 * np.arange(-3, 4)
    centre = np.exp(-0.5 * (offsets / sigma) ** 2)
    surround = np.exp(-0.5 * (offsets / (SURROUND * sigma)) ** 2)
    shares = centre / centre.sum() - BALANCE * surround / surround.sum()
    side = 2 * math.ceil(2 * LINE_LENGTH) + 1
    near = None if where is None else cv2.dilate(where.view(np.uint8), np.ones((side, side), np.uint8)) > 0
    response = straight_sum(lightness, Flow(-flow.y, flow.x), offsets, shares, near)
    # Lines are this short that a straight path stands for the curved one of the paper.
    response = straight_along(response, flow, LINE_LENGTH, where)
    return np.asarray(np.tanh(np.maximum(-SHARPNESS * response, 0.0)), np.float32)


def edge_strength(lightness: Field) -> Field:
    """Gradient magnitude per pixel."""
    gx = cv2.Sobel(lightness, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    gy = cv2.Sobel(lightness, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    return np.asarray(cv2.magnitude(gx, gy), np.float32)


def contour(coverage: Field, width: float) -> Field:
    """A pen line of ``width`` pixels along the border of a crisp shape, 0..1.

    The blurred border is a Gaussian integral of the distance to it, which is inverted by its logistic
    approximation (Bowling et al. 2009).
    """
    soft = np.clip(blur(coverage, CONTOUR_BLUR), 1e-3, 1.0 - 1e-3)
    distance = np.abs(np.log(soft / (1.0 - soft))) * np.float32(np.hypot(CONTOUR_BLUR, ANTIALIAS) / 1.702)
    return np.asarray(1.0 - smoothstep(distance, width * 0.5 - 0.6, width * 0.5 + 0.6), np.float32)


def silhouette(alpha: Field, width: float) -> Field:
    """The outer line, drawn inside the silhouette, ``width`` pixels."""
    inside = cv2.distanceTransform((alpha > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    return 1.0 - smoothstep(np.asarray(inside, np.float32), width - 0.8, width + 0.8)


def _swelling(count: int, width: float) -> Field:
    """Widths of a stroke that is thick in its middle and runs out at both ends."""
    return np.asarray(width * np.sin(np.linspace(0.12, np.pi - 0.12, count)), np.float32)


def jaw_line(face: Anatomy, width: float) -> Field:
    """The jaw from ear to ear, swelling under the chin."""
    path = face.points[list(JAW)]
    return stroke(face.shape, path, _swelling(len(path), width))


def nose_lines(face: Anatomy, width: float) -> Field:
    """Two wings and the shadow under the tip: all a cartoon needs of a nose."""
    lines = np.zeros(face.shape, np.float32)
    for ring in NOSE_WINGS:
        path = face.points[list(ring)]
        lines = np.maximum(lines, stroke(face.shape, path, _swelling(len(path), width * 1.15)))
    base = face.points[list(NOSTRILS)]
    tip = stroke(face.shape, base, _swelling(len(base), width))
    return np.asarray(np.maximum(lines, 0.6 * tip), np.float32)
