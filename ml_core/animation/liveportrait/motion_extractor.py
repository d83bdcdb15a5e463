"""M: head pose, expression and canonical key points from one picture (Guo 2024, section 3.1).

The backbone is ConvNeXt V2 tiny (Woo et al. 2023, "ConvNeXt V2").
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

EPSILON = 1e-6
DEPTHS = (3, 3, 9, 3)
WIDTHS = (96, 192, 384, 768)
POSE_BINS = 66
HEADS = {"kp": 63, "scale": 1, "pitch": POSE_BINS, "yaw": POSE_BINS, "roll": POSE_BINS, "t": 3, "exp": 63}
"""Outputs of the network: name -> width. kp and exp are 21 points, x y z fastest."""


class ChannelNorm(nn.Module):
    """Layer norm over the channels of every pixel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, channels, H, W)."""
        last = F.layer_norm(x.permute(0, 2, 3, 1), self.weight.shape, self.weight, self.bias, EPSILON)
        return last.permute(0, 3, 1, 2)


class ResponseNorm(nn.Module):
    """Global response normalisation (Woo 2023, section 3.2)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.zeros(1, 1, 1, channels))
        self.beta = nn.Parameter(torch.zeros(1, 1, 1, channels))

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, H, W, channels)."""
        energy: Tensor = torch.linalg.vector_norm(x, dim=(1, 2), keepdim=True)
        response = energy / (energy.mean(-1, keepdim=True) + EPSILON)
        return self.gamma * (x * response) + self.beta + x


class Block(nn.Module):
    """Depthwise 7x7, then a per-pixel MLP of four times the width."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.dwconv = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width, eps=EPSILON)
        self.pwconv1 = nn.Linear(width, 4 * width)
        self.grn = ResponseNorm(4 * width)
        self.pwconv2 = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, width, H, W)."""
        y = self.norm(self.dwconv(x).permute(0, 2, 3, 1))
        y = self.pwconv2(self.grn(F.gelu(self.pwconv1(y))))
        out: Tensor = x + y.permute(0, 3, 1, 2)
        return out


class ConvNextV2(nn.Module):
    """(B, 3, 256, 256) -> the seven raw heads. narrow: see AppearanceFeatureExtractor."""

    def __init__(self, narrow: int = 1) -> None:
        super().__init__()
        widths = [width // narrow for width in WIDTHS]
        first, last = widths[0], widths[-1]
        stem = nn.Sequential(nn.Conv2d(3, first, 4, stride=4), ChannelNorm(first))
        reductions = [
            nn.Sequential(ChannelNorm(inputs), nn.Conv2d(inputs, outputs, 2, stride=2))
            for inputs, outputs in pairwise(widths)
        ]
        self.downsample_layers = nn.ModuleList([stem, *reductions])
        self.stages = nn.ModuleList(
            nn.Sequential(*(Block(width) for _ in range(depth)))
            for depth, width in zip(DEPTHS, widths, strict=True)
        )
        self.norm = nn.LayerNorm(last, eps=EPSILON)
        for name, width in HEADS.items():
            self.add_module(f"fc_{name}", nn.Linear(last, width))

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        """image: (B, 3, 256, 256) RGB in 0..1."""
        x = image
        for reduce, stage in zip(self.downsample_layers, self.stages, strict=True):
            x = stage(reduce(x))
        pooled = self.norm(x.mean((2, 3)))
        return {name: self.get_submodule(f"fc_{name}")(pooled) for name in HEADS}


class MotionExtractor(nn.Module):
    """Raw motion of one picture; :func:`ml_core.animation.liveportrait.pose.refine` decodes it."""

    def __init__(self, narrow: int = 1) -> None:
        super().__init__()
        self.detector = ConvNextV2(narrow)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        """image: (B, 3, 256, 256) RGB in 0..1. Returns pitch, yaw, roll (B, 66) bin logits; t (B, 3);
        exp, kp (B, 63); scale (B, 1).
        """
        heads: dict[str, Tensor] = self.detector(image)
        return heads
