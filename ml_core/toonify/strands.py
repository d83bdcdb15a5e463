"""Strands: which way the photo's hair runs, and what of it is lighter or darker than what lies beside it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.toonify.colour import Field, lab_from_rgb, ramp, smoothstep
from ml_core.toonify.flow import Flow, along, edge_tangents
from ml_core.toonify.smoothing import blur, enlarged
from ml_core.types import Image

GRID = 2
"""Hair is smooth along its strands: it is computed on every second pixel."""
TENSOR_BLUR, STRAND_LENGTH = 0.07, 0.26
"""Units. Longer strands give larger, calmer shapes; much longer ones cut across curls."""
BROAD, CALM, FINE = 0.020, 0.100, 0.008
"""Smoothing in units of broad tones, of tones where there are no strands, and of single locks."""
LOCK_WIDTH = 0.08
AROUND = 0.30
"""Units over which strands are compared with the texture around them, and ways with each other."""
INNER, RIM = 0.8, np.ones((5, 5), np.uint8)
"""Coverage of hair, and pixels from its border on which the edge of its shape is no strand."""
LEAST_CONTRAST, NOISE = 0.6, 0.3
"""Lightness below which differences are not amplified, and what a camera adds of its own."""
SURVIVING = (0.34, 0.41)
"""Share of the texture's contrast that is left along the flow: strands stay, stubble and noise cancel out."""
FULL, CROPPED = 0.75, 0.19
"""Share of hair around a pixel from which it is no cropped strip; how much more must survive in one."""
ORDERLY, CURLY = (0.05, 0.25), (0.32, 0.44)
"""Length of the mean direction around a pixel, and its mean over a head, from tangled to combed."""
OTHER_LIGHTNESS, BADGES = 45.0, (0.08, 0.15)
"""What differs this much from hair's middle is none, and the share of it from which the whole is a cap."""


@dataclass(frozen=True)
class Strands:
    """broad: (H, W) CIE L smoothed along the flow, the middle of hair where there is none.

    fine: (H, W) how much lighter than those beside it a lock is, in deviations, about -2..2; 0 where the
    photo shows no strands.
    """

    broad: Field
    fine: Field


@dataclass(frozen=True)
class Combing:
    """Strands on a grid of every GRID-th pixel. flow: their ways. locks: 0..1, where they lie in locks."""

    flow: Flow
    broad: Field
    fine: Field
    locks: Field

    def strands(self, shape: tuple[int, int]) -> Strands:
        """On the whole canvas of (H, W)."""
        return Strands(enlarged(self.broad, shape), enlarged(self.fine, shape))


def combed(image: Image, hair: Field, unit: float) -> Combing:
    """Follow the hair of a photo. image: (H, W, 3) uint8 RGB. hair: (H, W) coverage. unit: pixels.

    The border of hair would outvote its strands: it is taken out of the structure tensor. Caps and other
    smooth or short things that pass for hair have no strands.
    """
    height, width = hair.shape
    size, scale = (max(1, width // GRID), max(1, height // GRID)), unit / GRID
    share = np.asarray(cv2.resize(hair, size, interpolation=cv2.INTER_AREA), np.float32)
    sure = share > INNER
    if not sure.any():
        nothing = np.zeros_like(share)
        return Combing(Flow(nothing, nothing), nothing, nothing, nothing)
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    lightness = lab_from_rgb(small)[..., 0]
    middle = np.float32(np.median(lightness[sure]))
    lightness = np.asarray(middle + (lightness - middle) * share, np.float32)
    inner = cv2.erode(sure.astype(np.uint8), RIM).astype(np.float32)
    flow = edge_tangents(lightness, TENSOR_BLUR * scale, inner)
    near = cv2.dilate((share > 0).astype(np.uint8), RIM) > 0
    gathered = along(lightness, flow, STRAND_LENGTH * scale, step=1.5, where=near)
    wide, narrow = _Mean(share, AROUND * scale), _Mean(share, LOCK_WIDTH * scale)
    fine = narrow.departure(blur(gathered, FINE * scale), gathered)
    deviation = wide.deviation(fine)
    grain = narrow.departure(lightness, lightness)
    survived = wide.deviation(fine * inner) / (wide.deviation(grain * inner) + np.float32(NOISE))
    capped = ramp(float(np.mean(np.abs(lightness[sure] - middle) > OTHER_LIGHTNESS)), *BADGES)
    survived -= CROPPED * (1.0 - np.minimum(wide.whole / FULL, 1.0))
    evidence = smoothstep(survived, *SURVIVING) * np.float32(1.0 - capped)
    order = wide.order(flow)
    orderly = evidence * smoothstep(order, *ORDERLY)
    calm = blur(gathered, CALM * scale)
    return Combing(
        flow=flow,
        broad=calm + (blur(gathered, BROAD * scale) - calm) * evidence,
        fine=fine / (deviation + np.float32(LEAST_CONTRAST)) * orderly,
        locks=orderly * np.float32(ramp(float(order[sure].mean()), *CURLY)),
    )


class _Mean:
    """Means over the hair around each pixel: normalised convolution (Knutsson & Westin 1993)."""

    def __init__(self, share: Field, sigma: float) -> None:
        self.share, self.sigma = share, sigma
        self.whole = blur(share, sigma) + np.float32(1e-3)

    def of(self, field: NDArray[np.floating]) -> Field:
        return blur(np.asarray(field * self.share, np.float32), self.sigma) / self.whole

    def departure(self, field: Field, base: Field) -> Field:
        """By how much a field differs from the mean of another, in hair."""
        return np.asarray((field - self.of(base)) * self.share, np.float32)

    def deviation(self, departures: Field) -> Field:
        return np.sqrt(self.of(departures * departures))

    def order(self, flow: Flow) -> Field:
        """Length of the mean direction, 0..1; tangents have no sign, so angles are doubled (Mardia 1972)."""
        cosine, sine = flow.x * flow.x - flow.y * flow.y, 2.0 * flow.x * flow.y
        return np.asarray(cv2.magnitude(self.of(cosine), self.of(sine)), np.float32)
