"""Measures every network eagerly in float32 and in every form that runs, beside its floor.

The fastest form counts only if it stays within the tolerance of its precision (ml_core.device.TOLERANCES).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict

import torch

from ml_core.benchmark.floor import Floor, gflop_of, measure_floor, seconds_per_call
from ml_core.benchmark.forms import Measured, fitting_chunk, in_chunks, measure_forms
from ml_core.benchmark.networks import SUBJECTS, Subject
from ml_core.device import TOLERANCES
from ml_core.errors import DeviceMissing

CUDA_MATRIX, CUDA_COPY_MB = 8192, 1024
CPU_MATRIX, CPU_COPY_MB = 768, 64
TINY_BATCH = 1
GOALS = {
    "liveportrait_512": "at most 6 ms a frame, 512 frames batched; published: 12.8 ms on an RTX 4090",
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
        rows.append(_row(subject, device, floor, say))
        if on_gpu:
            torch.cuda.empty_cache()
    return {"floor": asdict(floor), "tiny": tiny, "torch": torch.__version__, "rows": rows}


@torch.inference_mode()
def _row(
    subject: Subject, device: torch.device, floor: Floor, say: Callable[[str], None]
) -> dict[str, object]:
    chunk = fitting_chunk(subject, say)

    def eager() -> None:
        for _ in in_chunks(subject.module, subject.inputs, chunk):
            pass

    gflop = gflop_of(eager)
    one = next(in_chunks(subject.module, subject.inputs, chunk))
    mbytes = subject.megabytes(one.nbytes * subject.items / len(one))
    eager_ms = 1000.0 * seconds_per_call(eager, device)
    row: dict[str, object] = {
        "network": subject.name,
        "batch": subject.items,
        "at_a_time": chunk,
        "gflop_per_item": gflop / subject.items,
        "eager_fp32_ms": eager_ms / subject.items,
    }
    measured, failed = measure_forms(subject, chunk, device, say) if subject.compiles else ([], {})
    best = min((each for each in measured if each.within), key=lambda each: each.ms, default=None)
    if best is not None and best.ms > eager_ms:
        best = None
    best_ms = eager_ms if best is None else best.ms
    half = 0.5 if device.type == "cuda" else 1.0
    floor_ms = floor.milliseconds(gflop, mbytes * half)
    row |= {
        "best_form": "eager fp32" if best is None else best.form.name,
        "best_ms": best_ms / subject.items,
        f"{subject.unit}_per_s": 1000.0 * subject.items / best_ms,
        "times_eager_fp32": eager_ms / best_ms,
        "floor_ms": floor_ms / subject.items,
        "share_of_floor_rate": floor_ms / best_ms,
        "forms": [_told(each, subject) for each in measured],
        "failed_forms": failed,
    }
    if subject.name in GOALS:
        row["goal"] = GOALS[subject.name]
    return row


def _told(measured: Measured, subject: Subject) -> dict[str, object]:
    return {
        "form": measured.form.name,
        "ms": measured.ms / subject.items,
        "deviation": measured.deviation,
        "tolerance": TOLERANCES[measured.form.precision],
        "within_tolerance": measured.within,
    }
