"""Drive a photo or video of a face by another face: ``drive_portrait SOURCE --driving VIDEO --out OUT.mp4``.

LivePortrait as published, with its weights: whole frames in, whole frames out. A photo that is driven by a
photo gives a PNG. ``--save-motion`` keeps the driving motion for later, also for ``make_sticker --driving``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from emotoon.core.commands import EmotoonCommand
from emotoon.core.errors import InvalidInput
from emotoon.core.whole_files import file_write
from emotoon.ml.driven import portrait_drive


class Command(EmotoonCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", type=Path, help="a photo, or a WebM or MP4 of a face")
        parser.add_argument(
            "--driving", type=Path, required=True, metavar="FILE", help="video, photo or .npz"
        )
        parser.add_argument("--out", type=Path, required=True, metavar="OUT.mp4")
        parser.add_argument("--save-motion", type=Path, metavar="M.npz")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, source: Path, driving: Path, out: Path, **options: Any) -> None:
        kept: Path | None = options["save_motion"]
        with self.failing_clearly():
            try:
                with self.clock("liveportrait"):
                    made = portrait_drive(source=source.read_bytes(), driving=driving.read_bytes())
                file_write(out, made.file.data)
                if kept is not None:
                    file_write(kept, made.capture)
            except OSError as error:
                raise InvalidInput("file_unreadable", f"{error.filename}: {error.strerror}.") from error
        if options["as_json"]:
            told = {"path": str(out), "format": made.file.format, "frames": made.file.frames}
            self.answer(told | {"motion": str(kept) if kept else None})
        else:
            print(out)
