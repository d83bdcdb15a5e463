"""Worker threads of one process: beside the embedded site, as a uWSGI mule, or on their own."""

from __future__ import annotations

import threading

from django.conf import settings

from emotoon.jobs.worker import Worker

JOIN_SECONDS = 30
"""A stopping worker finishes the step it is in; steps are far shorter than this."""


class WorkerPool:
    def __init__(self, *, threads: int | None = None) -> None:
        self.size = settings.WORKER_THREADS if threads is None else threads
        self._workers = [Worker() for _ in range(self.size)]
        self._threads = [
            threading.Thread(target=worker.run, name=f"worker-{number}", daemon=True)
            for number, worker in enumerate(self._workers)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask every worker to stop at its next step; jobs in hand go back into the queue."""
        for worker in self._workers:
            worker.stop()

    def join(self, timeout: float | None = None) -> None:
        for thread in self._threads:
            thread.join(timeout)
