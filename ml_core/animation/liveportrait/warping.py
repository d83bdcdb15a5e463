"""W: the warping module (Guo 2024, section 3.1)."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from ml_core.animation.liveportrait.appearance import VOLUME_CHANNELS, VOLUME_DEPTH
from ml_core.animation.liveportrait.dense_motion import DenseMotionNetwork, sample_volume

SLOPE = 0.01


@dataclass(frozen=True)
class Warped:
    """occlusion: (B, 1, 64, 64) in 0..1; deformation: (B, 16, 64, 64, 3); feature: (B, 256, 64, 64)."""

    occlusion: Tensor
    deformation: Tensor
    feature: Tensor


class _FlatConv(nn.Module):
    """3x3 convolution, batch norm, leaky ReLU."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, inputs, H, W)."""
        return F.leaky_relu(self.norm(self.conv(x)), SLOPE)


class WarpingModule(nn.Module):
    """Moves the feature volume from the source's key points to the driving ones and flattens it.

    narrow: see AppearanceFeatureExtractor.
    """

    def __init__(self, narrow: int = 1) -> None:
        super().__init__()
        flat = 256 // narrow
        self.dense_motion_network = DenseMotionNetwork(narrow)
        self.third = _FlatConv(VOLUME_CHANNELS // narrow * VOLUME_DEPTH, flat)
        self.fourth = nn.Conv2d(flat, flat, 1)

    def forward(self, feature: Tensor, kp_source: Tensor, kp_driving: Tensor) -> Warped:
        """feature: (B, 32, 16, 64, 64); key points: (B, 21, 3)."""
        deformation, occlusion = self.dense_motion_network(feature, kp_source, kp_driving)
        flat = sample_volume(feature, deformation).flatten(1, 2)
        out = self.fourth(self.third(flat)) * occlusion
        return Warped(occlusion, deformation, out)
