"""Make a new or updated checkout ready to serve: bytecode, translations, database, catalog, search index."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandParser

from emotoon.core.bytecode import bytecode_compile
from emotoon.core.commands import EmotoonCommand
from emotoon.core.readiness import database_check
from emotoon.core.translations import translations_compile


class Command(EmotoonCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--wait", type=float, default=0.0, metavar="SECONDS", help="for the database to answer"
        )

    def handle(self, *, wait: float, **_: Any) -> None:
        bytecode_compile()
        translations_compile()
        with self.failing_clearly():
            database_check(wait_seconds=wait)
        call_command("migrate", interactive=False, verbosity=0)
        call_command("load_catalog", stderr=self.stderr)
