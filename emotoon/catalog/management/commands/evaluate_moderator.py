"""Judge the moderator: ``evaluate_moderator FILE --json``.

FILE.json is ``[{"text": "..."}]`` (as evaluate_recommender reads): how many of them are refused, and why.
FILE.tsv is in the form of BEEP!: macro-F1 of its classes none, offensive and hate.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from emotoon.core.commands import EmotoonCommand
from emotoon.core.errors import InvalidInput
from emotoon.ml.evaluation import moderator_evaluate


class Command(EmotoonCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, file: Path, as_json: bool, **_: Any) -> None:
        with self.failing_clearly():
            try:
                measures = moderator_evaluate(path=file)
            except OSError as error:
                raise InvalidInput("file_unreadable", f"{file}: {error.strerror}.", field="file") from error
        if as_json:
            self.answer(measures)
            return
        for name, value in measures.items():
            print(f"{name:12} {value}")
