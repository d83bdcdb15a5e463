"""How close an encoded file looks to its source."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

from ml_core.encoding.decoding import ReadLimits, frames_of
from ml_core.encoding.video import on_white


def decoded(data: bytes) -> NDArray[np.uint8]:
    """All frames, (N, H, W, 4) uint8."""
    return np.stack([frame.image for frame in frames_of(data, ReadLimits())])


def similarity(source: NDArray[np.uint8], made: NDArray[np.uint8]) -> float:
    """Mean SSIM over frames, both on white."""
    pairs = zip(source, made, strict=True)
    return float(np.mean([structural_similarity(on_white(a), on_white(b), channel_axis=2) for a, b in pairs]))


def alpha_error(source: NDArray[np.uint8], made: NDArray[np.uint8]) -> float:
    """Mean difference of alpha, 0..255."""
    return float(np.abs(source[..., 3].astype(np.int16) - made[..., 3]).mean())
