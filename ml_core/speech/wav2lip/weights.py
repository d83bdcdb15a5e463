"""Loads the published Wav2Lip files: training checkpoints, and the scripted archives of newer links."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import torch

from ml_core.errors import WeightsUnavailable
from ml_core.speech.wav2lip.generator import FIRST_WIDTH, Generator
from ml_core.torch_weights import State, install, read_checkpoint, state_under

STATE_KEYS = ("state_dict",)


def load_generator(path: Path) -> Generator:
    """In eval mode, on the CPU.

    Raises WeightsUnavailable: ``weights_missing``, ``weights_corrupt``, ``weights_wrong_network``.
    """
    state = _scripted_state(path) if _is_scripted(path) else state_under(read_checkpoint(path), STATE_KEYS)
    network = Generator(_narrowing(state)).eval().requires_grad_(False)
    install(network, state, "Wav2Lip")
    return network


def _narrowing(state: State) -> int:
    """By how much this network is narrower than the published one; 1 for files of another network, which
    ``install`` then refuses.
    """
    first = state.get("face_encoder_blocks.0.0.conv_block.0.weight")
    width = 0 if first is None else first.shape[0]
    return FIRST_WIDTH // width if width and FIRST_WIDTH % width == 0 else 1


def _is_scripted(path: Path) -> bool:
    """TorchScript archives carry a ``code`` folder; checkpoints do not."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any("/code/" in name for name in archive.namelist())


def _scripted_state(path: Path) -> State:
    """The tensors of a scripted archive. Its methods are compiled on reading, never run."""
    try:
        scripted: Any = torch.jit.load(path, map_location="cpu")
    except RuntimeError as error:
        raise WeightsUnavailable(
            "weights_corrupt", f"{path} is a damaged TorchScript archive; fetch it again.", path=str(path)
        ) from error
    state: State = scripted.state_dict()
    return state_under(state, ())
