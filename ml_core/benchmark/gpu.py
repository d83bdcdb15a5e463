"""Measures every network eagerly in float32 and in the fastest form, beside its floor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor

from ml_core.benchmark.floor import Floor, gflop_of, measure_floor, seconds_per_call
from ml_core.benchmark.networks import SUBJECTS, Subject
from ml_core.errors import DeviceMissing

CUDA_MATRIX, CUDA_COPY_MB = 8192, 1024
CPU_MATRIX, CPU_COPY_MB = 768, 64
TINY_BATCH = 1
GOALS = {
    "liveportrait_512": "at most 6 ms a frame, batched; published: 12.8 ms on an RTX 4090",
    "stylegan2_1024": "at least 3 x eager fp32",
}


def measure(
    device_name: str,
    *,
    tiny: bool = False,
    only: Sequence[str] = (),
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, object]:
    """One row per network. tiny: small networks, one by one, to prove that the code runs.

    Raises DeviceMissing (``no_gpu``) when CUDA is asked for and not there.
    """
    if device_name == "cuda" and not torch.cuda.is_available():
        raise DeviceMissing(
            "no_gpu", "There is no CUDA device here; run this on a GPU machine, or with --device cpu --tiny."
        )
    device = torch.device(device_name)
    on_gpu = device.type == "cuda"
    precision = torch.float16 if on_gpu else torch.float32
    say("measuring the floor")
    floor = measure_floor(
        device, precision, CUDA_MATRIX if on_gpu else CPU_MATRIX, CUDA_COPY_MB if on_gpu else CPU_COPY_MB
    )
    rows = []
    for name, (build, batch) in SUBJECTS.items():
        if only and name not in only:
            continue
        say(f"measuring {name}")
        subject = build(device, tiny, batch if on_gpu and not tiny else TINY_BATCH)
        rows.append(_row(subject, device, floor, precision))
        if on_gpu:
            torch.cuda.empty_cache()
    return {"floor": asdict(floor), "tiny": tiny, "torch": torch.__version__, "rows": rows}


@torch.inference_mode()
def _row(subject: Subject, device: torch.device, floor: Floor, precision: torch.dtype) -> dict[str, object]:
    def eager() -> Tensor:
        out: Tensor = subject.module(*subject.inputs)
        return out

    gflop, mbytes = gflop_of(eager), subject.megabytes(eager())
    eager_ms = 1000.0 * seconds_per_call(eager, device)
    row: dict[str, object] = {
        "network": subject.name,
        "batch": subject.items,
        "gflop_per_item": gflop / subject.items,
        "eager_fp32_ms": eager_ms / subject.items,
    }
    half = torch.empty((), dtype=precision).element_size() / 4
    floor_ms = floor.milliseconds(gflop, mbytes * half)
    best_ms = eager_ms
    compiled = device.type == "cuda" and subject.compiles
    if compiled:
        best_ms = 1000.0 * seconds_per_call(_fast(subject, device, precision), device)
    row |= {
        "best_form": f"compiled {floor.precision}, channels last" if compiled else "eager fp32",
        "best_ms": best_ms / subject.items,
        f"{subject.unit}_per_s": 1000.0 * subject.items / best_ms,
        "times_eager_fp32": eager_ms / best_ms,
        "floor_ms": floor_ms / subject.items,
        "share_of_floor_rate": floor_ms / best_ms,
    }
    if subject.name in GOALS:
        row["goal"] = GOALS[subject.name]
    return row


def _fast(subject: Subject, device: torch.device, precision: torch.dtype) -> Callable[[], Tensor]:
    """Half precision by autocast, channels last, compiled with CUDA graphs."""
    module: Any = subject.module
    module.to(memory_format=torch.channels_last)
    compiled: Callable[..., Tensor] = torch.compile(module, mode="max-autotune")

    def work() -> Tensor:
        with torch.autocast(device.type, dtype=precision):
            return compiled(*subject.inputs)

    return work
