"""Kernel inception distance (Binkowski et al. 2018) on features that need no download.

The features are those of a fixed random convolutional network (as in deep image priors and random-feature
metrics), so values compare runs of this repository with each other and never with published KIDs.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

WIDTHS = (48, 96, 128)
SEED = 20180104
CELLS = 4
"""Every feature map is averaged over a grid of this many cells a side: composition counts, pixels do not."""
CHUNK = 64
SMALLEST_SPREAD = 1e-4
"""A group that never varies (cells of one pixel have no deviation) counts for nothing."""
GROUPS = [3 * CELLS**2, *(width * CELLS**2 for width in WIDTHS for _ in ("mean", "deviation"))]
"""Sizes of the feature groups: colours, then mean and deviation of every map."""


class RandomFeatures(nn.Module):
    """(N, 3, S, S) in -1..1 -> (N, F): mean and deviation of three random feature maps per cell."""

    def __init__(self) -> None:
        super().__init__()
        source = torch.Generator().manual_seed(SEED)
        self.filters = nn.ParameterList()
        inputs = 3
        for width in WIDTHS:
            weight = torch.randn(width, inputs, 3, 3, generator=source)
            # No mean over the taps: the filters see structure, and colour differences between channels.
            flat = (weight - weight.mean((2, 3), keepdim=True) * 0.5).flatten(1)
            weight = F.normalize(flat, dim=1).reshape(weight.shape)
            self.filters.append(nn.Parameter(weight, requires_grad=False))
            inputs = width

    def forward(self, images: Tensor) -> Tensor:
        """images: (N, 3, S, S), S at least 16."""
        found = [F.adaptive_avg_pool2d(images, CELLS).flatten(1)]
        x = images
        for weight in self.filters:
            x = F.leaky_relu(F.conv2d(x, weight, padding=1), 0.2)
            mean = F.adaptive_avg_pool2d(x, CELLS)
            power = F.adaptive_avg_pool2d(x.square(), CELLS)
            found += [mean.flatten(1), (power - mean.square()).clamp_min(1e-8).sqrt().flatten(1)]
            x = F.avg_pool2d(x, 2)
        return torch.cat(found, 1)


@torch.no_grad()
def features_of(images: Tensor, network: RandomFeatures) -> Tensor:
    """(N, 3, S, S) in -1..1 -> (N, F), in chunks."""
    return torch.cat([network(chunk.clamp(-1, 1)) for chunk in images.split(CHUNK)])


def kernel_distance(real: Tensor, fake: Tensor) -> float:
    """Unbiased squared MMD with the cubic kernel. real: (N, F), fake: (M, F).

    Features are centred and brought to unit mean variance per group (see :class:`RandomFeatures`) by the
    real ones, so that no feature map outweighs the others; not singly, since a cell that is always plain
    wall would then outweigh everything.
    """
    mean = real.mean(0)
    spread = torch.cat(
        [
            group.var(0).mean().sqrt().clamp_min(SMALLEST_SPREAD).expand(group.shape[1])
            for group in real.split(GROUPS, 1)
        ]
    )
    x, y = (((features - mean) / spread).double() for features in (real, fake))

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return (a @ b.t() / a.shape[1] + 1.0) ** 3

    def off_diagonal(a: Tensor) -> Tensor:
        gram = kernel(a, a)
        return (gram.sum() - gram.diagonal().sum()) / (len(a) * (len(a) - 1))

    return float(off_diagonal(x) + off_diagonal(y) - 2.0 * kernel(x, y).mean())
