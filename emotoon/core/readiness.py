"""Can this process do its work? Asked by every entry point before it starts."""

from __future__ import annotations

import time

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError

from emotoon.core.errors import EmotoonError
from emotoon.core.storage import storage_check

ASK_AGAIN_SECONDS = 1.0


class NotReady(EmotoonError):
    """One sentence for the operator. ``passing``: waiting may help."""

    def __init__(self, code: str, message: str, *, passing: bool) -> None:
        super().__init__(code, message)
        self.passing = passing


def readiness_check(*, wait_seconds: float = 0.0) -> None:
    """Raises NotReady; what waiting may mend is asked again for ``wait_seconds``."""
    until = time.monotonic() + wait_seconds
    while True:
        try:
            _database_check()
            _storage_check()
            return
        except NotReady as error:
            if not error.passing or time.monotonic() >= until:
                raise
        time.sleep(ASK_AGAIN_SECONDS)


def _database_check() -> None:
    try:
        connection.ensure_connection()
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except OperationalError as error:
        reason = " ".join(str(error).split())
        raise NotReady(
            "database_unreachable",
            f"The database cannot be used: {reason}. Check EMOTOON_DATABASE_URL.",
            passing=True,
        ) from error
    if missing:
        raise NotReady(
            "database_not_prepared",
            f"The database lacks {len(missing)} migrations: run `python manage.py prepare`.",
            passing=True,  # another container may be preparing it right now
        )


def _storage_check() -> None:
    try:
        storage_check()
    except OSError as error:
        raise NotReady(
            "storage_unreachable", f"{error}. Check the EMOTOON_S3_ variables.", passing=True
        ) from error
