"""Layer-swap blending of two related generators (Pinkney & Adler 2020, arXiv 2010.05334).

The first model gives the low resolutions (structure), the second the high ones (texture).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from torch import Tensor

from ml_core.torch_weights import State

_BLOCK_LAYER = re.compile(r"(convs|to_rgbs)\.(\d+)\.")


def layer_position(name: str) -> int | None:
    """Position of a tensor's layer: 2 log2(resolution / 4) for level 0, one more for level 1.

    Level 0 is the up-convolution (the constant at 4x4); level 1 the second convolution and the
    to-RGB. None for what is never blended: mapping, noise buffers and the 4x4 styled convolution,
    which the published name match leaves out.
    """
    if name.startswith("input."):
        return 0
    if name.startswith("to_rgb1."):
        return 1
    found = _BLOCK_LAYER.match(name)
    if found is None:
        return None
    index = int(found[2])
    return index + 2 if found[1] == "convs" else 2 * index + 3


def share_of_second(position: int, start: int, width: float | None) -> float:
    """0..1. Without width the swap is hard and begins after ``start + 1``, as published (not at it)."""
    if width is None:
        return 1.0 if position - start > 1 else 0.0
    return 1.0 / (1.0 + math.exp(-(position - start) / width))


def blend(
    first: Mapping[str, Tensor],
    second: Mapping[str, Tensor],
    resolution: int,
    *,
    level: int = 0,
    width: float | None = None,
) -> State:
    """Mixed state dict of two generators of the same size, related by fine-tuning.

    resolution: 4, 8, 16, ...; level: 0 or 1; width: softness in layers, None for a hard swap.
    With level 0 and no width the whole chosen resolution still comes from the first model.
    """
    if resolution < 4 or resolution & (resolution - 1):
        raise ValueError(f"resolution must be a power of two from 4, not {resolution}")
    if width is not None and width <= 0:
        raise ValueError("width must be positive; None is the hard swap")
    start = 2 * int(math.log2(resolution / 4)) + level
    mixed: State = {}
    for name, tensor in first.items():
        position = layer_position(name)
        share = 0.0 if position is None else share_of_second(position, start, width)
        mixed[name] = tensor if share == 0.0 else (1.0 - share) * tensor + share * second[name]
    return mixed
