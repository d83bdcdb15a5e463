"""Claims jobs and runs their handlers: as a thread of the site, or as a process of its own.

A handler takes a ``Claim`` and a ``Progress`` and returns a function that writes the results;
that function runs in the transaction that marks the job done, so results appear exactly once.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings
from django.db import close_old_connections, connection
from django.db.utils import OperationalError
from django.utils.module_loading import import_string

from emotoon.core.errors import EmotoonError
from emotoon.jobs.services import (
    Claim,
    LeaseLost,
    job_cancelled,
    job_claim,
    job_complete,
    job_fail,
    job_heartbeat,
    job_progress,
    job_release,
    jobs_sweep,
)
from emotoon.ml import EngineStopped

logger = logging.getLogger(__name__)

IDLE_SECONDS = 0.2
"""How often an idle worker looks for work: a person does not notice, a database does not either."""

Commit = Callable[[], None]


@dataclass
class Progress:
    """Tells the person how far the work is, keeps the stage timings, and stops lost or cancelled work."""

    claim: Claim
    stopping: threading.Event
    timings: dict[str, float] = field(default_factory=dict)
    _stage: str = ""
    _stage_began: float = field(default_factory=time.perf_counter)

    def __call__(self, stage: str, percent: int) -> None:
        if self.stopping.is_set():
            raise WorkerStopping
        self._close_stage()
        self._stage = stage
        job_progress(claim=self.claim, stage=stage, percent=percent)

    def _close_stage(self) -> None:
        now = time.perf_counter()
        if self._stage:
            spent = self.timings.get(self._stage, 0.0) + (now - self._stage_began) * 1000
            self.timings[self._stage] = round(spent, 1)
        self._stage_began = now

    def finish(self) -> dict[str, float]:
        self._close_stage()
        return self.timings


class WorkerStopping(Exception):
    """The process is shutting down: the job goes back into the queue unharmed."""


class Worker:
    """Runs jobs one after the other until ``stop`` is called."""

    def __init__(self, *, name: str = "") -> None:
        self.name = name or f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"
        self._stopping = threading.Event()

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        last_sweep = 0.0
        while not self._stopping.is_set():
            try:
                close_old_connections()
                if time.monotonic() - last_sweep > settings.LEASE_SECONDS / 3:
                    jobs_sweep()
                    last_sweep = time.monotonic()
                worked = self.run_one()
            except OperationalError:
                # The database is away: nothing was lost, the row still says what to do.
                logger.exception("database unavailable; trying again")
                worked = False
                self._stopping.wait(2)
            if not worked:
                self._stopping.wait(IDLE_SECONDS)
        connection.close()

    def run_one(self) -> bool:
        """Claim and run one job. Returns whether there was one."""
        claim = job_claim(worker=self.name)
        if claim is None:
            return False
        progress = Progress(claim, self._stopping)
        with _Heartbeat(claim):
            try:
                handler = import_string(settings.JOB_HANDLERS[claim.kind])
                commit: Commit = handler(claim=claim, progress=progress)
                job_complete(claim=claim, commit=commit, timings=progress.finish())
            except LeaseLost:
                logger.info("job %s is no longer ours", claim.public_id)
                job_cancelled(claim=claim)
            except WorkerStopping:
                job_release(claim=claim)
            except EngineStopped:
                job_release(claim=claim)
                self.stop()  # it does not come back in this process
            except EmotoonError as error:
                job_fail(
                    claim=claim,
                    code=error.code,
                    params=error.params,
                    detail=str(error),
                    permanent=error.permanent,
                )
            except OperationalError:
                raise
            except Exception as error:  # the boundary: whatever happens, the job says why
                logger.exception("job %s failed unexpectedly", claim.public_id)
                detail = f"{type(error).__name__}: {error}"
                job_fail(claim=claim, code="internal_error", params={}, detail=detail, permanent=False)
        return True


class _Heartbeat:
    """Extends the lease from a thread of its own while a long stage runs."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat-{claim.public_id}", daemon=True)

    def _beat(self) -> None:
        try:
            while not self._done.wait(settings.LEASE_SECONDS / 3):
                try:
                    job_heartbeat(claim=self._claim)
                except LeaseLost:
                    return
                except OperationalError:
                    logger.warning("heartbeat of %s missed: database unavailable", self._claim.public_id)
        finally:
            connection.close()  # each thread has a connection of its own

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
