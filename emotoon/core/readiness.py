"""Can this process do its work? Asked by every entry point before it starts."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError

from emotoon.core.errors import EmotoonError
from emotoon.core.storage import storage_check

ASK_AGAIN_SECONDS = 1.0


class NotReady(EmotoonError):
    """One sentence for the operator."""

    permanent = False


def readiness_check(*, wait_seconds: float = 0.0) -> None:
    """Raises NotReady unless database and storage are there and prepared."""
    _ask(wait_seconds, _database_reach_check, _database_prepared_check, _storage_check)


def database_check(*, wait_seconds: float = 0.0) -> None:
    """Raises NotReady unless the database answers, prepared or not."""
    _ask(wait_seconds, _database_reach_check)


def _ask(wait_seconds: float, *questions: Callable[[], None]) -> None:
    """Everything asked here may be mended by waiting: servers start, another process may be preparing."""
    until = time.monotonic() + wait_seconds
    while True:
        try:
            for question in questions:
                question()
            return
        except NotReady:
            if time.monotonic() >= until:
                raise
        time.sleep(ASK_AGAIN_SECONDS)


def _database_reach_check() -> None:
    try:
        connection.ensure_connection()
    except OperationalError as error:
        reason = " ".join(str(error).split())
        raise NotReady(
            "database_unreachable", f"The database cannot be used: {reason}. Check EMOTOON_DATABASE_URL."
        ) from error


def _database_prepared_check() -> None:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise NotReady(
            "database_not_prepared",
            f"The database lacks {len(missing)} migrations: run `python manage.py prepare`.",
        )


def _storage_check() -> None:
    try:
        storage_check()
    except OSError as error:
        raise NotReady("storage_unreachable", f"{error}. Check the EMOTOON_S3_ variables.") from error
