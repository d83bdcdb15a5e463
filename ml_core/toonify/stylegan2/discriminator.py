"""The residual StyleGAN2 discriminator (Karras 2020, figure 7 and appendix B)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from ml_core.toonify.stylegan2.generator import FULL_CHANNELS, channels_at
from ml_core.toonify.stylegan2.layers import EPSILON, Activation, EqualConv2d, EqualLinear
from ml_core.toonify.stylegan2.resample import Blur

GROUP = 4
"""Pictures compared with each other by the minibatch standard deviation."""


class ResidualBlock(nn.Module):
    """Halves the side: (N, inputs, H, W) -> (N, outputs, H/2, W/2)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(EqualConv2d(inputs, inputs, 3, padding=1), Activation(inputs))
        self.conv2 = nn.Sequential(
            Blur((2, 2)), EqualConv2d(inputs, outputs, 3, stride=2), Activation(outputs)
        )
        # A 1x1 convolution sees only what it keeps, so the filter already drops the other samples.
        self.skip = nn.Sequential(Blur((1, 1), stride=2), EqualConv2d(inputs, outputs, 1))

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, inputs, H, W)."""
        out: Tensor = (self.conv2(self.conv1(x)) + self.skip(x)) / math.sqrt(2.0)
        return out


def minibatch_stddev(x: Tensor) -> Tensor:
    """Appends one channel: the standard deviation over groups of pictures (Karras 2018, section 3).

    x: (N, C, H, W) with N divisible by min(N, 4) -> (N, C + 1, H, W).
    """
    n, c, h, w = x.shape
    group = min(n, GROUP)
    if n % group:
        raise ValueError(f"a batch of {n} is not divisible into groups of {group}")
    grouped = x.reshape(group, n // group, c, h, w).float()
    deviation = (grouped.var(0, unbiased=False) + EPSILON).sqrt().mean((1, 2, 3))
    channel = deviation.repeat(group).reshape(n, 1, 1, 1).expand(n, 1, h, w)
    return torch.cat([x, channel.to(x.dtype)], 1)


class Discriminator(nn.Module):
    """Picture -> logit. Tensor names are those of the rosinality checkpoints."""

    def __init__(self, size: int, channel_multiplier: int = 2, *, widest: int = FULL_CHANNELS) -> None:
        super().__init__()
        width = channels_at(size, channel_multiplier, widest)
        blocks: list[nn.Module] = [nn.Sequential(EqualConv2d(3, width, 1), Activation(width))]
        side = size
        while side > 4:
            side //= 2
            inputs, width = width, channels_at(side, channel_multiplier, widest)
            blocks.append(ResidualBlock(inputs, width))
        self.convs = nn.Sequential(*blocks)
        self.final_conv = nn.Sequential(EqualConv2d(width + 1, width, 3, padding=1), Activation(width))
        self.final_linear = nn.Sequential(
            EqualLinear(width * 16, width, activated=True), EqualLinear(width, 1)
        )

    def features(self, images: Tensor) -> list[Tensor]:
        """Outputs of the blocks, finest first: (N, C_i, S_i, S_i) each."""
        found: list[Tensor] = []
        x = images
        for block in self.convs:
            x = block(x)
            found.append(x)
        return found

    def forward(self, images: Tensor) -> Tensor:
        """images: (N, 3, size, size) in -1..1; N divisible by min(N, 4). Returns logits (N, 1)."""
        x = self.final_conv(minibatch_stddev(self.convs(images)))
        logits: Tensor = self.final_linear(x.flatten(1))
        return logits
