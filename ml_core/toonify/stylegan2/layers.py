"""Layers of StyleGAN2 with equalised learning rate (Karras 2018, section 4.1; Karras 2020, section 2)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from ml_core.toonify.stylegan2.resample import Blur, Upsample

SLOPE = 0.2
GAIN = math.sqrt(2.0)
"""Keeps unit variance through the leaky ReLU (He 2015)."""
EPSILON = 1e-8


def activate(x: Tensor, bias: Tensor) -> Tensor:
    """sqrt(2) * leaky_relu(x + bias, 0.2). x: (N, C, ...); bias: (C,)."""
    shaped = bias.reshape(1, -1, *([1] * (x.dim() - 2))).to(x.dtype)
    return F.leaky_relu(x + shaped, SLOPE) * GAIN


class Activation(nn.Module):
    """The activation that owns the bias of the convolution before it."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, channels, ...)."""
        return activate(x, self.bias)


class EqualLinear(nn.Module):
    """Linear layer whose stored weights are scaled at run time; optionally activated.

    (N, inputs) -> (N, outputs).
    """

    def __init__(
        self, inputs: int, outputs: int, *, lr_mul: float = 1.0, bias: float = 0.0, activated: bool = False
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / lr_mul)
        self.bias = nn.Parameter(torch.full((outputs,), bias / lr_mul))
        self.scale = lr_mul / math.sqrt(inputs)
        self.lr_mul = lr_mul
        self.activated = activated

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, inputs)."""
        weight = (self.weight * self.scale).to(x.dtype)
        bias = self.bias * self.lr_mul
        if self.activated:
            return activate(F.linear(x, weight), bias)
        return F.linear(x, weight, bias.to(x.dtype))


class EqualConv2d(nn.Module):
    """Convolution without bias whose stored weights have unit variance."""

    def __init__(self, inputs: int, outputs: int, kernel: int, *, stride: int = 1, padding: int = 0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.scale = 1.0 / math.sqrt(inputs * kernel * kernel)
        self.stride = stride
        self.padding = padding

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, inputs, H, W)."""
        return F.conv2d(x, (self.weight * self.scale).to(x.dtype), stride=self.stride, padding=self.padding)


class ModulatedConv2d(nn.Module):
    """Convolution whose input channels are scaled by the style (Karras 2020, section 2.2, equations 1 and 3).

    The style scales the input and the demodulation scales the output, which equals scaling the weights
    of every sample but needs no grouped convolution.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        style_dim: int,
        *,
        demodulate: bool = True,
        up: bool = False,
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, outputs, inputs, kernel, kernel))
        self.modulation = EqualLinear(style_dim, inputs, bias=1.0)
        if up:
            self.blur = Blur((1, 1), gain=4.0)
        self.scale = 1.0 / math.sqrt(inputs * kernel * kernel)
        self.demodulate = demodulate
        self.up = up
        self.padding = kernel // 2

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """x: (N, inputs, H, W); w: (N, style_dim). Returns (N, outputs, H, W), twice the side if ``up``."""
        weight = self.weight[0] * self.scale
        style: Tensor = self.modulation(w)
        out = x * style[:, :, None, None].to(x.dtype)
        if self.up:
            out = F.conv_transpose2d(out, weight.transpose(0, 1).to(x.dtype), stride=2)
            out = self.blur(out)
        else:
            out = F.conv2d(out, weight.to(x.dtype), padding=self.padding)
        if self.demodulate:
            # Sum over inputs and taps of (weight * style)^2 without making one weight per sample.
            power = style.square() @ weight.square().sum((2, 3)).t()
            out = out * torch.rsqrt(power + EPSILON)[:, :, None, None].to(x.dtype)
        return out


class NoiseStrength(nn.Module):
    """Adds one noise picture to all channels, times one learned number."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor, noise: Tensor) -> Tensor:
        """x: (N, C, H, W); noise: (1 or N, 1, H, W)."""
        return x + (self.weight * noise).to(x.dtype)


class StyledConv(nn.Module):
    """Modulated 3x3 convolution, noise, activation."""

    def __init__(self, inputs: int, outputs: int, style_dim: int, *, up: bool = False) -> None:
        super().__init__()
        self.conv = ModulatedConv2d(inputs, outputs, 3, style_dim, up=up)
        self.noise = NoiseStrength()
        self.activate = Activation(outputs)

    def forward(self, x: Tensor, w: Tensor, noise: Tensor | None) -> Tensor:
        """x: (N, inputs, H, W); w: (N, style_dim); noise: (1 or N, 1, H', W') or None for fresh noise."""
        out = self.conv(x, w)
        if noise is None:
            noise = torch.randn(out.shape[0], 1, out.shape[2], out.shape[3], device=out.device)
        mixed: Tensor = self.activate(self.noise(out, noise))
        return mixed


class ToRgb(nn.Module):
    """Modulated 1x1 convolution to three channels, added to the up-sampled picture so far."""

    def __init__(self, inputs: int, style_dim: int, *, up: bool = True) -> None:
        super().__init__()
        if up:
            self.upsample = Upsample()
        self.conv = ModulatedConv2d(inputs, 3, 1, style_dim, demodulate=False)
        self.bias = nn.Parameter(torch.zeros(1, 3, 1, 1))

    def forward(self, x: Tensor, w: Tensor, picture: Tensor | None = None) -> Tensor:
        """x: (N, inputs, H, W); picture: (N, 3, H/2, W/2) or None. Returns (N, 3, H, W)."""
        out: Tensor = self.conv(x, w) + self.bias.to(x.dtype)
        return out if picture is None else out + self.upsample(picture)
