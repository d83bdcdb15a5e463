"""Spearman correlation of the sentence encoder with human similarity scores: ``evaluate_sts FILE.tsv``.

The file has a header naming ``score``, ``sentence1`` and ``sentence2``, as KorSTS has.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from emotoon.core.commands import EmotoonCommand
from emotoon.core.errors import InvalidInput
from emotoon.ml.evaluation import sts_evaluate


class Command(EmotoonCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.tsv")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, file: Path, as_json: bool, **_: Any) -> None:
        with self.failing_clearly():
            try:
                measures = sts_evaluate(path=file)
            except OSError as error:
                raise InvalidInput("file_unreadable", f"{file}: {error.strerror}.", field="file") from error
        if as_json:
            self.answer(measures)
        else:
            print(f"Spearman {100 * measures['spearman']:.1f} over {measures['n']} pairs")
