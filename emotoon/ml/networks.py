"""The door to the torch networks: style training and speed. torch is loaded on first use only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from emotoon.core.commands import names_chosen
from emotoon.ml.refusals import for_operators
from ml_core.training.style.options import TrainOptions
from ml_core.training.style.order import LATEST, StyleJob

__all__ = [
    "LATEST",
    "StyleJob",
    "TrainOptions",
    "networks_measure",
    "service_measure",
    "style_dataset_check",
    "style_train",
]


def style_dataset_check(*, dataset: Path) -> dict[str, Any]:
    """Whether a folder of drawings is fit to train on; see DatasetReport."""
    from ml_core.training.style.dataset_check import check_dataset

    with for_operators():
        report = check_dataset(dataset)
    return {**asdict(report), "fit": report.fit}


def style_train(*, order: StyleJob, on_snapshot: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Trains a style and writes checkpoints, grids and the KID curve into ``order.out``.

    Under torchrun every process runs this; only the first reports.
    """
    from ml_core.training.style.job import train_style

    with for_operators():
        return train_style(order, on_snapshot)


def networks_measure(
    *, device: str, tiny: bool, only: Sequence[str] = (), say: Callable[[str], None]
) -> dict[str, Any]:
    """Speed of every network on a device, beside its floor. InvalidInput ``no_gpu`` without one.

    only: names of networks, also several with commas; InvalidInput ``name_unknown``.
    """
    from ml_core.benchmark.gpu import measure
    from ml_core.benchmark.networks import SUBJECTS

    names = [name for text in only for name in names_chosen(text, SUBJECTS, option="only")]
    with for_operators():
        return measure(device, tiny=tiny, only=names, say=say)


def service_measure(
    *, device: str, threads: int, litserve_python: str, tiny: bool, say: Callable[[str], None]
) -> dict[str, Any]:
    """The service under load; see ml_core.benchmark.serving. InvalidInput ``no_gpu`` without a device."""
    from ml_core.benchmark.serving.measure import TINY, measure

    with for_operators():
        return measure(
            device=device,
            threads=threads,
            extent=TINY if tiny else None,
            litserve_python=litserve_python,
            say=say,
        )
