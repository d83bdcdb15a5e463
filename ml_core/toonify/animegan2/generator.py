"""AnimeGANv2 generator (Chen, Liu & Chen 2020, "AnimeGAN: a novel lightweight GAN for photo animation").

The norm has one group, so its statistics run over the whole picture: tiles give another answer
than the picture they were cut from.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

SLOPE = 0.2


def conv_norm_lrelu(
    inputs: int, outputs: int, kernel: int = 3, *, stride: int = 1, depthwise: bool = False
) -> nn.Sequential:
    """0 reflection padding, 1 convolution, 2 layer norm, 3 leaky ReLU.

    A stride of 2 pads right and bottom only; depthwise convolutions alone have a bias.
    """
    if kernel == 1:
        pad = (0, 0, 0, 0)
    elif stride == 2:
        pad = (0, 1, 0, 1)
    else:
        pad = (kernel // 2,) * 4
    groups = inputs if depthwise else 1
    return nn.Sequential(
        nn.ReflectionPad2d(pad),
        nn.Conv2d(inputs, outputs, kernel, stride=stride, groups=groups, bias=depthwise),
        nn.GroupNorm(1, outputs),
        nn.LeakyReLU(SLOPE),
    )


class InvertedResidual(nn.Module):
    """Widen by 2, depthwise 3x3, project (Sandler 2018); adds its input when the widths agree."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        inner = 2 * inputs
        self.same = inputs == outputs
        self.layers = nn.Sequential(
            conv_norm_lrelu(inputs, inner, 1),
            conv_norm_lrelu(inner, inner, 3, depthwise=True),
            nn.Conv2d(inner, outputs, 1, bias=False),
            nn.GroupNorm(1, outputs),
        )

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, inputs, H, W)."""
        out: Tensor = self.layers(x)
        return out + x if self.same else out


class Generator(nn.Module):
    """(B, 3, H, W) RGB in -1..1 -> the same, drawn. 2 143 552 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.block_a = nn.Sequential(
            conv_norm_lrelu(3, 32, 7), conv_norm_lrelu(32, 64, stride=2), conv_norm_lrelu(64, 64)
        )
        self.block_b = nn.Sequential(conv_norm_lrelu(64, 128, stride=2), conv_norm_lrelu(128, 128))
        self.block_c = nn.Sequential(
            conv_norm_lrelu(128, 128),
            InvertedResidual(128, 256),
            *(InvertedResidual(256, 256) for _ in range(3)),
            conv_norm_lrelu(256, 128),
        )
        self.block_d = nn.Sequential(conv_norm_lrelu(128, 128), conv_norm_lrelu(128, 128))
        self.block_e = nn.Sequential(
            conv_norm_lrelu(128, 64), conv_norm_lrelu(64, 64), conv_norm_lrelu(64, 32, 7)
        )
        self.out_layer = nn.Sequential(nn.Conv2d(32, 3, 1, bias=False), nn.Tanh())

    def forward(self, x: Tensor, align_corners: bool = True) -> Tensor:
        """x: (B, 3, H, W) in -1..1, H and W at least 8. Returns -1..1.

        align_corners=True up-samples to the recorded sizes (output = input size; what the face
        weights were published with); False doubles twice (output 4*floor(H/4), 4*floor(W/4)).
        """
        half = self.block_a(x)
        deep = self.block_c(self.block_b(half))
        deep = self.block_d(_enlarge(deep, half, align_corners))
        out: Tensor = self.out_layer(self.block_e(_enlarge(deep, x, align_corners)))
        return out


def _enlarge(x: Tensor, like: Tensor, align_corners: bool) -> Tensor:
    """Bilinear: to the size of ``like`` with aligned corners, else by the factor 2."""
    if align_corners:
        return F.interpolate(x, like.shape[-2:], mode="bilinear", align_corners=True)
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


@torch.no_grad()
def paint(generator: Generator, x: Tensor, *, align_corners: bool = True) -> Tensor:
    """Inference of :class:`Generator`; same shapes and ranges."""
    out: Tensor = generator(x, align_corners)
    return out
