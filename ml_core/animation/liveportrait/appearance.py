"""F: the appearance feature extractor (Guo 2024, section 3.1; Wang 2021, arXiv 2011.15126)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

VOLUME_CHANNELS = 32
VOLUME_DEPTH = 16
FIRST_WIDTH = 64


class ConvNorm(nn.Module):
    """3x3 convolution, batch norm, ReLU; ``halve`` adds 2x2 average pooling."""

    def __init__(self, inputs: int, outputs: int, *, halve: bool = False) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.norm = nn.BatchNorm2d(outputs)
        self.pool = nn.AvgPool2d(2) if halve else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, inputs, H, W)."""
        out: Tensor = self.pool(torch.relu(self.norm(self.conv(x))))
        return out


class ResidualBlock3d(nn.Module):
    """Pre-activated residual block over the volume."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv3d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv3d(channels, channels, 3, padding=1)
        self.norm1 = nn.BatchNorm3d(channels)
        self.norm2 = nn.BatchNorm3d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, channels, D, H, W)."""
        out = self.conv1(torch.relu(self.norm1(x)))
        out = self.conv2(torch.relu(self.norm2(out)))
        summed: Tensor = x + out
        return summed


class AppearanceFeatureExtractor(nn.Module):
    """(B, 3, 256, 256) RGB in 0..1 -> feature volume (B, 32, 16, 64, 64).

    narrow: every width of the network is divided by it; 1 is the published network, tests use 16.
    """

    def __init__(self, narrow: int = 1) -> None:
        super().__init__()
        thin, middle, wide = (width // narrow for width in (FIRST_WIDTH, 128, 256))
        self.channels = VOLUME_CHANNELS // narrow
        self.first = ConvNorm(3, thin)
        self.down_blocks = nn.ModuleList(
            [ConvNorm(thin, middle, halve=True), ConvNorm(middle, wide, halve=True)]
        )
        self.second = nn.Conv2d(wide, self.channels * VOLUME_DEPTH, 1)
        blocks = nn.Sequential()
        for index in range(6):
            blocks.add_module(f"3dr{index}", ResidualBlock3d(self.channels))
        self.resblocks_3d = blocks

    def forward(self, image: Tensor) -> Tensor:
        """image: (B, 3, 256, 256) RGB in 0..1."""
        x = self.first(image)
        for block in self.down_blocks:
            x = block(x)
        volume = self.second(x).unflatten(1, (self.channels, VOLUME_DEPTH))
        out: Tensor = self.resblocks_3d(volume)
        return out
