"""Perceptual distance that needs no download: a Laplacian pyramid and, where there is one, the
discriminator's own features.

Bojanowski et al. 2018 ("Optimizing the Latent Space of Generative Networks", Lap1 loss);
Wang et al. 2018 ("pix2pixHD", feature matching).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from ml_core.toonify.stylegan2.discriminator import Discriminator

JUDGED_SIDE = 256
"""Larger pictures are compared at this side, as Karras 2020 (appendix D) does."""
COARSEST = 8
FEATURE_WEIGHT = 0.5


class PerceptualDistance(nn.Module):
    """(N, 3, S, S) twice, in -1..1 -> scalar.

    discriminator: trained on the same pictures; compared by its block outputs except the first and last.
    """

    def __init__(self, discriminator: Discriminator | None = None) -> None:
        super().__init__()
        self.discriminator = None if discriminator is None else discriminator.eval().requires_grad_(False)

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """Zero for equal pictures."""
        loss = laplacian_distance(_judged(a), _judged(b))
        if self.discriminator is None:
            return loss
        pairs = list(zip(self.discriminator.features(a), self.discriminator.features(b), strict=True))[1:-1]
        apart = [(x - y).abs().mean() / y.abs().mean().clamp_min(1e-6) for x, y in pairs]
        return loss + FEATURE_WEIGHT * torch.stack(apart).mean()


def _judged(image: Tensor) -> Tensor:
    factor = image.shape[-1] // JUDGED_SIDE
    return F.avg_pool2d(image, factor) if factor > 1 else image


def laplacian_distance(a: Tensor, b: Tensor) -> Tensor:
    """Sum over octaves of the mean absolute difference; coarse octaves count as much as fine ones."""
    total = a.new_zeros(())
    while a.shape[-1] > COARSEST:
        small_a, small_b = F.avg_pool2d(a, 2), F.avg_pool2d(b, 2)
        detail_a = a - F.interpolate(small_a, scale_factor=2.0)
        detail_b = b - F.interpolate(small_b, scale_factor=2.0)
        total = total + (detail_a - detail_b).abs().mean()
        a, b = small_a, small_b
    return total + (a - b).abs().mean()
