"""The GPU service of this process: started by whoever runs jobs, on first use."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ml_core.service import GpuService, Report

_lock = threading.Lock()
_service: GpuService | None = None


def engine() -> GpuService:
    """The process's own service, started when first asked for. One owner thread, a bounded queue."""
    from ml_core.service import GpuService

    global _service  # noqa: PLW0603 - one device, one owner per process
    with _lock:
        if _service is None:
            _service = GpuService({"sticker": _sticker})
            _service.start()
        return _service


def engine_stop() -> None:
    """Finish what is queued and stop; a later ``engine()`` starts anew."""
    global _service
    with _lock:
        stopped, _service = _service, None
    if stopped is not None:
        stopped.stop()


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


def _sticker(request: Any, report: Report) -> Any:
    from ml_core.pipeline import make_sticker

    return make_sticker(request, report)
