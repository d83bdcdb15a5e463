"""Train the emotion classifier of the search from public data: ``train_emotions --data DIR --out DIR``.

DIR holds the files that ml_core/training/sentence/sources.py lists for KOTE and GoEmotions-Korean. Which of
their labels count as which emotion is data: ml_core/text/emotions/emotions.toml.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from emotoon.core.commands import EmotoonCommand
from emotoon.core.errors import InvalidInput
from emotoon.ml.text import emotions_train


class Command(EmotoonCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the public data sets")
        parser.add_argument(
            "--out", type=Path, required=True, metavar="DIR", help="where the classifier goes"
        )
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, data: Path, out: Path, seed: int, as_json: bool, **_: Any) -> None:
        with self.failing_clearly():
            try:
                measures = emotions_train(data=data, out=out, seed=seed)
            except OSError as error:
                raise InvalidInput(
                    "data_missing", f"{error.filename}: {error.strerror}. See --help.", field="data"
                ) from error
        self.say(f"{out}: {measures}")
        if as_json:
            self.answer(measures)
