"""From a picture to w+: an interface, and the optimisation that needs nothing but the generator.

Karras 2020, appendix D, in the extended space W+ (Abdal 2019, "Image2StyleGAN").
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from ml_core.toonify.stylegan2.generator import Generator
from ml_core.toonify.stylegan2.perceptual import PerceptualDistance


class Encoder(Protocol):
    """Anything that turns aligned pictures into w+: a trained network (pSp, e4e) or an optimisation."""

    def encode(self, images: Tensor) -> Tensor:
        """images: (N, 3, size, size) RGB in -1..1 -> (N, L, style_dim)."""


@dataclass(frozen=True)
class ProjectionOptions:
    """steps: optimisation steps; shared: share of them in which all rows are one w, which finds the pose
    before the details; learning_rate: peak; noise: strength of the exploring noise; near: pull towards the
    mean, which keeps the rows where blending works.
    """

    steps: int = 200
    shared: float = 0.3
    learning_rate: float = 0.1
    noise: float = 0.05
    near: float = 0.01
    ramp_up: float = 0.05
    ramp_down: float = 0.25


class OptimisingEncoder:
    """Finds w+ by gradient descent through the generator.

    w_samples: latents used for the mean and spread of w. ``watch`` is called with step and loss.
    """

    def __init__(
        self,
        generator: Generator,
        distance: PerceptualDistance | None = None,
        options: ProjectionOptions | None = None,
        watch: Callable[[int, float], None] | None = None,
        w_samples: int = 4096,
    ) -> None:
        self.generator = generator
        self.distance = distance or PerceptualDistance()
        self.options = options or ProjectionOptions()
        self.watch = watch
        source = torch.Generator().manual_seed(0)
        z = torch.randn(w_samples, generator.style_dim, generator=source)
        with torch.no_grad():
            w = generator.map(z.to(generator.input.input.device))
        self.mean = w.mean(0, keepdim=True)
        self.deviation = float((w - self.mean).square().mean().sqrt())

    def encode(self, images: Tensor) -> Tensor:
        """images: (N, 3, size, size) RGB in -1..1 -> (N, L, style_dim)."""
        options, count = self.options, len(images)
        source = torch.Generator().manual_seed(0)
        shared = self.mean.unsqueeze(1).repeat(count, 1, 1).requires_grad_(True)
        offsets = torch.zeros(count, self.generator.rows, self.mean.shape[1], device=images.device)
        offsets.requires_grad_(True)
        optimiser = torch.optim.Adam([shared, offsets], lr=options.learning_rate, betas=(0.9, 0.999))
        with torch.enable_grad():
            for step in range(options.steps):
                t = step / options.steps
                for group in optimiser.param_groups:
                    group["lr"] = options.learning_rate * self.deviation * self._schedule(t)
                rows = shared + (offsets if t >= options.shared else offsets.detach() * 0.0)
                explored = rows + self._noise(rows, t, source)
                loss = self.distance(self.generator(explored), images)
                pull = ((rows - self.mean) / self.deviation).square().mean()
                optimiser.zero_grad(set_to_none=True)
                (loss + options.near * pull).backward()
                optimiser.step()
                if self.watch is not None:
                    self.watch(step, float(loss.detach()))
        return (shared + offsets).detach()

    def _schedule(self, t: float) -> float:
        """0..1: linear rise, plateau, cosine fall (Karras 2020, appendix D)."""
        down = min(1.0, (1.0 - t) / self.options.ramp_down)
        return (0.5 - 0.5 * math.cos(math.pi * down)) * min(1.0, t / self.options.ramp_up + 0.05)

    def _noise(self, rows: Tensor, t: float, source: torch.Generator) -> Tensor:
        strength = self.deviation * self.options.noise * max(0.0, 1.0 - t / 0.75) ** 2
        return strength * torch.randn(rows.shape, generator=source).to(rows.device)
