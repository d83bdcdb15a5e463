"""One photo, or a short selfie video, and one sentence to sticker files, without an account or a server."""

from __future__ import annotations

import time
from argparse import ArgumentTypeError, BooleanOptionalAction
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from emotoon import ml
from emotoon.catalog.models import TalkingHeadTemplate
from emotoon.catalog.search import TemplateHit, template_search
from emotoon.catalog.services import template_get
from emotoon.core.commands import EmotoonCommand
from emotoon.core.errors import InvalidInput
from emotoon.core.whole_files import file_write
from emotoon.ml.clips import ClipOrder, clip_render, is_video

USUAL = ml.look_read()
FILMED: dict[str, Any] = {"toonify": "cartoon", "animate": "film", "fallbacks": []}
"""A film is drawn frame by frame by our cartoon and acts for itself."""

ENGINE_OPTIONS = ("toonify", "animate", "driving", "audio")


class Command(EmotoonCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("photo", type=Path, help="a photo, or a selfie video of up to 3 seconds")
        parser.add_argument("sentence", nargs="?", default="", help="optional for a video")
        parser.add_argument("--out", type=Path, required=True, metavar="DIR")
        parser.add_argument("--template", metavar="ID")
        parser.add_argument("--style", default="cel", help=", ".join(ml.style_names()))
        parser.add_argument("--strength", type=float, default=1.0, help="0 photo, 1 full cartoon")
        parser.add_argument(
            "--caricature", type=float, default=USUAL.caricature, help="0 true to life, 1 chibi"
        )
        parser.add_argument(
            "--parts",
            type=_pairs,
            default={},
            metavar="eyes=0.5,hair=0",
            help="how much cartoon, part by part",
        )
        parser.add_argument(
            "--recolour", type=_pairs, default={}, metavar="hair=#8a4b2a", help="hair, lips, clothes"
        )
        parser.add_argument("--glasses", action=BooleanOptionalAction, help="default: as in the photo")
        parser.add_argument("--toonify", choices=ml.toonifier_names(), default="", help="what draws")
        parser.add_argument("--animate", choices=ml.animator_names(), default="", help="what animates")
        parser.add_argument(
            "--driving",
            type=Path,
            metavar="VIDEO",
            help="a film of a face, or an .npz of drive_portrait, acted in place of the template's motion",
        )
        parser.add_argument(
            "--audio", type=Path, metavar="WAV", help="speech that the lips follow (needs Wav2Lip's weights)"
        )
        parser.add_argument("--format", default="webp,webm,png", help=",".join(ml.format_names()))
        parser.add_argument("--face", type=int, help="which face of several, 0 is the largest")
        parser.add_argument(
            "--with",
            type=Path,
            action="append",
            default=[],
            dest="others",
            metavar="PHOTO",
            help="photo of another person, for pictures with two faces",
        )
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, photo: Path, sentence: str, out: Path, template: str | None, **options: Any) -> None:
        with self.failing_clearly(), self.progress_bar("sticker") as bar:
            began = time.perf_counter()
            formats = tuple(name.strip() for name in options["format"].split(",") if name.strip())
            ml.formats_check(formats=formats)
            look = _look(options)
            data = _read(photo)
            film = is_video(data)
            chosen, score, runners_up = self._choose(sentence, template, optional=film)
            stages = _Stages(bar)
            stages.spent("search", began)
            if film:
                _photo_only(options)
                caption = ml.sentence_check(sentence) if sentence else ""
                motion = chosen.motion if chosen else ""
                film_order = ClipOrder(data, motion, caption, look, formats)
                files = clip_render(order=film_order, on_progress=stages)
                backend = FILMED
            else:
                assert chosen is not None
                _check_wishes(chosen, options)
                analysis = self._examined(data, options["face"], stages)
                caption = ml.sentence_check(sentence)
                others = [
                    ml.photo_examine(data=_read(path), isolated=False).analysis for path in options["others"]
                ]
                order = ml.StickerOrder(
                    analysis,
                    chosen.motion,
                    caption,
                    look,
                    formats,
                    **_engines(options),
                    picture=chosen.picture,
                    others=tuple(others),
                )
                made = ml.sticker_render(order=order, on_progress=stages)
                files, backend = made.files, made.backends
            timings = stages.finish()
            paths = _write(files, out, chosen.template_id if chosen else "clip")
            timings["total"] = round((time.perf_counter() - began) * 1000, 1)
        for note in ml.fallback_notes(backend):
            self.say(str(note))
        if options["as_json"]:
            self.answer(
                {
                    "template": {"id": chosen.template_id, "title": chosen.title_ko, "score": score}
                    if chosen
                    else None,
                    "backend": backend,
                    "runners_up": [hit.as_json() for hit in runners_up],
                    "timings_ms": timings,
                    "files": [_describe(file, path) for file, path in zip(files, paths, strict=True)],
                }
            )
        else:
            for path in paths:
                print(path)

    def _examined(self, data: bytes, face: int | None, stages: _Stages) -> bytes:
        began = time.perf_counter()
        examined = ml.photo_examine(data=data, face_index=face, isolated=False)
        stages.spent("analysing", began)
        if len(examined.faces) > 1 and face is None:
            self.say(f"{len(examined.faces)} faces: the largest is used; choose another with --face N")
        return examined.analysis

    @staticmethod
    def _choose(
        sentence: str, template: str | None, *, optional: bool
    ) -> tuple[TalkingHeadTemplate | None, float | None, tuple[TemplateHit, ...]]:
        if template:
            return template_get(template_id=template), None, ()
        if optional and not sentence:
            return None, None, ()
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

    def spent(self, stage: str, began: float) -> None:
        """Note a stage that reports no progress of its own."""
        self._timings[stage] = round((time.perf_counter() - began) * 1000, 1)

    def finish(self) -> dict[str, float]:
        now = time.perf_counter()
        if self._stage:
            spent = self._timings.get(self._stage, 0.0) + (now - self._began) * 1000
            self._timings[self._stage] = round(spent, 1)
        self._began = now
        return self._timings


def _pairs(text: str) -> dict[str, str]:
    """``eyes=0.5,hair=0`` as a dictionary; argparse turns ArgumentTypeError into a clear line."""
    pairs = [item.partition("=") for item in text.split(",") if item.strip()]
    if any(not sign for _, sign, _ in pairs):
        raise ArgumentTypeError(f"{text!r}: write name=value, separated by commas")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _engines(options: dict[str, Any]) -> dict[str, Any]:
    """What a StickerOrder is told about engines, driving motion and sound."""
    return {
        "toonify": options["toonify"],
        "animate": options["animate"],
        "driving": _read(options["driving"]) if options["driving"] else b"",
        "sound": _read(options["audio"]) if options["audio"] else b"",
    }


def _photo_only(options: dict[str, Any]) -> None:
    for option, value in [("with", options["others"]), *((name, options[name]) for name in ENGINE_OPTIONS)]:
        if value:
            raise InvalidInput("photo_only", f"--{option} goes with a photo; a film acts for itself.")


def _check_wishes(chosen: TalkingHeadTemplate, options: dict[str, Any]) -> None:
    """What the template cannot do is refused rather than left out."""
    places = ml.picture_places(picture=chosen.picture) if chosen.picture else 1
    if len(options["others"]) >= places:
        raise InvalidInput(
            "photos_too_many",
            f"--with: {chosen.template_id} shows {places} face(s); choose a picture with more by --template.",
        )
    for name in ENGINE_OPTIONS if chosen.picture else ():
        if options[name]:
            raise InvalidInput("heads_only", f"--{name} goes with talking heads, not with pictures.")


def _look(options: dict[str, Any]) -> ml.Look:
    names = ("style", "strength", "caricature", "recolour", "glasses")
    try:
        parts = {name: float(amount) for name, amount in options["parts"].items()}
    except ValueError as error:
        raise InvalidInput("bad_part", f"--parts: {error}.", field="parts") from error
    return ml.look_read(**{name: options[name] for name in names}, parts=parts)


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
            file_write(path, file.data)
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
