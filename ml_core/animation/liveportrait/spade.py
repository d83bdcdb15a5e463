"""G: the decoder with spatially adaptive normalisation, SPADE (Park et al. 2019; Guo 2024, section 3.1)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

MAP_CHANNELS = 256
HIDDEN = 128
EPSILON = 1e-5
SLOPE = 0.2


class SpectralConv2d(nn.Module):
    """Convolution divided by its spectral norm (Miyato 2018), in torch's old stored form.

    The inference weight is weight_orig / (u . W v) with u and v as stored: no power iteration.
    """

    weight_u: Tensor
    weight_v: Tensor

    def __init__(self, inputs: int, outputs: int, kernel: int, *, bias: bool = True) -> None:
        super().__init__()
        fresh = nn.Conv2d(inputs, outputs, kernel).weight.detach()
        self.weight_orig = nn.Parameter(fresh)
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        v = F.normalize(fresh.flatten(1).sum(0), dim=0)
        self.register_buffer("weight_v", v)
        self.register_buffer("weight_u", F.normalize(fresh.flatten(1) @ v, dim=0))

    def normalised(self) -> Tensor:
        """(outputs, inputs, k, k)."""
        sigma = self.weight_u @ (self.weight_orig.flatten(1) @ self.weight_v)
        return self.weight_orig / sigma

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, inputs, H, W)."""
        return F.conv2d(x, self.normalised(), self.bias, padding=self.weight_orig.shape[-1] // 2)

    def plain(self) -> nn.Conv2d:
        """The same function without the division."""
        outputs, inputs, kernel, _ = self.weight_orig.shape
        conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=self.bias is not None)
        conv.weight = nn.Parameter(self.normalised().detach())
        if self.bias is not None:
            conv.bias = nn.Parameter(self.bias.detach())
        return conv


def fold_spectral_norm(module: nn.Module) -> None:
    """Replace every :class:`SpectralConv2d` inside ``module`` by a plain convolution, in place."""
    for name, child in module.named_children():
        if isinstance(child, SpectralConv2d):
            setattr(module, name, child.plain())
        else:
            fold_spectral_norm(child)


class Spade(nn.Module):
    """Instance norm, then a scale and a shift per pixel taken from the map (Park 2019, equation 1)."""

    def __init__(self, channels: int, narrow: int = 1) -> None:
        super().__init__()
        hidden = HIDDEN // narrow
        self.mlp_shared = nn.Sequential(nn.Conv2d(MAP_CHANNELS // narrow, hidden, 3, padding=1), nn.ReLU())
        self.mlp_gamma = nn.Conv2d(hidden, channels, 3, padding=1)
        self.mlp_beta = nn.Conv2d(hidden, channels, 3, padding=1)

    def forward(self, x: Tensor, layout: Tensor) -> Tensor:
        """x: (B, channels, H, W); layout: (B, 256, h, w), resized to x by nearest neighbour."""
        hidden = self.mlp_shared(F.interpolate(layout, x.shape[-2:], mode="nearest"))
        out: Tensor = F.instance_norm(x, eps=EPSILON) * (1 + self.mlp_gamma(hidden)) + self.mlp_beta(hidden)
        return out


class SpadeBlock(nn.Module):
    """Residual block of two SPADE-normalised convolutions; a third one in the shortcut if widths differ."""

    def __init__(self, inputs: int, outputs: int, narrow: int = 1) -> None:
        super().__init__()
        middle = min(inputs, outputs)
        self.conv_0 = SpectralConv2d(inputs, middle, 3)
        self.conv_1 = SpectralConv2d(middle, outputs, 3)
        self.norm_0 = Spade(inputs, narrow)
        self.norm_1 = Spade(middle, narrow)
        self.learned = inputs != outputs
        if self.learned:
            self.conv_s = SpectralConv2d(inputs, outputs, 1, bias=False)
            self.norm_s = Spade(inputs, narrow)

    def forward(self, x: Tensor, layout: Tensor) -> Tensor:
        """x: (B, inputs, H, W); layout: (B, 256, h, w)."""
        y = self.conv_0(F.leaky_relu(self.norm_0(x, layout), SLOPE))
        y = self.conv_1(F.leaky_relu(self.norm_1(y, layout), SLOPE))
        out: Tensor = (self.conv_s(self.norm_s(x, layout)) if self.learned else x) + y
        return out


class SpadeGenerator(nn.Module):
    """(B, 256, 64, 64) warped feature -> (B, 3, 512, 512) RGB in 0..1.

    narrow: see AppearanceFeatureExtractor.
    """

    def __init__(self, narrow: int = 1) -> None:
        super().__init__()
        wide, middle, thin = (width // narrow for width in (512, 256, 64))
        self.fc = nn.Conv2d(MAP_CHANNELS // narrow, wide, 3, padding=1)
        for index in range(6):
            self.add_module(f"G_middle_{index}", SpadeBlock(wide, wide, narrow))
        self.up_0 = SpadeBlock(wide, middle, narrow)
        self.up_1 = SpadeBlock(middle, thin, narrow)
        self.conv_img = nn.Sequential(nn.Conv2d(thin, 12, 3, padding=1), nn.PixelShuffle(2))

    def forward(self, feature: Tensor) -> Tensor:
        """feature: (B, 256, 64, 64); also the modulation map of every block."""
        x = self.fc(feature)
        for index in range(6):
            x = self.get_submodule(f"G_middle_{index}")(x, feature)
        for block in (self.up_0, self.up_1):
            x = block(F.interpolate(x, scale_factor=2.0), feature)
        return torch.sigmoid(self.conv_img(F.leaky_relu(x, SLOPE)))
