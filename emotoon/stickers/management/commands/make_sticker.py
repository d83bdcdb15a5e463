"""One photo and one sentence to sticker files, without an account or a server."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from emotoon import ml
from emotoon.catalog.models import TalkingHeadTemplate
from emotoon.catalog.search import TemplateHit, template_search
from emotoon.catalog.services import template_get
from emotoon.core.commands import EmotoonCommand
from emotoon.core.errors import InvalidInput


class Command(EmotoonCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("photo", type=Path)
        parser.add_argument("sentence")
        parser.add_argument("--out", type=Path, required=True, metavar="DIR")
        parser.add_argument("--template", metavar="ID")
        parser.add_argument("--style", default="cel", help=", ".join(ml.style_names()))
        parser.add_argument("--strength", type=float, default=1.0, help="0 photo, 1 full cartoon")
        parser.add_argument("--format", default="webp,webm,png", help=",".join(ml.format_names()))
        parser.add_argument("--face", type=int, help="which face of several, 0 is the largest")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, photo: Path, sentence: str, out: Path, template: str | None, **options: Any) -> None:
        with self.failing_clearly(), self.progress_bar("sticker") as bar:
            began = time.perf_counter()
            formats = tuple(name.strip() for name in options["format"].split(",") if name.strip())
            ml.look_check(style=options["style"], strength=options["strength"], formats=formats)
            chosen, score, runners_up = self._choose(sentence, template)
            searched = time.perf_counter()
            examined = ml.photo_examine(data=_read(photo), face_index=options["face"], isolated=False)
            if len(examined.faces) > 1 and options["face"] is None:
                self.say(f"{len(examined.faces)} faces: the largest is used; choose another with --face N")
            timings = {
                "search": round((searched - began) * 1000, 1),
                "analysing": round((time.perf_counter() - searched) * 1000, 1),
            }
            stages = _Stages(bar)
            order = ml.StickerOrder(
                analysis=examined.analysis,
                motion=chosen.motion,
                caption=ml.sentence_check(sentence),
                style=options["style"],
                strength=options["strength"],
                formats=formats,
            )
            files = ml.sticker_render(order=order, on_progress=stages)
            timings |= stages.finish()
            paths = _write(files, out, chosen.template_id)
            timings["total"] = round((time.perf_counter() - began) * 1000, 1)
        if options["as_json"]:
            self.answer(
                {
                    "template": {"id": chosen.template_id, "title": chosen.title_ko, "score": score},
                    "runners_up": [hit.as_json() for hit in runners_up],
                    "timings_ms": timings,
                    "files": [_describe(file, path) for file, path in zip(files, paths, strict=True)],
                }
            )
        else:
            for path in paths:
                print(path)

    @staticmethod
    def _choose(
        sentence: str, template: str | None
    ) -> tuple[TalkingHeadTemplate, float | None, tuple[TemplateHit, ...]]:
        if template:
            return template_get(template_id=template), None, ()
        best, *others = template_search(sentence=sentence, k=5).hits
        return best.template, round(best.probability, 4), tuple(others)


class _Stages:
    """Moves the progress bar and adds up the time of each stage in milliseconds."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar
        self._timings: dict[str, float] = {}
        self._stage, self._began = "", time.perf_counter()

    def __call__(self, stage: str, percent: int) -> None:
        self.finish()
        self._stage = stage
        self._bar.set_postfix_str(stage)
        self._bar.update(percent - self._bar.n)

    def finish(self) -> dict[str, float]:
        now = time.perf_counter()
        if self._stage:
            spent = self._timings.get(self._stage, 0.0) + (now - self._began) * 1000
            self._timings[self._stage] = round(spent, 1)
        self._began = now
        return self._timings


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput("photo_unreadable", f"{path}: {error.strerror}.") from error


def _write(files: tuple[ml.EncodedFile, ...], out: Path, name: str) -> list[Path]:
    try:
        out.mkdir(parents=True, exist_ok=True)
        paths = []
        for file in files:
            path = out / (f"{name}.apng" if file.format == "apng" else f"{name}.{file.format}")
            path.write_bytes(file.data)
            paths.append(path)
        return paths
    except OSError as error:
        raise InvalidInput("out_unwritable", f"{out}: {error.strerror}. Choose another --out.") from error


def _describe(file: ml.EncodedFile, path: Path) -> dict[str, Any]:
    return {
        "path": str(path),
        "format": file.format,
        "width": file.width,
        "height": file.height,
        "frames": file.frames,
        "duration_s": round(file.duration_s, 3),
        "bytes": len(file.data),
    }
