"""One process per GPU under torchrun; a single process otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, distributed


@dataclass(frozen=True)
class Team:
    """rank 0 writes files. device: where this process computes."""

    rank: int
    size: int
    device: torch.device

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def average(self, parameters: Iterable[torch.nn.Parameter]) -> None:
        """Averages gradients over all processes, as DistributedDataParallel does, but also after the double
        backward passes of R1 and path length, which its hooks do not see.
        """
        slopes = [p.grad for p in parameters if p.grad is not None]
        if self.size == 1 or not slopes:
            return
        flat = torch.cat([slope.flatten() for slope in slopes])
        distributed.all_reduce(flat)
        flat /= self.size
        for slope, part in zip(slopes, flat.split([s.numel() for s in slopes]), strict=True):
            slope.copy_(part.view_as(slope))

    def total(self, value: Tensor) -> Tensor:
        """Sum over all processes."""
        if self.size > 1:
            distributed.all_reduce(value)
        return value

    def leave(self) -> None:
        """Ends the process group, together: who leaves while another still waits for its answer breaks it."""
        if self.size > 1:
            distributed.barrier()
            distributed.destroy_process_group()


def join(device: str) -> Team:
    """The team this process belongs to. Under torchrun its variables are read by torch itself.

    device: ``cpu`` or ``cuda``; under torchrun each process takes the GPU of its local rank.
    """
    if not distributed.is_torchelastic_launched():
        return Team(0, 1, torch.device(device))
    distributed.init_process_group("nccl" if device == "cuda" else "gloo")
    rank = distributed.get_rank()
    place = (
        torch.device("cuda", distributed.get_node_local_rank()) if device == "cuda" else torch.device(device)
    )
    return Team(rank, distributed.get_world_size(), place)
