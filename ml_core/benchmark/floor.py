"""What a device can do at best: measured matrix rate and bandwidth, and the time they allow a network.

The roofline model (Williams, Waterman & Patterson 2009).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.utils.flop_counter import FlopCounterMode

LEAST_SECONDS = 0.5
"""A measurement repeats until it has taken this long."""


@dataclass(frozen=True)
class Floor:
    """tflops: matrix rate in the named precision; tflops_fp32: without TF32; gbytes: copies, both ways."""

    device: str
    precision: str
    tflops: float
    tflops_fp32: float
    gbytes: float

    def milliseconds(self, gflop: float, mbytes: float) -> float:
        """The least time for that much arithmetic and that much memory traffic."""
        return max(gflop / self.tflops, mbytes / self.gbytes)


def wait_for(device: torch.device) -> None:
    """Until the device has done all it was told."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def seconds_per_call(
    work: Callable[[], object], device: torch.device, *, least: float = LEAST_SECONDS
) -> float:
    """Median over repetitions, after one warm-up call."""
    work()
    wait_for(device)
    taken: list[float] = []
    while sum(taken) < least or len(taken) < 3:
        start = time.perf_counter()
        work()
        wait_for(device)
        taken.append(time.perf_counter() - start)
    return sorted(taken)[len(taken) // 2]


def measure_floor(device: torch.device, precision: torch.dtype, side: int, copied_mb: int) -> Floor:
    """side: of the square matrices multiplied; copied_mb: size of the tensor copied."""

    def rate(dtype: torch.dtype) -> float:
        a = torch.randn(side, side, device=device).to(dtype)
        seconds = seconds_per_call(lambda: a @ a, device)
        return 2.0 * side**3 / seconds / 1e12

    block = torch.empty(copied_mb * 250_000, device=device)
    target = torch.empty_like(block)
    seconds = seconds_per_call(lambda: target.copy_(block), device)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
    return Floor(
        device=name,
        precision=str(precision).removeprefix("torch."),
        tflops=rate(precision),
        tflops_fp32=rate(torch.float32),
        gbytes=2.0 * block.numel() * 4 / seconds / 1e9,
    )


def gflop_of(work: Callable[[], object]) -> float:
    """GFLOP of one call: 2 x multiply-adds of its convolutions and matrix products."""
    with FlopCounterMode(display=False) as counter:
        work()
    return float(counter.get_total_flops()) / 1e9
