"""A whole training run: pictures in, checkpoints, sample grids and a KID curve out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch

from ml_core.errors import DatasetInvalid
from ml_core.training.style.kid import RandomFeatures, features_of, kernel_distance
from ml_core.training.style.options import TrainOptions
from ml_core.training.style.order import LATEST
from ml_core.training.style.pictures import Pictures, grid_of, to_pictures, to_tensor, write_png
from ml_core.training.style.team import Team
from ml_core.training.style.trainer import Networks, Trainer, samples, train

BEST = "best.pt"
LOG = "log.jsonl"
GRID = 32
GRID_SEED = 11
KID_SEED = 12
REFERENCE_LIMIT = 5000
SMALLEST_SET = 2


@dataclass(frozen=True)
class Snapshot:
    """State of a run. kid: see :mod:`.kid`; p: augmentation probability; r_t: overfitting."""

    images: int
    kid: float
    p: float
    r_t: float
    loss_d: float
    loss_g: float


@dataclass
class Measure:
    """KID against fixed reference pictures."""

    reference: Pictures
    samples: int
    network: RandomFeatures = field(default_factory=RandomFeatures)

    def __post_init__(self) -> None:
        self._real = features_of(to_tensor(self.reference[:REFERENCE_LIMIT]), self.network)

    def kid_of(self, pictures: torch.Tensor) -> float:
        """pictures: (N, 3, S, S) in -1..1."""
        return kernel_distance(self._real, features_of(pictures, self.network))

    def kid(self, trainer: Trainer) -> float:
        """KID of the averaged generator."""
        return self.kid_of(samples(trainer.ema, self.samples, KID_SEED))


def run(
    networks: Networks,
    pictures: Pictures,
    options: TrainOptions,
    out: Path,
    team: Team,
    *,
    reference: Pictures | None = None,
    resume: bool = False,
    progress: Callable[[Snapshot], None] | None = None,
) -> list[Snapshot]:
    """Trains and writes into ``out``: latest.pt, best.pt (lowest KID), grid_N.png, log.jsonl.

    pictures: (N, S, S, 3) uint8; reference: pictures the KID is measured against (default: the training
    pictures; held-out ones show overfitting). resume: go on from ``out``/latest.pt if it exists.
    Returns all snapshots of this call, the first before any training unless resumed.
    """
    if len(pictures) < SMALLEST_SET:
        raise DatasetInvalid(
            "dataset_too_small", "A style needs at least two pictures; a hundred is a good start."
        )
    out.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(networks, pictures, options, team)
    measure = (
        Measure(pictures if reference is None else reference, options.kid_samples) if team.leads else None
    )
    found: list[Snapshot] = []
    best = [float("inf")]
    latest = out / LATEST

    def snapshot(losses: dict[str, float]) -> None:
        if measure is None:
            return
        kid = measure.kid(trainer)
        row = Snapshot(trainer.images, kid, trainer.adaptive.p, trainer.overfitting, losses["d"], losses["g"])
        found.append(row)
        with (out / LOG).open("a", encoding="utf-8") as log:
            log.write(json.dumps(asdict(row)) + "\n")
        sheet = grid_of(to_pictures(samples(trainer.ema, GRID, GRID_SEED)))
        write_png(out / f"grid_{trainer.images:08d}.png", sheet)
        trainer.save(latest)
        if kid < best[0]:
            best[0] = kid
            trainer.save(out / BEST)
        if progress is not None:
            progress(row)

    if resume and latest.is_file():
        trainer.resume(latest)
        best[0] = _best_so_far(out / LOG)
    else:
        (out / LOG).unlink(missing_ok=True)
        snapshot({"d": 0.0, "g": 0.0})

    def watch(now: Trainer, losses: dict[str, float]) -> None:
        before = now.images - options.batch
        due = now.images // options.snapshot_every > before // options.snapshot_every
        if due or now.images >= options.images:
            snapshot(losses)

    train(trainer, options.images, watch)
    return found


def _best_so_far(log: Path) -> float:
    rows = (
        [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.is_file() else []
    )
    return min((float(row["kid"]) for row in rows), default=float("inf"))
