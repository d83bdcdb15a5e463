"""Styles x motions in one picture: what people will see, at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from emotoon.bench.portraits import portrait_bytes
from emotoon.bench.sheet import sheet
from emotoon.catalog.files import MOTIONS_DIR, TEMPLATES_DIR, catalog_read
from emotoon.core.commands import EmotoonCommand, names_chosen
from emotoon.ml import photo_examine, style_names
from ml_core.animation.motion_file import motion_from_toml
from ml_core.face.archive import analysis_from_bytes
from ml_core.pipeline import poster_frame
from ml_core.toonify.look import ToonLook
from ml_core.toonify.renderer import toonify
from ml_core.types import Image

SHOWN = ("joy", "sad", "angry", "surprised", "love", "thanks", "hello", "bday_wish")


class Command(EmotoonCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("photos", nargs="*", type=Path, metavar="PHOTO")
        parser.add_argument("--out", type=Path, required=True, metavar="sheet.png")
        parser.add_argument("--styles", default="all", help="names, or: all")
        parser.add_argument("--templates", default=",".join(SHOWN), help="ids, or: all")
        parser.add_argument("--cell", type=int, default=200, help="side of one cell in pixels")
        parser.add_argument("--bare", action="store_true", help="without captions")

    def handle(
        self, *, photos: Sequence[Path], out: Path, styles: str, templates: str, **options: Any
    ) -> None:
        with self.failing_clearly():
            files = {
                file.template_id: file.fields
                for file in catalog_read(templates=TEMPLATES_DIR, motions=MOTIONS_DIR)
            }
            wanted = names_chosen(templates, files, option="templates")
            looks = names_chosen(styles, style_names(), option="styles")
            rows = [(name, data, style) for name, data in portrait_bytes(photos).items() for style in looks]
            cells: list[Image] = []
            with self.progress_bar("contact sheet", len(rows) * len(wanted)) as bar:
                for _, data, style in rows:
                    analysis = analysis_from_bytes(photo_examine(data=data, isolated=False).analysis)
                    toon = toonify(analysis, ToonLook(style=style))
                    for template_id in wanted:
                        fields = files[template_id]
                        caption = "" if options["bare"] else fields["captions"]["banmal"][0]
                        cells.append(poster_frame(toon, motion_from_toml(fields["motion"]), caption))
                        bar.update(1)
            columns = len(wanted) if len(wanted) <= 12 else 10
            out.parent.mkdir(parents=True, exist_ok=True)
            sheet(cells, columns=columns, cell=options["cell"]).save(out)
        self.say(f"{out}: {len(cells)} stickers")
