"""Are database and storage there, and prepared? Exit code 2 with one line when not; for entry points."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from emotoon.core.commands import EmotoonCommand
from emotoon.core.readiness import readiness_check


class Command(EmotoonCommand):
    help = __doc__
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--wait", type=float, default=0.0, metavar="SECONDS", help="how long to try again"
        )

    def handle(self, *, wait: float, **_: Any) -> None:
        with self.failing_clearly():
            readiness_check(wait_seconds=wait)
        self.say("database and storage are ready")
