"""The StyleGAN2 generator: mapping network and skip-connected synthesis (Karras 2020, figures 2c and 7)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ml_core.toonify.stylegan2.layers import EPSILON, EqualLinear, StyledConv, ToRgb

MAPPING_LR_MUL = 0.01
CONSTANT_SIDE = 4
FULL_CHANNELS = 512


def channels_at(resolution: int, multiplier: int, widest: int = FULL_CHANNELS) -> int:
    """Feature channels at a resolution: 512 up to 32 px, then 256m, 128m, ... (m = multiplier).

    ``widest`` caps them, for tiny networks in tests and experiments.
    """
    full = FULL_CHANNELS if resolution <= 32 else 256 * 64 * multiplier // resolution
    return min(full, widest)


class PixelNorm(nn.Module):
    """Scales every latent to unit mean square."""

    def forward(self, z: Tensor) -> Tensor:
        """z: (N, style_dim)."""
        return z * torch.rsqrt(z.square().mean(1, keepdim=True) + EPSILON)


class Generator(nn.Module):
    """z or w+ -> picture. Tensor names are those of the rosinality checkpoints.

    size: side of the picture, a power of two from 8; n_mlp: layers of the mapping network;
    channel_multiplier: 2 for config-f, 1 for config-e; widest: channel cap of tiny networks.
    """

    def __init__(
        self,
        size: int,
        style_dim: int = 512,
        n_mlp: int = 8,
        channel_multiplier: int = 2,
        *,
        widest: int = FULL_CHANNELS,
    ) -> None:
        super().__init__()
        if size < 8 or size & (size - 1):
            raise ValueError(f"size must be a power of two from 8, not {size}")
        self.size = size
        self.style_dim = style_dim
        self.style = nn.Sequential(
            PixelNorm(),
            *(EqualLinear(style_dim, style_dim, lr_mul=MAPPING_LR_MUL, activated=True) for _ in range(n_mlp)),
        )
        width = channels_at(CONSTANT_SIDE, channel_multiplier, widest)
        self.input = Constant(width)
        self.conv1 = StyledConv(width, width, style_dim)
        self.to_rgb1 = ToRgb(width, style_dim, up=False)
        self.convs = nn.ModuleList()
        self.to_rgbs = nn.ModuleList()
        self.noises = nn.Module()
        self.noises.register_buffer("noise_0", torch.randn(1, 1, CONSTANT_SIDE, CONSTANT_SIDE))
        for block in range(int(math.log2(size)) - 2):
            side = 8 << block
            inputs, width = width, channels_at(side, channel_multiplier, widest)
            self.convs.append(StyledConv(inputs, width, style_dim, up=True))
            self.convs.append(StyledConv(width, width, style_dim))
            self.to_rgbs.append(ToRgb(width, style_dim))
            for layer in (2 * block + 1, 2 * block + 2):
                self.noises.register_buffer(f"noise_{layer}", torch.randn(1, 1, side, side))

    @property
    def rows(self) -> int:
        """L, the number of rows of w+: 2 log2(size) - 2."""
        return 2 * len(self.to_rgbs) + 2

    @property
    def noise_layers(self) -> int:
        """Number of styled convolutions, each of which takes one noise picture."""
        return len(self.convs) + 1

    def map(self, z: Tensor) -> Tensor:
        """z: (N, style_dim) normal -> w: (N, style_dim)."""
        w: Tensor = self.style(z)
        return w

    def registered_noise(self) -> list[Tensor]:
        """The stored noise pictures, one per styled convolution: (1, 1, S, S) each."""
        return [self.noises.get_buffer(f"noise_{layer}") for layer in range(self.noise_layers)]

    def forward(self, w_plus: Tensor, noise: Sequence[Tensor | None] | None = None) -> Tensor:
        """w_plus: (N, L, style_dim). Returns (N, 3, size, size), nominally -1..1, unbounded, RGB.

        noise: one picture per styled convolution; an entry of None draws fresh noise; None in
        place of the list takes the registered pictures.
        """
        pictures = self.registered_noise() if noise is None else noise
        x = self.input(len(w_plus))
        x = self.conv1(x, w_plus[:, 0], pictures[0])
        image: Tensor = self.to_rgb1(x, w_plus[:, 1])
        for block, to_rgb in enumerate(self.to_rgbs):
            row = 2 * block + 1
            x = self.convs[2 * block](x, w_plus[:, row], pictures[row])
            x = self.convs[2 * block + 1](x, w_plus[:, row + 1], pictures[row + 1])
            image = to_rgb(x, w_plus[:, row + 2], image)
        return image


class Constant(nn.Module):
    """The learned 4x4 input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.input = nn.Parameter(torch.randn(1, channels, CONSTANT_SIDE, CONSTANT_SIDE))

    def forward(self, batch: int) -> Tensor:
        """(batch, channels, 4, 4)."""
        return self.input.expand(batch, -1, -1, -1)


def truncate(w: Tensor, mean: Tensor | None, psi: float) -> Tensor:
    """Truncation trick (Karras 2019, section B): mean + psi (w - mean), only when psi < 1.

    w: (N, style_dim); mean: (1, style_dim), needed when psi < 1.
    """
    if psi >= 1.0:
        return w
    if mean is None:
        raise ValueError("truncation with psi < 1 needs the mean w")
    return mean + psi * (w - mean)


def spread(styles: Sequence[Tensor], rows: int, mix_at: int | None = None) -> Tensor:
    """Rows of w+ from one w, or from two mixed at a row (Karras 2019, section 3.1).

    styles: one or two (N, style_dim); mix_at: rows before it come from the first, drawn at random
    in 1..rows-1 if not given. Returns (N, rows, style_dim).
    """
    first = styles[0].unsqueeze(1)
    if len(styles) == 1:
        return first.expand(-1, rows, -1)
    at = int(torch.randint(1, rows, ())) if mix_at is None else mix_at
    second = styles[1].unsqueeze(1)
    return torch.cat([first.expand(-1, at, -1), second.expand(-1, rows - at, -1)], 1)


def mean_w(generator: Generator, samples: int = 4096, seed: int = 0) -> Tensor:
    """(1, style_dim): mean of the mapping over normal z, since self-trained files do not store it."""
    source = torch.Generator().manual_seed(seed)
    z = torch.randn(samples, generator.style_dim, generator=source)
    device = generator.input.input.device
    with torch.no_grad():
        return generator.map(z.to(device)).mean(0, keepdim=True)
