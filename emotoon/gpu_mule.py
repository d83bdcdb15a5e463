"""The rendering process inside uWSGI: a mule that claims jobs from the database, as run_worker does.

uWSGI runs this file after the fork, in a process without the site's workers; nothing heavy is loaded
before. When it is killed, the master starts it again and its lease runs out: no job is lost.
"""

from __future__ import annotations

import os
import signal
import threading

import django

WATCH_SECONDS = 1.0
"""How often it looks whether uWSGI's master is still there."""


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "emotoon.settings")
    django.setup()
    from emotoon.jobs.pool import (  # noqa: PLC0415 - after django.setup()
        DEVICE_LOST_EXIT,
        JOIN_SECONDS,
        WorkerPool,
    )

    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    master = os.getppid()
    pool = WorkerPool(on_device_loss=stopping.set)
    pool.start()
    while not stopping.wait(WATCH_SECONDS) and os.getppid() == master:
        pass
    pool.stop()
    pool.join(JOIN_SECONDS)
    if pool.device_lost:
        # uWSGI keeps a mule whose script has merely ended; one that has exited is started again.
        os._exit(DEVICE_LOST_EXIT)


main()
