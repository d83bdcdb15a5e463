"""A network of twice the side that begins as the smaller one (progressive growing, Karras et al. 2018).

In StyleGAN2's skip generator the step is exact: with a new to-RGB of zero, the picture is the enlarged one.
"""

from __future__ import annotations

import copy
import re
from dataclasses import replace

import torch
from torch import Tensor

from ml_core.toonify.stylegan2.checkpoint import NetworkShape
from ml_core.training.style.trainer import Networks, networks_from_scratch

_BLOCK = re.compile(r"^convs\.(\d+)\.")


def grown(networks: Networks, shape: NetworkShape, seed: int = 0) -> tuple[Networks, NetworkShape]:
    """Networks of twice ``shape.size``; all layers that both have are copied.

    The discriminator's first block and its from-RGB are new; its old blocks move one place down.
    Channel widths must agree, which they do for tiny networks and up to 32 px for all.
    """
    larger = replace(shape, size=2 * shape.size)
    new = networks_from_scratch(larger, seed)
    state = new.g.state_dict()
    state.update(networks.ema.state_dict())
    last = len(new.g.to_rgbs) - 1
    state[f"to_rgbs.{last}.conv.weight"] = torch.zeros_like(state[f"to_rgbs.{last}.conv.weight"])
    new.g.load_state_dict(state)
    judged = new.d.state_dict()
    judged.update(_one_place_down(networks.d.state_dict()))
    new.d.load_state_dict(judged)
    return Networks(new.g, new.d, copy.deepcopy(new.g)), larger


def _one_place_down(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Names of a discriminator's blocks in one with a block more before them; without its from-RGB."""
    moved = {}
    for name, tensor in state.items():
        found = _BLOCK.match(name)
        if found is None:
            moved[name] = tensor
        elif int(found[1]) > 0:
            moved[_BLOCK.sub(f"convs.{int(found[1]) + 1}.", name)] = tensor
    return moved
