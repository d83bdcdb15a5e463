"""S: stitching and retargeting, and the aperture ratios that steer them (Guo 2024, section 3.2)."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ml_core.animation.liveportrait.dense_motion import KEY_POINTS

FLAT = 3 * KEY_POINTS
SHAPES = {
    "stitching": (2 * FLAT, 128, 128, 64, FLAT + 2),
    "lip": (FLAT + 2, 128, 128, 64, FLAT),
    "eye": (FLAT + 3, 256, 256, 128, 128, 64, FLAT),
}
RATIO_EPSILON = 1e-6

# Published 203-point scheme: (upper, lower), (one corner, other corner).
LEFT_EYE = ((6, 18), (0, 12))
RIGHT_EYE = ((30, 42), (24, 36))
LIPS = ((90, 102), (48, 66))


class KeypointMlp(nn.Module):
    """A plain ReLU network over flattened key points."""

    def __init__(self, name: str) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise(SHAPES[name]):
            layers += [nn.Linear(inputs, outputs), nn.ReLU()]
        self.mlp = nn.Sequential(*layers[:-1])

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, inputs)."""
        out: Tensor = self.mlp(x)
        return out


def stitch(network: nn.Module, kp_source: Tensor, kp_driving: Tensor) -> Tensor:
    """Driving points moved so that the shoulders stay where they are. All (B, 21, 3)."""
    delta: Tensor = network(torch.cat([kp_source.flatten(1), kp_driving.flatten(1)], 1))
    moved = kp_driving + delta[:, :FLAT].reshape(-1, KEY_POINTS, 3)
    shift = delta[:, FLAT:].unsqueeze(1)
    return torch.cat([moved[..., :2] + shift, moved[..., 2:]], -1)


def retarget(network: nn.Module, kp_source: Tensor, ratios: Tensor) -> Tensor:
    """Offset of the source's points that reaches the wanted aperture.

    kp_source: (B, 21, 3); ratios: (B, 3) source left, source right, wanted for the eyes, or
    (B, 2) source, wanted for the lips. Returns (B, 21, 3).
    """
    out: Tensor = network(torch.cat([kp_source.flatten(1), ratios], 1))
    return out.reshape(-1, KEY_POINTS, 3)


def aperture(
    points: NDArray[np.float32], pairs: tuple[tuple[int, int], tuple[int, int]]
) -> NDArray[np.float32]:
    """Opening over width. points: (B, N, 2); pairs: (upper, lower), (corner, corner). Returns (B, 1)."""
    (upper, lower), (near, far) = pairs
    opening = np.linalg.norm(points[:, upper] - points[:, lower], axis=1, keepdims=True)
    width = np.linalg.norm(points[:, near] - points[:, far], axis=1, keepdims=True)
    ratio: NDArray[np.float32] = (opening / (width + RATIO_EPSILON)).astype(np.float32)
    return ratio


def eye_ratios(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """(B, 203, 2) -> (B, 2): left, right."""
    return np.concatenate([aperture(points, LEFT_EYE), aperture(points, RIGHT_EYE)], axis=1)


def lip_ratio(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """(B, 203, 2) -> (B, 1)."""
    return aperture(points, LIPS)
