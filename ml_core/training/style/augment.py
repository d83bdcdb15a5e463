"""Differentiable augmentation for small data sets (Karras et al. 2020, "Training Generative Adversarial
Networks with Limited Data", appendix B): pixel blitting, geometry and colour, each with probability p.

Geometry is one bilinear sampling with mirrored borders instead of the paper's low-pass filtered one.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

TRANSLATION = 0.125
"""Of the side: whole-pixel shifts are uniform within it, fractional ones normal with this deviation."""
LOG2_SCALE = 0.2
LOG2_CONTRAST = 0.5
LOG2_SATURATION = 1.0
BRIGHTNESS = 0.2
LUMA = 1.0 / math.sqrt(3.0)
"""The grey axis of RGB."""


class Augmenter:
    """Draws from ``source``; the same state draws the same transformations."""

    def __init__(self, source: torch.Generator) -> None:
        self.source = source

    def __call__(self, images: Tensor, p: float) -> Tensor:
        """images: (N, 3, S, S) in -1..1; p: probability of each transformation. Same shape."""
        if p <= 0.0:
            return images
        n, _, side, _ = images.shape
        geometry = self._geometry(n, side, p).to(images.device)
        grid = F.affine_grid(geometry[:, :2].to(images.dtype), list(images.shape), align_corners=False)
        moved = F.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
        colour = self._colour(n, p).to(images)
        return torch.einsum("nij,njhw->nihw", colour[:, :3, :3], moved) + colour[:, :3, 3, None, None]

    def _uniform(self, n: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        return torch.rand(n, generator=self.source) * (high - low) + low

    def _normal(self, n: int, deviation: float) -> Tensor:
        return torch.randn(n, generator=self.source) * deviation

    def _sometimes(self, value: Tensor, neutral: float, p: float) -> Tensor:
        """``value`` with probability p, else ``neutral``."""
        return torch.where(self._uniform(len(value)) < p, value, torch.full_like(value, neutral))

    def _geometry(self, n: int, side: int, p: float) -> Tensor:
        """(n, 3, 3) maps from output to input coordinates, both -1..1."""
        # Rotation before and after the stretch, together with probability p (paper, appendix B.2).
        p_half = 1.0 - math.sqrt(1.0 - p)
        flip = self._sometimes(torch.full((n,), -1.0), 1.0, p * 0.5)
        quarter = self._sometimes((self._uniform(n) * 4).floor() * (math.pi / 2), 0.0, p)
        whole = [self._whole_pixels(n, side, p) for _ in range(2)]
        size = self._sometimes(2.0 ** self._normal(n, LOG2_SCALE), 1.0, p)
        stretch = self._sometimes(2.0 ** self._normal(n, LOG2_SCALE), 1.0, p)
        turns = [self._sometimes(self._uniform(n, -math.pi, math.pi), 0.0, p_half) for _ in range(2)]
        shift = [self._sometimes(2 * self._normal(n, TRANSLATION), 0.0, p) for _ in range(2)]
        one = torch.ones(n)
        return (
            scaling(flip, one)
            @ rotation(quarter)
            @ translation(whole[0], whole[1])
            @ scaling(size, size)
            @ rotation(turns[0])
            @ scaling(stretch, 1.0 / stretch)
            @ rotation(turns[1])
            @ translation(shift[0], shift[1])
        )

    def _whole_pixels(self, n: int, side: int, p: float) -> Tensor:
        pixels = (self._uniform(n, -TRANSLATION, TRANSLATION) * side).round()
        return self._sometimes(2.0 * pixels / side, 0.0, p)

    def _colour(self, n: int, p: float) -> Tensor:
        """(n, 4, 4) homogeneous maps of RGB in -1..1."""
        grey = torch.tensor([LUMA, LUMA, LUMA])
        onto_grey = torch.outer(grey, grey)
        shift = self._sometimes(self._normal(n, BRIGHTNESS), 0.0, p)
        contrast = self._sometimes(2.0 ** self._normal(n, LOG2_CONTRAST), 1.0, p)
        flip = self._sometimes(torch.ones(n), 0.0, p * 0.5)
        angle = self._sometimes(self._uniform(n, -math.pi, math.pi), 0.0, p)
        saturation = self._sometimes(2.0 ** self._normal(n, LOG2_SATURATION), 1.0, p)
        linear = torch.eye(3)[None] * contrast[:, None, None]
        linear = (torch.eye(3)[None] - 2.0 * onto_grey[None] * flip[:, None, None]) @ linear
        linear = about_grey(angle) @ linear
        keep = saturation[:, None, None]
        linear = (onto_grey[None] + (torch.eye(3)[None] - onto_grey[None]) * keep) @ linear
        out = torch.eye(4).repeat(n, 1, 1)
        out[:, :3, :3] = linear
        out[:, :3, 3] = (linear @ shift[:, None, None].expand(n, 3, 1))[..., 0]
        return out


def scaling(x: Tensor, y: Tensor) -> Tensor:
    """(n,), (n,) -> (n, 3, 3)."""
    return torch.diag_embed(torch.stack([x, y, torch.ones_like(x)], -1))


def rotation(angle: Tensor) -> Tensor:
    """(n,) radians -> (n, 3, 3)."""
    out = torch.eye(3).repeat(len(angle), 1, 1)
    out[:, 0, 0] = out[:, 1, 1] = angle.cos()
    out[:, 0, 1], out[:, 1, 0] = -angle.sin(), angle.sin()
    return out


def translation(x: Tensor, y: Tensor) -> Tensor:
    """(n,), (n,) -> (n, 3, 3)."""
    out = torch.eye(3).repeat(len(x), 1, 1)
    out[:, 0, 2], out[:, 1, 2] = x, y
    return out


def about_grey(angle: Tensor) -> Tensor:
    """Hue rotation: (n,) radians -> (n, 3, 3) rotation about the grey axis (Rodrigues' formula)."""
    cross = LUMA * torch.tensor([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])
    sin, cos = angle.sin()[:, None, None], angle.cos()[:, None, None]
    return torch.eye(3)[None] + sin * cross + (1.0 - cos) * (cross @ cross)
