"""The real work that is served: one network that batches well on a CPU, and one that takes items singly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ml_core.animation.liveportrait.weights import untrained_networks
from ml_core.device import default_plan
from ml_core.face.nets import MESH_SIDE, FaceNets
from ml_core.service import Batch, Operation
from ml_core.torch_batches import TorchBatches

SIDE = 64
"""Side of the pictures: small enough that the weights, not the pixels, are what a single item pays for."""
LIMIT = 16
WINDOW_S = 0.02
"""A sixteenth of a batch on a CPU: callers in threads of one process take a few milliseconds to return."""

Picture = NDArray[np.uint8]
Network = Callable[[Sequence[Picture]], Sequence[Any]]


class MotionVector(nn.Module):
    """LivePortrait's motion extractor with all its answers in one vector. Random weights: as fast as any."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.motion = untrained_networks().motion

    def forward(self, pictures: Tensor) -> Tensor:
        """pictures: (B, 3, SIDE, SIDE) uint8 RGB -> (B, 265) float32."""
        answers = self.motion(pictures.float() / 255.0)
        return torch.cat([answer.flatten(1) for answer in answers.values()], dim=1)


def motion_batches(device: str) -> TorchBatches:
    return TorchBatches(MotionVector(), device, default_plan(device))


def pictures(count: int) -> list[Picture]:
    """Noise, the same every time: (3, SIDE, SIDE) uint8."""
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (3, SIDE, SIDE), np.uint8) for _ in range(count)]


def poisoned() -> Picture:
    """Has the key of the others but the wrong channels: breaks every batch, and cannot be run alone."""
    return np.zeros((2, SIDE, SIDE), np.uint8)


def motion_operation(network: Network, limit: int) -> Operation:
    def run(batch: Batch) -> Sequence[Any]:
        return network(batch.items)

    return Operation(
        run,
        batch_limit=limit,
        batch_key=lambda picture: picture.shape[1:],
        window_s=WINDOW_S,
        queue_limit=1024,
        finite=True,
    )


class MeshItems:
    """The face mesh of the default engine, one picture at a time."""

    def __init__(self) -> None:
        self.nets = FaceNets()
        self.picture = np.full((MESH_SIDE, MESH_SIDE, 3), 128, np.uint8)

    def __call__(self, picture: Picture) -> NDArray[np.float32]:
        """picture: (MESH_SIDE, MESH_SIDE, 3) uint8 RGB -> (468, 3)."""
        return self.nets.mesh(picture)[0]
