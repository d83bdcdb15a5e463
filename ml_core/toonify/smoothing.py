"""Edge-preserving and masked smoothing."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.toonify.colour import Field, LabImage, lab_from_rgb, mix
from ml_core.types import Image

BILATERAL_DIAMETER = 5
BILATERAL_RANGE = 24.0
BILATERAL_SPACE = 5.0
BILATERAL_PASSES = 3
"""Three small passes flatten as much as one of diameter 11 at a quarter of its cost."""
ANTIALIAS = 0.9
MIN_WEIGHT = 1e-4


def blur(field: Field, sigma: float) -> Field:
    """Gaussian blur; ``sigma`` in pixels, no blur at 0. Large blurs run on a reduced grid."""
    if sigma <= 0.0:
        return field
    step = int(sigma / 3.0)
    if step < 2:
        return np.asarray(cv2.GaussianBlur(field, (0, 0), sigma), np.float32)
    height, width = field.shape[:2]
    small = cv2.resize(field, (max(1, width // step), max(1, height // step)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / step)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def enlarged(field: NDArray[np.floating], shape: tuple[int, int]) -> Field:
    """A field of a reduced grid on (H, W), without steps."""
    return np.asarray(cv2.resize(field, shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)


def flattened(image: Image) -> LabImage:
    """The photo with texture flattened and edges kept: iterated bilateral filter.

    Source: Tomasi & Manduchi 1998; iterated for abstraction by Winnemoeller, Olsen & Gooch 2006, section 3.1.
    image: (H, W, 3) uint8 RGB. Returns Lab.
    """
    smooth = image
    for _ in range(BILATERAL_PASSES):
        passed = cv2.bilateralFilter(smooth, BILATERAL_DIAMETER, BILATERAL_RANGE, BILATERAL_SPACE)
        smooth = np.asarray(passed, np.uint8)
    return lab_from_rgb(smooth)


def masked_blur(field: Field, weight: Field, sigma: float) -> tuple[Field, Field]:
    """Normalised convolution (Knutsson & Westin 1993): blur that only listens where ``weight`` > 0.

    Returns the blurred field and the blurred weight, i.e. how much evidence each pixel had.
    """
    evidence = blur(weight, sigma)
    total = blur(field * weight, sigma)
    return np.asarray(total / (evidence + MIN_WEIGHT), np.float32), evidence


def filled(field: Field, weight: Field, sigma_near: float, sigma_far: float) -> Field:
    """Masked blur whose holes are filled from further away, without a seam."""
    near, evidence = masked_blur(field, weight, sigma_near)
    far, far_evidence = masked_blur(field, weight, sigma_far)
    middle = float(np.average(field, weights=weight + MIN_WEIGHT))
    trust_far = np.clip(far_evidence * 20.0, 0.0, 1.0)
    far = far * trust_far + middle * (1.0 - trust_far)
    trust = np.clip(evidence * 3.0, 0.0, 1.0)
    return np.asarray(near * trust + far * (1.0 - trust), np.float32)


def bled(picture: LabImage, inside: Field, sigma: float) -> LabImage:
    """The picture with colours from inside carried over the border of ``inside``.

    A matte's border pixels are mixed with the background; painted, they would be a fringe of its colour.
    """
    height, width = inside.shape
    half = (max(1, width // 2), max(1, height // 2))
    sure = np.asarray(np.clip((blur(inside, 2.0) - 0.84) / 0.12, 0.0, 1.0), np.float32)
    small = cv2.resize(sure, half, interpolation=cv2.INTER_AREA)
    colours = cv2.resize(picture, half, interpolation=cv2.INTER_AREA) * small[..., None]
    evidence = blur(np.asarray(small, np.float32), sigma / 2)
    carried = blur(np.asarray(colours, np.float32), sigma / 2) / (evidence + MIN_WEIGHT)[..., None]
    share = (1.0 - sure) * cv2.resize(np.clip(evidence * 50.0, 0.0, 1.0), (width, height))
    carried = cv2.resize(carried, (width, height), interpolation=cv2.INTER_LINEAR)
    return mix(picture, np.asarray(carried, np.float32), np.asarray(share, np.float32))


def crisp(share: NDArray[np.floating]) -> Field:
    """A soft share turned into a shape: 1 where it is over a half, with an antialiased border of two pixels.

    However slowly the share changes, the border is equally sharp.
    """
    shape = blur(np.asarray(share > 0.5, np.float32), ANTIALIAS)
    return np.asarray(np.clip((shape - 0.5) * 1.5 + 0.5, 0.0, 1.0), np.float32)


def rounded(mask: Field, sigma: float) -> Field:
    """The mask as a shape, with corners and islands smaller than ``sigma`` pixels rounded away.

    One step of curvature motion by blurring and thresholding (Merriman, Bence & Osher 1992).
    """
    return crisp(blur(mask, sigma))
