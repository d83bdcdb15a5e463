"""Adaptive augmentation probability (Karras et al. 2020, arXiv 2006.06676, section 3.1, equation 1)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

TARGET = 0.6
"""Wanted r_t = E[sign(D(real))]: 0 means no overfitting, 1 that every training picture is recognised."""


@dataclass
class AdaptiveProbability:
    """Raises p while r_t is above the target, lowers it below.

    images_to_one: training images in which p may climb from 0 to 1 (paper: 500 000).
    """

    images_to_one: int
    target: float = TARGET
    p: float = 0.0
    signs: float = 0.0
    seen: int = 0

    def observe(self, real_logits: Tensor) -> None:
        """Counts the signs of the discriminator's answers to real (augmented) pictures."""
        self.signs += float(torch.sign(real_logits.detach()).sum())
        self.seen += real_logits.numel()

    def adapt(self) -> float:
        """Moves p by what the observed pictures allow, forgets them, returns r_t (0 if none were seen)."""
        if not self.seen:
            return 0.0
        overfitting = self.signs / self.seen
        step = self.seen / self.images_to_one
        self.p = min(1.0, max(0.0, self.p + (step if overfitting > self.target else -step)))
        self.signs, self.seen = 0.0, 0
        return overfitting
