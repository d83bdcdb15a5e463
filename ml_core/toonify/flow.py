"""The direction of strokes: smoothed structure tensor, smoothing along it, and lines across it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ml_core.toonify.colour import Field
from ml_core.toonify.smoothing import blur

STEP = 1.6
"""Pixels per step along a stream line: longer steps cut corners of strokes two pixels wide."""


@dataclass(frozen=True)
class Flow:
    """Unit tangents (H, W) float32 along edges and strands."""

    x: Field
    y: Field


def edge_tangents(lightness: Field, sigma: float) -> Flow:
    """Eigenvector of the smoothed structure tensor along the edge.

    Source: Kyprianidis & Kang 2011, "Coherence-Enhancing Filtering", section 3.1.
    sigma: smoothing of the tensor, pixels.
    """
    gx = cv2.Sobel(lightness, cv2.CV_32F, 1, 0, ksize=3)
    gy = cv2.Sobel(lightness, cv2.CV_32F, 0, 1, ksize=3)
    e, f, g = blur(gx * gx, sigma), blur(gx * gy, sigma), blur(gy * gy, sigma)
    theta = 0.5 * cv2.phase(e - g, 2.0 * f) + np.float32(np.pi / 2)
    x, y = cv2.polarToCart(np.ones_like(theta), theta)
    return Flow(np.asarray(x, np.float32), np.asarray(y, np.float32))


def grid(shape: tuple[int, int]) -> tuple[Field, Field]:
    """Pixel coordinates x (1, W) and y (H, 1) of a canvas of (H, W): they broadcast and need no memory."""
    return np.arange(shape[1], dtype=np.float32)[None, :], np.arange(shape[0], dtype=np.float32)[:, None]


def along(image: Field, flow: Flow, length: float, step: float = STEP) -> Field:
    """Gaussian line integral along the flow: strands and strokes become one tone each.

    Source: line integral convolution (Cabral & Leedom 1993); Kyprianidis & Kang 2011, 3.2.
    image: (H, W) or (H, W, C) float32. length: standard deviation, pixels.
    """
    shape = (image.shape[0], image.shape[1])
    x0, y0 = grid(shape)
    tangents = cv2.merge([flow.x, flow.y])
    total, weight = image.copy(), 1.0
    for sign in (1.0, -1.0):
        x, y = x0, y0
        vx, vy = flow.x * np.float32(sign), flow.y * np.float32(sign)
        for index in range(1, round(2.0 * length / step) + 1):
            x, y = x + vx * np.float32(step), y + vy * np.float32(step)
            share = float(np.exp(-0.5 * (index * step / length) ** 2))
            total += np.float32(share) * cv2.remap(
                image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            )
            weight += share
            nx, ny = cv2.split(cv2.remap(tangents, x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE))
            # A tangent has no sign of its own: keep walking the way we came.
            same = np.copysign(np.float32(1.0), nx * vx + ny * vy)
            vx, vy = nx * same, ny * same
    return np.asarray(total / np.float32(weight), np.float32)


def straight_along(image: Field, flow: Flow, length: float) -> Field:
    """``along`` for lengths of a few pixels, where a stream line is as good as straight. Half its cost."""
    x, y = grid((image.shape[0], image.shape[1]))
    total, weight = image.copy(), 1.0
    for offset in (-2.0, -4 / 3, -2 / 3, 2 / 3, 4 / 3, 2.0):
        share, away = float(np.exp(-0.5 * offset**2)), np.float32(offset * length)
        value = cv2.remap(
            image, x + flow.x * away, y + flow.y * away, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        total += np.float32(share) * value
        weight += share
    return np.asarray(total / np.float32(weight), np.float32)
