"""Dense motion of the warping module: 21 key-point motions and the identity, softly assigned.

Wang 2021 (arXiv 2011.15126), section 3.2; Guo 2024, section 3.1.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from ml_core.animation.liveportrait.appearance import VOLUME_CHANNELS, VOLUME_DEPTH

KEY_POINTS = 21
COMPRESSED = 4
HEAT_VARIANCE = 0.01
"""Variance of the Gaussian bump around a key point, in grid units (the volume spans -1..1)."""
MOTIONS = KEY_POINTS + 1
WIDEST = 1024
LONGEST_REACH = 3
"""Cells on each side that the mask sees: a kernel of 7."""


def coordinate_grid(depth: int, height: int, width: int, like: Tensor) -> Tensor:
    """(depth, height, width, 3) x, y, z in -1..1 including both ends, dtype and device of ``like``."""
    z, y, x = (
        torch.linspace(-1.0, 1.0, n, device=like.device, dtype=like.dtype) for n in (depth, height, width)
    )
    grid_z, grid_y, grid_x = torch.meshgrid(z, y, x, indexing="ij")
    return torch.stack([grid_x, grid_y, grid_z], -1)


def sample_volume(volume: Tensor, where: Tensor) -> Tensor:
    """Trilinear, zeros outside. volume: (B, C, D, H, W); where: (B, D, H, W, 3). Half-pixel corners although
    the grid includes its ends: published so, kept so.
    """
    # Places are float32 also under autocast: in half precision they would be off by a thirtieth of a cell.
    common = torch.promote_types(volume.dtype, where.dtype)
    return F.grid_sample(volume.to(common), where.to(common), mode="bilinear", align_corners=False)


class Conv3dBlock(nn.Module):
    """3x3x3 convolution, batch norm, ReLU, then pooling (1, 2, 2) or, before, doubling (1, 2, 2)."""

    def __init__(self, inputs: int, outputs: int, *, up: bool = False) -> None:
        super().__init__()
        self.conv = nn.Conv3d(inputs, outputs, 3, padding=1)
        self.norm = nn.BatchNorm3d(outputs)
        self.up = up

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, inputs, D, H, W)."""
        if self.up:
            x = F.interpolate(x, scale_factor=(1.0, 2.0, 2.0))
        out: Tensor = torch.relu(self.norm(self.conv(x)))
        return out if self.up else F.avg_pool3d(out, (1, 2, 2))


class Encoder(nn.Module):
    """Five halvings; keeps every level."""

    def __init__(self, inputs: int, narrow: int = 1) -> None:
        super().__init__()
        widths = [inputs, *(min(WIDEST, 64 << level) // narrow for level in range(5))]
        self.down_blocks = nn.ModuleList(Conv3dBlock(a, b) for a, b in pairwise(widths))

    def forward(self, x: Tensor) -> list[Tensor]:
        """x: (B, 110, 16, 64, 64). Returns the input and five levels, finest first."""
        levels = [x]
        for block in self.down_blocks:
            levels.append(block(levels[-1]))
        return levels


class Decoder(nn.Module):
    """Five doublings with skips, then one convolution."""

    def __init__(self, inputs: int, narrow: int = 1) -> None:
        super().__init__()
        pairs = ((1024, 512), (1024, 256), (512, 128), (256, 64), (128, 32))
        self.up_blocks = nn.ModuleList(Conv3dBlock(a // narrow, b // narrow, up=True) for a, b in pairs)
        self.out_channels = 32 // narrow + inputs
        self.conv = nn.Conv3d(self.out_channels, self.out_channels, 3, padding=1)
        self.norm = nn.BatchNorm3d(self.out_channels)

    def forward(self, levels: list[Tensor]) -> Tensor:
        """levels: as :class:`Encoder` returns them. Returns (B, 142, 16, 64, 64)."""
        skips = list(levels)
        x = skips.pop()
        for block in self.up_blocks:
            x = torch.cat([block(x), skips.pop()], 1)
        out: Tensor = torch.relu(self.norm(self.conv(x)))
        return out


class Hourglass(nn.Module):
    """(B, 110, 16, 64, 64) -> (B, 142, 16, 64, 64)."""

    def __init__(self, inputs: int, narrow: int = 1) -> None:
        super().__init__()
        self.encoder = Encoder(inputs, narrow)
        self.decoder = Decoder(inputs, narrow)
        self.out_channels = self.decoder.out_channels

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, 110, D, H, W)."""
        out: Tensor = self.decoder(self.encoder(x))
        return out


class DenseMotionNetwork(nn.Module):
    """Feature volume and two sets of key points -> where every cell of the volume comes from.

    narrow: see AppearanceFeatureExtractor; a narrow network also sees less far, for most of its time would go
    into the 7 x 7 x 7 kernel.
    """

    def __init__(self, narrow: int = 1) -> None:
        super().__init__()
        self.compressed = max(1, COMPRESSED // narrow)
        reach = LONGEST_REACH if narrow == 1 else 1
        self.hourglass = Hourglass(MOTIONS * (self.compressed + 1), narrow)
        deep = self.hourglass.out_channels
        self.mask = nn.Conv3d(deep, MOTIONS, 2 * reach + 1, padding=reach)
        self.compress = nn.Conv3d(VOLUME_CHANNELS // narrow, self.compressed, 1)
        self.norm = nn.BatchNorm3d(self.compressed)
        self.occlusion = nn.Conv2d(deep * VOLUME_DEPTH, 1, 7, padding=3)

    def forward(self, feature: Tensor, kp_source: Tensor, kp_driving: Tensor) -> tuple[Tensor, Tensor]:
        """feature: (B, 32, 16, 64, 64); key points: (B, 21, 3).

        Returns deformation (B, 16, 64, 64, 3) and occlusion (B, 1, 64, 64) in 0..1.
        """
        batch, _, depth, height, width = feature.shape
        grid = coordinate_grid(depth, height, width, kp_driving)
        motions = self._sparse_motions(grid, kp_source, kp_driving)
        small = torch.relu(self.norm(self.compress(feature)))
        copies = small.repeat_interleave(MOTIONS, 0)
        moved = sample_volume(copies, motions.flatten(0, 1)).reshape(
            batch, MOTIONS, self.compressed, depth, height, width
        )
        heat = self._heat_maps(grid, kp_source, kp_driving).to(moved.dtype)
        deep = self.hourglass(torch.cat([heat, moved], 2).flatten(1, 2))
        assignment = torch.softmax(self.mask(deep), 1).to(motions.dtype)
        deformation = (assignment.unsqueeze(-1) * motions).sum(1)
        occlusion = torch.sigmoid(self.occlusion(deep.flatten(1, 2)))
        return deformation, occlusion

    @staticmethod
    def _sparse_motions(grid: Tensor, kp_source: Tensor, kp_driving: Tensor) -> Tensor:
        """(B, 22, D, H, W, 3); index 0 is the identity."""
        shift = kp_source - kp_driving
        moved = grid[None, None] + shift[:, :, None, None, None]
        still = grid[None, None].expand(len(shift), -1, -1, -1, -1, -1)
        return torch.cat([still, moved], 1)

    @staticmethod
    def _heat_maps(grid: Tensor, kp_source: Tensor, kp_driving: Tensor) -> Tensor:
        """(B, 22, 1, D, H, W): bump at the driving point minus bump at the source point; 0 first."""

        def bumps(points: Tensor) -> Tensor:
            away = grid[None, None] - points[:, :, None, None, None]
            return torch.exp(-0.5 * away.square().sum(-1) / HEAT_VARIANCE)

        heat = bumps(kp_driving) - bumps(kp_source)
        return torch.cat([torch.zeros_like(heat[:, :1]), heat], 1).unsqueeze(2)
