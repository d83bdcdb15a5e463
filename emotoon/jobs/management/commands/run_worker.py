"""A worker process of its own: claims jobs from the database until it is told to stop."""

from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import CommandError, CommandParser

from emotoon.core.commands import EmotoonCommand
from emotoon.core.readiness import readiness_check
from emotoon.jobs.pool import DEVICE_LOST, DEVICE_LOST_EXIT, WorkerPool
from emotoon.ml import engine_device_check


class Command(EmotoonCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--threads", type=int, help="jobs at the same time (default EMOTOON_WORKER_THREADS)"
        )

    def handle(self, *, threads: int | None, **_: Any) -> None:
        with self.failing_clearly():
            readiness_check()
            engine_device_check()
        pool = WorkerPool(threads=threads)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: pool.stop())
        self.say(f"worker: {pool.size} thread(s); stop with Ctrl-C")
        pool.start()
        pool.join()
        if pool.device_lost:
            raise CommandError(DEVICE_LOST, returncode=DEVICE_LOST_EXIT)
        self.say("worker: stopped; unfinished jobs went back into the queue")
