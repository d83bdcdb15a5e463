"""Worker threads of one process: beside the embedded site, as a uWSGI mule, or on their own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.conf import settings

from emotoon.jobs.worker import Worker
from emotoon.ml import engine_on_device_loss, engine_warm_up

logger = logging.getLogger(__name__)

JOIN_SECONDS = 30
"""A stopping worker finishes the step it is in; steps are far shorter than this."""

DEVICE_LOST_EXIT = 75
"""How a process ends whose GPU has failed (EX_TEMPFAIL of sysexits.h): its supervisor starts it again."""

DEVICE_LOST = "the device failed; unfinished jobs went back into the queue, start this process again"


class WorkerPool:
    """``on_device_loss``: called when the device has failed and the workers have been asked to stop.

    After ``join``, ``device_lost`` says whether the process should end with DEVICE_LOST_EXIT.
    """

    def __init__(
        self, *, threads: int | None = None, on_device_loss: Callable[[], None] = lambda: None
    ) -> None:
        self.size = settings.WORKER_THREADS if threads is None else threads
        self.device_lost = False
        self._on_device_loss = on_device_loss
        self._workers = [Worker() for _ in range(self.size)]
        self._threads = [
            threading.Thread(target=worker.run, name=f"worker-{number}", daemon=True)
            for number, worker in enumerate(self._workers)
        ]

    def start(self) -> None:
        engine_on_device_loss(self._give_up)
        engine_warm_up()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask every worker to stop at its next step; jobs in hand go back into the queue."""
        for worker in self._workers:
            worker.stop()

    def join(self, timeout: float | None = None) -> None:
        for thread in self._threads:
            thread.join(timeout)

    def _give_up(self, lost: BaseException) -> None:
        """Called by the engine's own thread, after it has refused everything that waited."""
        logger.critical("%s (%s)", DEVICE_LOST, lost)
        self.device_lost = True
        self.stop()
        self._on_device_loss()
