"""Losses of StyleGAN2: non-saturating logistic, R1 and path length (Karras 2020, sections 2 and 3.2)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

PATH_DECAY = 0.01


def discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """Logits (N, 1) each -> scalar (Goodfellow 2014)."""
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def generator_loss(fake: Tensor) -> Tensor:
    """Logits (N, 1) -> scalar, non-saturating."""
    return F.softplus(-fake).mean()


def r1_penalty(discriminator: nn.Module, images: Tensor) -> Tensor:
    """Mean squared gradient norm at real pictures (Mescheder 2018, equation 9).

    The gradient is taken at what the discriminator is shown, after augmentation, which needs no second
    derivative of the resampling.
    """
    shown = images.detach().requires_grad_(True)
    (slope,) = torch.autograd.grad(discriminator(shown).sum(), shown, create_graph=True)
    return slope.square().sum((1, 2, 3)).mean()


def path_length_penalty(image: Tensor, w_plus: Tensor, mean: Tensor, random: Tensor) -> tuple[Tensor, Tensor]:
    """Squared deviation of |J^T y| from its running mean (Karras 2020, equation 4).

    image: (N, 3, S, S) made from w_plus (N, L, D) with a graph; random: like image, normal;
    mean: scalar. Returns the penalty and the new running mean.
    """
    (slope,) = torch.autograd.grad(
        (image * random).sum() / math.sqrt(image.shape[2] * image.shape[3]), w_plus, create_graph=True
    )
    lengths = slope.square().sum(2).mean(1).sqrt()
    new_mean = mean + PATH_DECAY * (lengths.mean().detach() - mean)
    return (lengths - new_mean).square().mean(), new_mean
