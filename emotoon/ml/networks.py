"""The door to the torch networks: style training and speed. torch is loaded on first use only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from emotoon.core.errors import InvalidInput
from ml_core.errors import MlError


@dataclass(frozen=True)
class StyleOrder:
    """What ``train_style`` is told; see ml_core.training.style.options for what the numbers mean.

    base: checkpoint to fine-tune, None to start from scratch at ``size``.
    """

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
    precision: Literal["fp32", "bf16"]
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


@contextmanager
def _for_operators() -> Iterator[None]:
    """Commands are read by operators: ml_core's own sentences say what to do."""
    try:
        yield
    except MlError as error:
        raise InvalidInput(error.code, str(error)) from error


def style_dataset_check(*, dataset: Path) -> dict[str, Any]:
    """Whether a folder of drawings is fit to train on; see DatasetReport."""
    from ml_core.training.style.dataset_check import check_dataset

    with _for_operators():
        report = check_dataset(dataset)
    return {**asdict(report), "fit": report.fit}


def style_train(*, order: StyleOrder, on_snapshot: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Trains a style and writes checkpoints, grids and the KID curve into ``order.out``.

    Under torchrun every process runs this; only the first reports.
    """
    from ml_core.training.style.job import StyleJob, train_style

    with _for_operators():
        return train_style(StyleJob(**vars(order)), on_snapshot)


def networks_measure(
    *, device: str, tiny: bool, only: Sequence[str] = (), say: Callable[[str], None]
) -> dict[str, Any]:
    """Speed of every network on a device, beside its floor. InvalidInput ``no_gpu`` without one."""
    from ml_core.benchmark.gpu import measure

    with _for_operators():
        return measure(device, tiny=tiny, only=only, say=say)
