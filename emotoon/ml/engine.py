"""The GPU service of this process: started by whoever runs jobs, on first use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from emotoon.ml.refusals import for_operators

if TYPE_CHECKING:
    from ml_core.device import ThreadPlan
    from ml_core.model_store import ModelSpec, ModelStore
    from ml_core.service import Batch, GpuService, Operation, ServiceStatus

_lock = threading.Lock()
_service: GpuService | None = None
_on_quarantine: Callable[[BaseException], None] | None = None


STICKERS_TOGETHER = 4
"""Faces that a network draws as one batch; our own cartoon draws them one by one."""


def engine_models() -> Mapping[str, ModelSpec]:
    """Every model that an operation may ask for: ``batch.models[name]`` loads it on first need."""
    from ml_core.backends import network_models

    return network_models(_locate)


def engine_operations() -> Mapping[str, Operation]:
    """What this process can be asked to do."""
    from emotoon.ml.swaps import swaps
    from ml_core.service import Operation

    drive = Operation(_driven)
    together = 1 if settings.TOONIFY == "cartoon" else STICKERS_TOGETHER
    stickers = Operation(_stickers, batch_limit=together, batch_key=lambda item: item.backends)
    return {
        "sticker": stickers,
        "clip": Operation(_clips, batch_limit=1),
        "drive": drive,
        "blends": Operation(_blends),
        "picture": Operation(_pictures),
        "swap": Operation(swaps),
    }


def engine() -> GpuService:
    """The process's own service, started when first asked for. One owner thread, bounded queues."""
    from ml_core.device import ThreadPlan
    from ml_core.service import GpuService

    global _service  # noqa: PLW0603 - one device, one owner per process
    with _lock:
        if _service is None:
            threads = ThreadPlan.for_process(settings.CPU_THREADS)
            _service = GpuService(
                engine_operations(), store=_store(threads), threads=threads, on_quarantine=_on_quarantine
            )
            _service.start()
        return _service


def engine_device_check() -> None:
    """Before a worker takes work: EMOTOON_DEVICE=cuda needs a device. Raises InvalidInput (``no_gpu``)."""
    from ml_core.device import choose_device

    if settings.DEVICE == "cuda":
        with for_operators():
            choose_device(settings.DEVICE)


def engine_warm_up() -> None:
    """Start the service and let it load what its operations name; what fails is logged, and nobody waits."""
    engine().warm_up()


def engine_on_device_loss(callback: Callable[[BaseException], None] | None) -> None:
    """What a process that owns the service does when its device is lost; set before the first ``engine()``.

    Called once, in the owner thread, after everything that waited has been refused. None: nothing is done,
    and the service refuses work until the process ends.
    """
    global _on_quarantine  # noqa: PLW0603 - one process, one way to end it
    _on_quarantine = callback


def engine_stop() -> None:
    """Finish what is queued and stop; a later ``engine()`` starts anew."""
    global _service
    with _lock:
        stopped, _service = _service, None
    if stopped is not None:
        stopped.stop()


def engine_status() -> ServiceStatus | None:
    """What this process's service is doing; None when it was never needed."""
    return None if _service is None else _service.status()


def run(operation: str, item: Any, on_progress: Callable[[str, int], None]) -> Any:
    """Submit, pass progress on in the caller's thread, and return the result.

    When ``on_progress`` raises (the job was cancelled, its lease lost), the work stops at its next step.
    """
    ticket = engine().submit(operation, item)
    try:
        for stage, percent in ticket.events():
            on_progress(stage, percent)
    except BaseException:
        ticket.cancel()
        raise
    return ticket.result()


def _store(threads: ThreadPlan) -> ModelStore:
    from ml_core.model_store import ModelStore

    return ModelStore(
        engine_models(),
        locate=_locate,
        device=settings.DEVICE,
        budget_mb=settings.MODEL_MEMORY_MB,
        threads=threads,
    )


def _locate(name: str) -> Path:
    """Installed weights that may be used here. Raises WeightsUnavailable."""
    from ml_core.weights import weights_path

    commercial = settings.LICENCE_MODE == "commercial"
    return weights_path(name, folder=settings.WEIGHTS_DIR, commercial_mode=commercial)


def _stickers(batch: Batch) -> list[Any]:
    from ml_core.pipeline import make_stickers

    def report(stage: str, percent: int, item: int) -> None:
        batch.report(stage, percent, item=item)

    return list(make_stickers(batch.items, report, batch.models))


def _clips(batch: Batch) -> list[Any]:
    from ml_core.pipeline import sticker_clips

    def report(stage: str, percent: int, item: int) -> None:
        batch.report(stage, percent, item=item)

    return [clip for clip, _ in sticker_clips(batch.items, report, batch.models)]


def _driven(batch: Batch) -> list[Any]:
    from ml_core.driven_portrait import drive_portrait

    return [drive_portrait(request, batch.models) for request in batch.items]


def _pictures(batch: Batch) -> list[Any]:
    from ml_core.picture_pipeline.render import make_picture_sticker

    return [make_picture_sticker(request, batch.report) for request in batch.items]


def _blends(batch: Batch) -> list[Any]:
    """Items: an analysis and two strengths."""
    from ml_core.backends.networks import blends_side_by_side

    return [blends_side_by_side(batch.models, *item) for item in batch.items]
