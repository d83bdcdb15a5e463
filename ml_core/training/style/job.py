"""Carries out a training job: a folder, a base model, and where the results go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from math import inf
from typing import Any

import torch

from ml_core.errors import DatasetInvalid, DeviceMissing
from ml_core.toonify.stylegan2.checkpoint import NetworkShape
from ml_core.training.style.order import LATEST, StyleJob
from ml_core.training.style.pictures import read_pictures
from ml_core.training.style.run import BEST, Snapshot, run
from ml_core.training.style.team import join
from ml_core.training.style.trainer import networks_from_base, networks_from_scratch

SIZES = tuple(2**power for power in range(3, 11))
LEAST = {
    "images": 1,
    "batch": 1,
    "ada_images": 1,
    "ema_half_life": 1,
    "snapshot_every": 1,
    "kid_samples": 2,
    "learning_rate": 0,
    "r1": 0,
    "path_weight": 0,
}
"""Of TrainOptions; none may be infinite or NaN."""


def train_style(job: StyleJob, on_snapshot: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Runs the job; under torchrun as one of several processes.

    Raises DatasetInvalid, DeviceMissing, WeightsUnavailable.
    """
    _check_numbers(job)
    options = job.options
    if job.device == "cuda" and not torch.cuda.is_available():
        raise DeviceMissing("no_gpu", "There is no CUDA device here; train with --device cpu or elsewhere.")
    if job.base is None:
        shape = NetworkShape(job.size, widest=job.widest)
        networks = networks_from_scratch(shape, options.seed)
    else:
        networks, shape = networks_from_base(job.base)
    if not 0 <= options.freeze_d <= len(networks.d.convs):
        raise DatasetInvalid(
            "freeze_d_invalid", f"--freeze-d must be 0..{len(networks.d.convs)} for {shape.size} px."
        )
    pictures = read_pictures(job.dataset, shape.size)
    reference = None if job.reference is None else read_pictures(job.reference, shape.size)
    team = join(job.device)
    if options.batch % team.size:
        raise DatasetInvalid("batch_invalid", f"--batch must be divisible by the {team.size} processes.")

    def report(row: Snapshot) -> None:
        on_snapshot(asdict(row))

    try:
        rows = run(
            networks,
            pictures,
            options,
            job.out,
            team,
            reference=reference,
            resume=job.resume,
            progress=report,
        )
    finally:
        team.leave()
    return {
        "out": str(job.out),
        "checkpoint": str(job.out / LATEST),
        "best_checkpoint": str(job.out / BEST),
        "pictures": len(pictures),
        "size": shape.size,
        "processes": team.size,
        "leads": team.leads,
        "snapshots": [asdict(row) for row in rows],
    }


def _check_numbers(job: StyleJob) -> None:
    """Before anything is read or written. Raises DatasetInvalid (``option_invalid``)."""
    for name, least in LEAST.items():
        if not least <= getattr(job.options, name) < inf:
            option = name.replace("_", "-")
            raise DatasetInvalid("option_invalid", f"--{option} must be a number of at least {least}.")
    if job.base is None and job.size not in SIZES:
        raise DatasetInvalid("option_invalid", f"--size is one of {', '.join(map(str, SIZES))}.")
    if job.base is None and job.widest < 1:
        raise DatasetInvalid("option_invalid", "--widest must be at least 1.")
