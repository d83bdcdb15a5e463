"""The embedded default: site, job worker and rendering in one process, files under var/."""

from __future__ import annotations

import fcntl
import os
import signal
import threading
from typing import IO, Any

import waitress
from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils.autoreload import run_with_reloader

from emotoon.core.commands import USAGE_ERROR, EmotoonCommand
from emotoon.jobs.pool import DEVICE_LOST, DEVICE_LOST_EXIT, JOIN_SECONDS, WorkerPool
from emotoon.ml import engine_device_check
from emotoon.wsgi import application

REQUEST_THREADS = 8
"""Pages are short; a few threads keep one slow download from holding up the rest."""


class Command(EmotoonCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--reload", action="store_true", help="restart when code changes (development)")

    def handle(self, *, host: str, port: int, reload: bool, **_: Any) -> None:
        if reload:
            run_with_reloader(self._serve, host, port)
        else:
            self._serve(host, port)

    def _serve(self, host: str, port: int) -> None:
        with self.failing_clearly():
            engine_device_check()
        lock = _single_instance()
        try:
            server = waitress.create_server(
                application,
                host=host,
                port=port,
                threads=REQUEST_THREADS,
                max_request_body_size=settings.MAX_REQUEST_BYTES,
                ident="emotoon",
            )
        except OSError as error:
            raise CommandError(
                f"port {port} cannot be used ({error.strerror}); choose another with EMOTOON_PORT",
                returncode=USAGE_ERROR,
            ) from error
        pool = WorkerPool(on_device_loss=lambda: os.kill(os.getpid(), signal.SIGTERM))
        pool.start()
        if threading.current_thread() is threading.main_thread():
            # SIGTERM stops like Ctrl-C, so that a job in hand goes back into the queue.
            signal.signal(signal.SIGTERM, signal.default_int_handler)
        self.say(f"emotoon is ready: http://{host}:{port}/")
        try:
            server.run()
        finally:
            pool.stop()
            pool.join(JOIN_SECONDS)
            lock.close()
        if pool.device_lost:
            raise CommandError(DEVICE_LOST, returncode=DEVICE_LOST_EXIT)


def _single_instance() -> IO[str]:
    """Hold var/serve.lock while serving: two engines on one database would fight for two cores."""
    lock = (settings.VAR_DIR / "serve.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CommandError(
            f"emotoon is already running on {settings.VAR_DIR}; stop it, or set another EMOTOON_VAR",
            returncode=USAGE_ERROR,
        ) from None
    return lock
