"""Turn a driving video into a motion file: ``capture_motion VIDEO --out motion.toml``.

Film one face from the front, half a second to ten seconds, and come back to where you began: the motion
loops. What the file says is described in docs/motions.md.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from emotoon.core.commands import EmotoonCommand
from emotoon.core.errors import InvalidInput
from emotoon.ml.evaluation import VIDEO_BYTES, motion_capture


class Command(EmotoonCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("video", type=Path, metavar="VIDEO", help="WebM, MP4, GIF, APNG or WebP")
        parser.add_argument("--out", type=Path, required=True, metavar="motion.toml")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, video: Path, out: Path, as_json: bool, **_: Any) -> None:
        with self.failing_clearly():
            motion_id = re.sub(r"\W+", "_", out.stem).strip("_") or "captured"
            try:
                with video.open("rb") as stream:
                    data = stream.read(VIDEO_BYTES + 1)
                text, seen = motion_capture(data=data, motion_id=motion_id)
                out.parent.mkdir(parents=True, exist_ok=True)
                out.write_text(text, encoding="utf-8")
            except OSError as error:
                raise InvalidInput(
                    "file_unreadable", f"{error.filename}: {error.strerror}.", field="video"
                ) from error
        self.say(f"{out}: {seen['frames']} frames, {len(seen['tracks'])} tracks")
        if as_json:
            self.answer({"motion": str(out), "id": motion_id, **seen})
