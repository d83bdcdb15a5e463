"""A source VIDEO driven by another face: every frame keeps its own pose and expression as the starting point.

Guo 2024, published inference for source videos (not covered by the parity cases): expression and rotation of
the result are smoothed over time, scale and translation stay the source's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ml_core.animation.liveportrait.animator import LivePortraitAnimator, Source
from ml_core.animation.liveportrait.capture import CapturedMotion
from ml_core.animation.liveportrait.pose import Motion, place
from ml_core.animation.liveportrait.retarget import stitch
from ml_core.types import Image

PROCESS_VARIANCE = 1e-5
OBSERVATION_VARIANCE = 3e-7


def smoothed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Kalman filter and Rauch-Tung-Striebel smoother (1965) of a random walk. values: (F, ...) -> the same.

    The variances above are the published ones: every value has the same, so one gain serves all of a frame.
    """
    count = len(values)
    means, spreads = np.empty_like(values, np.float64), np.empty(count)
    mean, spread = values[0].astype(np.float64), OBSERVATION_VARIANCE
    for index in range(count):
        if index:
            spread += PROCESS_VARIANCE
            gain = spread / (spread + OBSERVATION_VARIANCE)
            mean = mean + gain * (values[index] - mean)
            spread *= 1.0 - gain
        means[index], spreads[index] = mean, spread
    for index in range(count - 2, -1, -1):
        back = spreads[index] / (spreads[index] + PROCESS_VARIANCE)
        means[index] += back * (means[index + 1] - means[index])
    return means


def video_points(
    stitching: torch.nn.Module, sources: Sequence[Source], driving: CapturedMotion
) -> list[Tensor]:
    """(1, 21, 3) key points per frame, in relative mode. As many frames as the shorter of the two."""
    pairs = list(zip([source.motion for source in sources], driving.motions, strict=False))
    first = driving.motions[0]
    exp = _smooth(torch.cat([s.exp + d.exp - first.exp for s, d in pairs]))
    turned = _smooth(torch.cat([_turned(s, d, first) for s, d in pairs]))
    answers = []
    for index, (motion, _) in enumerate(pairs):
        points = place(motion.kp, turned[index : index + 1], exp[index : index + 1], motion.scale, motion.t)
        answers.append(stitch(stitching, sources[index].points, points))
    return answers


def _turned(source: Motion, frame: Motion, first: Motion) -> Tensor:
    return frame.rotation() @ first.rotation().transpose(1, 2) @ source.rotation()


def _smooth(values: Tensor) -> Tensor:
    return torch.from_numpy(smoothed(values.double().cpu().numpy())).to(values)


@torch.no_grad()
def driven_video(
    animator: LivePortraitAnimator,
    frames: Sequence[Image],
    landmarks: Sequence[NDArray[np.float32]],
    driving: CapturedMotion,
) -> Iterator[Image]:
    """Whole frames, (H, W, 3) uint8 RGB, each pasted back into its own source frame.

    frames: (H, W, 3) uint8 RGB; landmarks: (468, 2 or 3) each. The appearance is read anew from every frame.
    """
    count = min(len(frames), len(driving))
    sources = [animator.prepare(frames[i], landmarks[i]) for i in range(count)]
    points = video_points(animator.networks.retargeters.stitching, sources, driving)
    for source, where in zip(sources, points, strict=True):
        yield from animator.frames(source, where)
