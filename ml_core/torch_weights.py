"""Reads checkpoints of torch networks: safetensors, or torch files without code in them.

This and ``torch_batches`` import torch outside the network rooms; nothing of the default engine imports them.
"""

from __future__ import annotations

import argparse
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from ml_core.errors import WeightsUnavailable

State = dict[str, Tensor]
"""Tensor name -> tensor, as ``nn.Module.state_dict`` returns it."""

HARMLESS: list[Callable[..., Any] | tuple[Callable[..., Any], str]] = [argparse.Namespace]
"""Published training checkpoints carry their command line; it holds names and values, no code."""

SHOWN = 300
"""Letters of torch's list of differences in a message."""


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Content of a checkpoint file, on the CPU.

    ``.safetensors`` files are read by safetensors, everything else by ``torch.load`` with
    ``weights_only=True``, so a file can never run code.

    Raises WeightsUnavailable: ``weights_missing``, ``weights_corrupt``.
    """
    if not path.is_file():
        raise WeightsUnavailable(
            "weights_missing",
            f"There is no weights file at {path}; fetch it with `manage.py models pull`.",
            path=str(path),
        )
    try:
        if path.suffix == ".safetensors":
            content: Any = load_file(path)
        else:
            with torch.serialization.safe_globals(HARMLESS):
                content = torch.load(path, map_location="cpu", weights_only=True)
    except (
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
        KeyError,
        SafetensorError,
        pickle.UnpicklingError,
    ) as error:
        raise WeightsUnavailable(
            "weights_corrupt",
            f"{path} cannot be read as weights without running code ({type(error).__name__}); "
            "fetch it again, or convert it to safetensors where it was made.",
            path=str(path),
        ) from error
    if not isinstance(content, dict):
        raise WeightsUnavailable(
            "weights_corrupt", f"{path} holds a {type(content).__name__}, not named tensors.", path=str(path)
        )
    return content


def state_under(content: Mapping[str, Any], keys: tuple[str, ...], strip: str = "module.") -> State:
    """The state dict stored under the first of ``keys`` that exists, else ``content`` itself.

    ``strip`` is removed from the front of names (DataParallel wrote them).
    Raises WeightsUnavailable (``weights_wrong_network``) when there are no tensors in it.
    """
    inner = next((content[key] for key in keys if isinstance(content.get(key), Mapping)), content)
    state = {name.removeprefix(strip): value for name, value in inner.items() if isinstance(value, Tensor)}
    if not state:
        raise WeightsUnavailable("weights_wrong_network", "The file holds no named tensors.", wanted=keys)
    return state


def install(module: nn.Module, state: Mapping[str, Tensor], name: str) -> None:
    """Copy ``state`` into ``module``; every name and shape must agree.

    Raises WeightsUnavailable (``weights_wrong_network``) naming the first differences.
    """
    try:
        module.load_state_dict(dict(state), strict=True)
    except RuntimeError as error:
        raise WeightsUnavailable(
            "weights_wrong_network",
            f"The file does not hold the weights of {name}: {_first_differences(error)}",
            network=name,
        ) from error


def _first_differences(error: RuntimeError) -> str:
    """torch's list of them on one line, without its title."""
    _title, _, differences = str(error).partition("\n")
    line = " ".join((differences or str(error)).split())
    return line if len(line) <= SHOWN else f"{line[:SHOWN]} ..."
