"""A training job as a person orders it: a folder, a base model, and where the results go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from ml_core.errors import DatasetInvalid, DeviceMissing
from ml_core.toonify.stylegan2.checkpoint import NetworkShape
from ml_core.training.style.options import Precision, TrainOptions
from ml_core.training.style.pictures import read_pictures
from ml_core.training.style.run import BEST, LATEST, Snapshot, run
from ml_core.training.style.team import join
from ml_core.training.style.trainer import networks_from_base, networks_from_scratch


@dataclass(frozen=True)
class StyleJob:
    """Numbers as in :class:`TrainOptions`. base: None trains from scratch at ``size`` and ``widest``."""

    dataset: Path
    out: Path
    base: Path | None
    images: int
    batch: int
    freeze_d: int
    ada: bool
    size: int
    widest: int
    device: str
    precision: Precision
    learning_rate: float
    r1: float
    path_weight: float
    ema_half_life: int
    ada_images: int
    snapshot_every: int
    kid_samples: int
    seed: int
    resume: bool
    reference: Path | None = None

    def options(self) -> TrainOptions:
        """The part the trainer needs."""
        return TrainOptions(
            images=self.images,
            batch=self.batch,
            learning_rate=self.learning_rate,
            freeze_d=self.freeze_d,
            ada=self.ada,
            ada_images=self.ada_images,
            r1=self.r1,
            path_weight=self.path_weight,
            ema_half_life=self.ema_half_life,
            precision=self.precision,
            seed=self.seed,
            snapshot_every=self.snapshot_every,
            kid_samples=self.kid_samples,
        )


def train_style(job: StyleJob, on_snapshot: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Runs the job; under torchrun as one of several processes.

    Raises DatasetInvalid, DeviceMissing, WeightsUnavailable.
    """
    if job.device == "cuda" and not torch.cuda.is_available():
        raise DeviceMissing("no_gpu", "There is no CUDA device here; train with --device cpu or elsewhere.")
    if job.base is None:
        shape = NetworkShape(job.size, widest=job.widest)
        networks = networks_from_scratch(shape, job.seed)
    else:
        networks, shape = networks_from_base(job.base)
    if not 0 <= job.freeze_d <= len(networks.d.convs):
        raise DatasetInvalid(
            "freeze_d_invalid", f"--freeze-d must be 0..{len(networks.d.convs)} for {shape.size} px."
        )
    pictures = read_pictures(job.dataset, shape.size)
    reference = None if job.reference is None else read_pictures(job.reference, shape.size)
    team = join(job.device)
    if job.batch % team.size:
        raise DatasetInvalid("batch_invalid", f"--batch must be divisible by the {team.size} processes.")

    def report(row: Snapshot) -> None:
        on_snapshot(asdict(row))

    try:
        rows = run(
            networks,
            pictures,
            job.options(),
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
        "snapshots": [asdict(row) for row in rows],
    }
