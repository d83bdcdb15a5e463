"""How close an encoded file looks to the clip it was made from."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.encoding.decoding import ReadLimits, frames_of
from ml_core.encoding.resampling import content_for, placed
from ml_core.encoding.schedule import order_of, schedule_for
from ml_core.encoding.targets import Target
from ml_core.encoding.video import on_white
from ml_core.types import Clip, Image

_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
_WINDOW, _SIGMA = (11, 11), 1.5
_SAMPLES = 8


def looks_like(clip: Clip, data: bytes, target: Target, *, near: int = 0) -> tuple[float, float]:
    """Mean SSIM, the mean of on white and on black, and mean alpha error (0..255), of up to eight frames.

    The source is resampled to the size of the file, so what is measured is the encoding; each frame is
    compared with the source frame that is shown at its place in the loop. near: another encoder may round
    its times differently, so the most alike of this many frames before and after counts.
    """
    made = np.stack([frame.image for frame in frames_of(data, ReadLimits())])
    size = made.shape[2], made.shape[1]
    if target.animated and len(made) > 1:
        order = order_of(schedule_for(clip, target), clip, len(made), target)
    else:
        order = np.full(len(made), clip.poster)
    steps = np.unique(np.linspace(0, len(made) - 1, _SAMPLES).round().astype(int))
    content = content_for((clip.frames.shape[2], clip.frames.shape[1]), size, target.fit.margin)
    around = range(-near, near + 1) if len(clip.frames) > 1 else (0,)
    found = []
    for step in steps:
        shown = [clip.frames[(order[step] + shift) % len(clip.frames)] for shift in around]
        found.append(max(_likeness(one, made[step]) for one in placed(shown, size, content)))
    score, alpha = np.mean(found, axis=0)
    return float(score), abs(float(alpha))


def _likeness(wanted: Image, made: Image) -> tuple[float, float]:
    """SSIM, and alpha error with its sign turned so that more is better."""
    score = (ssim(on_white(wanted), on_white(made)) + ssim(_on_black(wanted), _on_black(made))) / 2
    return score, -float(np.abs(wanted[..., 3].astype(np.int16) - made[..., 3]).mean())


def _on_black(image: Image) -> Image:
    alpha = image[..., 3:].astype(np.uint16)
    return ((image[..., :3] * alpha + 127) // 255).astype(np.uint8)


def ssim(one: Image, other: Image) -> float:
    """Structural similarity of two (H, W, 3) uint8 pictures, -1..1.

    Wang, Bovik, Sheikh, Simoncelli: Image Quality Assessment, IEEE TIP 13(4), 2004; Gaussian window of 11.
    """
    a, b = one.astype(np.float32), other.astype(np.float32)
    mean_a, mean_b = _blurred(a), _blurred(b)
    var_a, var_b = _blurred(a * a) - mean_a**2, _blurred(b * b) - mean_b**2
    both = _blurred(a * b) - mean_a * mean_b
    above = (2 * mean_a * mean_b + _C1) * (2 * both + _C2)
    below = (mean_a**2 + mean_b**2 + _C1) * (var_a + var_b + _C2)
    score = above / below
    edge = _WINDOW[0] // 2
    inner = score[edge:-edge, edge:-edge]  # windows that reach beyond the picture are left out
    return float((inner if inner.size else score).mean())


def _blurred(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(picture, _WINDOW, _SIGMA), np.float32)
