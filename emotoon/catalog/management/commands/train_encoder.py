"""Train the Korean sentence encoder from public data: ``train_encoder --data DIR --out DIR``.

Which files DIR must hold, where each is published and under which licence is listed in
ml_core/training/sentence/sources.py and in the model card that is written beside the encoder.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from emotoon.catalog.search import texts_of_files
from emotoon.core.commands import EmotoonCommand
from emotoon.core.errors import InvalidInput
from emotoon.ml.evaluation import encoder_train

CHOICES = ("seed", "minutes", "steps", "pieces", "recipe", "device")


class Command(EmotoonCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the public data sets")
        parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the encoder goes")
        parser.add_argument(
            "--recipe",
            choices=("static", "transformer"),
            default="static",
            help="static: piece vectors (shipped); transformer: for a GPU",
        )
        parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="of the transformer")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--minutes", type=float, default=30.0, help="give up when it takes longer")
        parser.add_argument("--steps", type=int, help="fewer than the recipe's, to try the command")
        parser.add_argument("--pieces", type=int, help="size of the vocabulary, if not the recipe's")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, data: Path, out: Path, as_json: bool, **options: Any) -> None:
        chosen = {name: options[name] for name in CHOICES}
        with self.failing_clearly():
            try:
                measures = encoder_train(data=data, templates=texts_of_files(), out=out, **chosen)
            except OSError as error:
                raise InvalidInput(
                    "data_missing", f"{error.filename}: {error.strerror}. See --help.", field="data"
                ) from error
        self.say(f"{out}: {measures}")
        if as_json:
            self.answer(measures)
