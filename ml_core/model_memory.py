"""Bytes that a model's tensors take, wherever they hang in the object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

DEPTH = 4
"""Wrapper, bundle of networks, network, table: deeper than any model of ours."""


def bytes_of(model: Any) -> int:
    """Parameters and buffers of every network, and arrays beside them; each counted once."""
    seen: dict[int, int] = {}
    _collect(model, seen, DEPTH)
    return sum(seen.values())


def _collect(value: Any, seen: dict[int, int], depth: int) -> None:
    if isinstance(value, np.ndarray):
        seen[id(value)] = value.nbytes
    elif hasattr(value, "parameters") and hasattr(value, "buffers"):
        for tensor in (*value.parameters(), *value.buffers()):
            seen[tensor.data_ptr()] = tensor.numel() * tensor.element_size()
    elif hasattr(value, "data_ptr") and hasattr(value, "element_size"):
        seen[value.data_ptr()] = value.numel() * value.element_size()
    elif depth:
        for part in _parts(value):
            _collect(part, seen, depth - 1)


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, list | tuple):
        yield from value
    elif hasattr(value, "__dict__") and not isinstance(value, type):
        yield from vars(value).values()
