"""Checkpoints in the rosinality format: what is in them and which network they fit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from ml_core.errors import WeightsUnavailable
from ml_core.toonify.stylegan2.discriminator import Discriminator
from ml_core.toonify.stylegan2.generator import Generator, channels_at, mean_w
from ml_core.torch_weights import State, install, read_checkpoint, state_under

GENERATOR_KEYS = ("g_ema", "g")
"""The moving average is the one to use; not every file has it."""


@dataclass(frozen=True)
class NetworkShape:
    """size: side of the picture; widest: channel cap of tiny networks, 512 otherwise."""

    size: int
    style_dim: int = 512
    n_mlp: int = 8
    channel_multiplier: int = 2
    widest: int = 512

    def generator(self) -> Generator:
        """A generator with fresh weights."""
        return Generator(self.size, self.style_dim, self.n_mlp, self.channel_multiplier, widest=self.widest)

    def discriminator(self) -> Discriminator:
        """A discriminator with fresh weights."""
        return Discriminator(self.size, self.channel_multiplier, widest=self.widest)


def shape_of(state: Mapping[str, Tensor]) -> NetworkShape:
    """The network a generator's state dict fits.

    Raises WeightsUnavailable (``weights_wrong_network``) when it is not a StyleGAN2 generator.
    """
    if "input.input" not in state or "style.1.weight" not in state:
        raise WeightsUnavailable(
            "weights_wrong_network", "The file holds no StyleGAN2 generator with rosinality names."
        )
    blocks = sum(name.startswith("to_rgbs.") and name.endswith(".conv.weight") for name in state)
    n_mlp = sum(name.startswith("style.") and name.endswith(".weight") for name in state)
    size = 4 << blocks
    widths = [state[f"to_rgbs.{block}.conv.weight"].shape[2] for block in range(blocks)]
    widest = max(widths)
    for multiplier in (2, 1):
        if widths == [channels_at(8 << block, multiplier, widest) for block in range(blocks)]:
            return NetworkShape(size, state["style.1.weight"].shape[1], n_mlp, multiplier, widest)
    raise WeightsUnavailable(
        "weights_wrong_network", f"No StyleGAN2 configuration has the channel widths {widths}.", widths=widths
    )


@dataclass(frozen=True)
class LoadedGenerator:
    """A generator ready for inference. mean_w: (1, style_dim), for truncation."""

    network: Generator
    state: State
    mean_w: Tensor
    shape: NetworkShape


def load_generator(path: Path) -> LoadedGenerator:
    """The generator of a checkpoint, on the CPU in eval mode.

    Raises WeightsUnavailable: ``weights_missing``, ``weights_corrupt``, ``weights_wrong_network``.
    """
    content = read_checkpoint(path)
    state = state_under(content, GENERATOR_KEYS)
    average = content.get("latent_avg")
    return build_generator(state, average if isinstance(average, Tensor) else None)


def build_generator(state: State, latent_average: Tensor | None = None) -> LoadedGenerator:
    """A generator from a state dict, for example a blended one."""
    shape = shape_of(state)
    network = shape.generator().eval().requires_grad_(False)
    install(network, state, f"StyleGAN2 {shape.size}")
    average = mean_w(network) if latent_average is None else latent_average.reshape(1, -1)
    return LoadedGenerator(network, state, average, shape)


def load_discriminator(path: Path, shape: NetworkShape) -> Discriminator:
    """The discriminator stored under ``d``.

    Raises WeightsUnavailable as :func:`load_generator`.
    """
    content = read_checkpoint(path)
    if "d" not in content:
        raise WeightsUnavailable(
            "weights_wrong_network",
            f"{path} holds no discriminator; take a training checkpoint.",
            path=str(path),
        )
    network = shape.discriminator()
    install(network, state_under(content, ("d",)), f"the StyleGAN2 discriminator {shape.size}")
    return network


def resolution_levels(size: int) -> list[int]:
    """Resolutions a blend can begin at: 4, 8, ... size."""
    return [4 << step for step in range(int(math.log2(size)) - 1)]
