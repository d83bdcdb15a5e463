"""Two strengths of the StyleGAN2 blend, side by side: ``compare_blends me.jpg --out sheet.png``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from emotoon import ml
from emotoon.core.commands import EmotoonCommand
from emotoon.core.errors import InvalidInput
from emotoon.ml.blends import blends_compare


class Command(EmotoonCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("photo", type=Path)
        parser.add_argument("--first", type=float, default=0.4, help="strength 0..1")
        parser.add_argument("--second", type=float, default=0.8, help="strength 0..1")
        parser.add_argument("--out", type=Path, required=True, metavar="SHEET.png")

    def handle(self, *, photo: Path, first: float, second: float, out: Path, **_: Any) -> None:
        with self.failing_clearly():
            for strength in (first, second):
                ml.look_read(strength=strength)
            try:
                examined = ml.photo_examine(data=photo.read_bytes(), isolated=False)
                with self.clock("blends"):
                    sheet = blends_compare(analysis=examined.analysis, first=first, second=second)
                out.write_bytes(sheet)
            except OSError as error:
                raise InvalidInput("file_unreadable", f"{error.filename}: {error.strerror}.") from error
        print(out)
