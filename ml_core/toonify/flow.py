"""The direction of strokes: smoothed structure tensor, smoothing along it, and lines across it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.kernels import kernel
from ml_core.toonify.colour import Field
from ml_core.toonify.smoothing import blur

Mask = NDArray[np.bool_]

STEP = 1.6
"""Pixels per step along a stream line: longer steps cut corners of strokes two pixels wide."""


@dataclass(frozen=True)
class Flow:
    """Unit tangents (H, W) float32 along edges and strands."""

    x: Field
    y: Field


def edge_tangents(lightness: Field, sigma: float, within: Field | None = None) -> Flow:
    """Eigenvector of the smoothed structure tensor along the edge.

    Source: Kyprianidis & Kang 2011, "Coherence-Enhancing Filtering", section 3.1.
    sigma: smoothing of the tensor, pixels. within: (H, W) weight of each pixel; 0 is not seen.
    """
    gx = cv2.Sobel(lightness, cv2.CV_32F, 1, 0, ksize=3)
    gy = cv2.Sobel(lightness, cv2.CV_32F, 0, 1, ksize=3)
    if within is not None:
        gx, gy = gx * within, gy * within
    e, f, g = blur(gx * gx, sigma), blur(gx * gy, sigma), blur(gy * gy, sigma)
    theta = 0.5 * cv2.phase(e - g, 2.0 * f) + np.float32(np.pi / 2)
    x, y = cv2.polarToCart(np.ones_like(theta), theta)
    return Flow(np.asarray(x, np.float32), np.asarray(y, np.float32))


def grid(shape: tuple[int, int]) -> tuple[Field, Field]:
    """Pixel coordinates x (1, W) and y (H, 1) of a canvas of (H, W): they broadcast and need no memory."""
    return np.arange(shape[1], dtype=np.float32)[None, :], np.arange(shape[0], dtype=np.float32)[:, None]


def along(image: Field, flow: Flow, length: float, step: float = STEP, where: Mask | None = None) -> Field:
    """Gaussian line integral along the flow: strands and strokes become one tone each.

    Source: line integral convolution (Cabral & Leedom 1993); Kyprianidis & Kang 2011, 3.2.
    image: (H, W) float32. length: standard deviation, pixels. where: (H, W) bool, the pixels that are wanted;
    the others stay as they are.
    """
    count = round(2.0 * length / step)
    shares = np.exp(-0.5 * (np.arange(1, count + 1) * (step / length)) ** 2).astype(np.float32)
    wanted = np.ones(image.shape, np.bool_) if where is None else where
    out = image.copy()
    whole = np.float32(1.0 + 2.0 * shares.sum())
    _integrate(image, flow.x, flow.y, wanted, shares, whole, np.float32(step), out)
    return out


@kernel(fastmath=True, boundscheck=False)
def _integrate(image, flow_x, flow_y, wanted, shares, whole, step, out):  # type: ignore[no-untyped-def]
    """``along`` pixel by pixel: bilinear values, tangents of the nearest pixel, borders repeated.

    Both ways are walked in one loop: each step waits for the one before, and two walks wait half as long.
    """
    height, width = image.shape
    right, bottom, nothing = np.float32(width - 1), np.float32(height - 1), np.float32(0.0)
    for row in range(height):
        for column in range(width):
            if not wanted[row, column]:
                continue
            total = image[row, column]
            ahead_x = back_x = np.float32(column)
            ahead_y = back_y = np.float32(row)
            ahead_vx, ahead_vy = flow_x[row, column], flow_y[row, column]
            back_vx, back_vy = -ahead_vx, -ahead_vy
            for share in shares:
                ahead_x = min(max(ahead_x + ahead_vx * step, nothing), right)
                ahead_y = min(max(ahead_y + ahead_vy * step, nothing), bottom)
                back_x = min(max(back_x + back_vx * step, nothing), right)
                back_y = min(max(back_y + back_vy * step, nothing), bottom)
                total += share * (_value(image, ahead_x, ahead_y) + _value(image, back_x, back_y))
                ahead_vx, ahead_vy = _onward(flow_x, flow_y, ahead_x, ahead_y, ahead_vx, ahead_vy)
                back_vx, back_vy = _onward(flow_x, flow_y, back_x, back_y, back_vx, back_vy)
            out[row, column] = total / whole


@kernel(fastmath=True, boundscheck=False)
def _value(image, x, y):  # type: ignore[no-untyped-def]
    """Bilinear value inside the image. Indices are unsigned: signed ones are tested for wrapping."""
    left, top, one = np.uint64(x), np.uint64(y), np.uint64(1)
    following, below = (
        min(left + one, np.uint64(image.shape[1] - 1)),
        min(top + one, np.uint64(image.shape[0] - 1)),
    )
    fx, fy = x - np.float32(left), y - np.float32(top)
    upper = image[top, left] + (image[top, following] - image[top, left]) * fx
    lower = image[below, left] + (image[below, following] - image[below, left]) * fx
    return upper + (lower - upper) * fy


@kernel(fastmath=True, boundscheck=False)
def _onward(flow_x, flow_y, x, y, vx, vy):  # type: ignore[no-untyped-def]
    """The tangent of the nearest pixel. It has no sign of its own: keep walking the way (vx, vy) we came."""
    column, row = np.uint64(x + np.float32(0.5)), np.uint64(y + np.float32(0.5))
    next_x, next_y = flow_x[row, column], flow_y[row, column]
    if next_x * vx + next_y * vy < np.float32(0.0):
        return -next_x, -next_y
    return next_x, next_y


def straight_along(image: Field, flow: Flow, length: float, where: Mask | None = None) -> Field:
    """``along`` for lengths of a few pixels, where a stream line is as good as straight."""
    offsets = np.linspace(-2.0, 2.0, 7)
    shares = np.exp(-0.5 * offsets**2)
    return straight_sum(image, flow, length * offsets, shares / shares.sum(), where)


def straight_sum(
    image: Field,
    way: Flow,
    offsets: NDArray[np.floating],
    shares: NDArray[np.floating],
    where: Mask | None = None,
) -> Field:
    """Weighted sum of values on a straight line through each pixel, (H, W) float32.

    way: unit directions. offsets: (K,) pixels along them. shares: (K,) weights.
    where: (H, W) bool, the pixels that are wanted; the others are 0.
    """
    out = np.zeros_like(image)
    wanted = np.ones(image.shape, np.bool_) if where is None else where
    _sum_straight(image, way.x, way.y, wanted, offsets.astype(np.float32), shares.astype(np.float32), out)
    return out


@kernel(fastmath=True, boundscheck=False)
def _sum_straight(image, way_x, way_y, wanted, offsets, shares, out):  # type: ignore[no-untyped-def]
    """``straight_sum`` pixel by pixel: bilinear values, borders repeated."""
    height, width = image.shape
    right, bottom, nothing = np.float32(width - 1), np.float32(height - 1), np.float32(0.0)
    for row in range(height):
        for column in range(width):
            if not wanted[row, column]:
                continue
            total = nothing
            for index in range(offsets.size):
                x = np.float32(column) + way_x[row, column] * offsets[index]
                y = np.float32(row) + way_y[row, column] * offsets[index]
                x, y = min(max(x, nothing), right), min(max(y, nothing), bottom)
                total += shares[index] * _value(image, x, y)
            out[row, column] = total
