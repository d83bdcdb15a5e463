"""A training job as a person orders it. No torch in here: commands build it before they need one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ml_core.training.style.options import TrainOptions

LATEST = "latest.pt"
"""The checkpoint in ``out`` that a training goes on from."""


@dataclass(frozen=True)
class StyleJob:
    """A folder of drawings, where the results go, and how to train.

    base: checkpoint to fine-tune, None to start from scratch at ``size`` with at most ``widest`` channels.
    device: ``cpu`` or ``cuda``. resume: go on from ``out``/latest.pt. reference: held-out pictures for KID.
    """

    dataset: Path
    out: Path
    options: TrainOptions
    base: Path | None = None
    size: int = 256
    widest: int = 512
    device: str = "cuda"
    resume: bool = False
    reference: Path | None = None
