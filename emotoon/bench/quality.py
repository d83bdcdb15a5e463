"""Does the cartoon look and act as told: likeness, lips, lids, loops, cut-out, caption, skin, small sizes."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from django.core.management.base import CommandParser

from emotoon.bench.render import CAPTION, PLAIN
from emotoon.catalog.files import MOTIONS_DIR, catalog_read
from emotoon.core.commands import names_chosen
from emotoon.core.errors import InvalidInput
from emotoon.ml.refusals import for_operators

if TYPE_CHECKING:
    from emotoon.bench.measuring.faces import Subject
    from ml_core.animation.motion import Motion
    from ml_core.animation.puppet import Puppet
    from ml_core.types import ToonPortrait

TEMPLATES = "hello,thanks,joy,sad,surprised,angry"
LONG_CAPTION = "오늘 하루도 정말 고생 많으셨어요, 집에 가서 푹 쉬세요!"
TALK = "talk"
"""A plain talking head with two blinks, beside the catalog's templates."""
TALK_SECONDS = 2.5
JITTER_FRAMES = 16
TONES_OF = "astronaut"
"""The portrait that is also shown in the other skin tones."""

CORRELATIONS = ("mouth_correlation", "blink_correlation")
"""Measured only where a template moves the feature far enough; how often it did not is reported."""

Values = dict[str, list[tuple[str, float]]]
"""Measure -> (where, value) for everything that was measured."""


@dataclass(frozen=True)
class Bar:
    """``most``: at most; else at least. The worst of all values counts."""

    limit: float
    most: bool = True

    def worst(self, values: list[tuple[str, float]]) -> tuple[str, float]:
        return (max if self.most else min)(values, key=lambda one: one[1])

    def met(self, value: float) -> bool:
        return value <= self.limit if self.most else value >= self.limit


BARS: Mapping[str, Bar] = MappingProxyType({
    "neutral_error": Bar(0.06),
    "motion_error": Bar(0.10),
    "mouth_correlation": Bar(0.9, most=False),
    "blink_correlation": Bar(0.9, most=False),
    "detected": Bar(0.95, most=False),
    "jitter": Bar(0.02),  # the mesh network alone moves by about 0.01 when a still face is shifted by pixels
    "loop_closure": Bar(1 / 255),
    "fold_overs": Bar(0),
    "background_leak": Bar(0.01),  # two pixels of soft edge around a head
    "caption_overlap": Bar(0),
    "small_error": Bar(0.10),  # landmarks found again on the poster frame, shrunk as in a chat
    "small_contrast": Bar(15.0, most=False),  # CIE L: eyes and mouth against the skin around them
    "letter_height": Bar(8.0, most=False),  # pixels; the least in which Hangul syllables are told apart
    "letter_contrast": Bar(30.0, most=False),  # CIE L, letters against their outline
    "skin_change": Bar(8.0),  # Lab; about the difference between two foundations of one make
    "skin_inequality": Bar(3.0),  # between the skin that changes most and the one that changes least
})  # fmt: skip


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("photos", nargs="*", type=Path, metavar="PHOTO")
    parser.add_argument("--templates", default=TEMPLATES, help="ids of motions, or: all")
    parser.add_argument("--frames", type=int, default=20, help="frames of each motion that are looked at")
    parser.add_argument("--size", type=int, default=512, help="side of the canvas in pixels")


def run(options: dict[str, Any]) -> dict[str, Any]:
    """Without photos: package portraits (one in three skin tones) and drawn faces."""
    motions = _motions(options["templates"])
    if options["frames"] < 3:
        raise InvalidInput("bench_options", "Look at no fewer than 3 frames.", field="frames")
    values: Values = {name: [] for name in BARS}
    subjects: list[str] = []
    refused: dict[str, str] = {}
    with for_operators():
        for subject, toon in _toons(options["photos"], refused):
            print(subject.name, file=sys.stderr)  # noqa: T201 - progress of a command
            subjects.append(subject.name)
            _measure_portrait(values, subject, toon, options["size"])
            for name, motion in motions.items():
                _measure_motion(values, f"{subject.name}/{name}", toon, motion, options)
    if not subjects:
        raise InvalidInput("no_portrait", f"No photo could be used: {refused}.", field="photos")
    _judge_equality(values)
    _measure_captions(values, options["size"])
    measures = {name: _judged(BARS[name], found) for name, found in values.items()}
    for name in CORRELATIONS:
        measures[name]["left_out"] = len(subjects) * len(motions) - len(values[name])
    judged = [measure["ok"] for measure in measures.values() if measure["ok"] is not None]
    return {
        "ok": all(judged),
        "measures": measures,
        "subjects": subjects,
        "refused": refused,
        "motions": list(motions),
    }


def _motions(wanted: str) -> dict[str, Motion]:
    from ml_core.animation.motion_file import motion_from_toml

    paths = {path.stem: path for path in sorted(MOTIONS_DIR.glob("*.toml"))}
    names = names_chosen(wanted, paths, option="templates")
    talk = {TALK: motion_from_toml(PLAIN.format(seconds=TALK_SECONDS))}
    with for_operators():
        return talk | {name: motion_from_toml(paths[name].read_text(encoding="utf-8")) for name in names}


def _toons(photos: list[Path], refused: dict[str, str]) -> Iterator[tuple[Subject, ToonPortrait]]:
    """Whoever passes the gates; the others are noted in ``refused``."""
    from emotoon.bench.measuring import faces
    from ml_core.errors import PhotoRejected
    from ml_core.face.analyser import FaceAnalyser
    from ml_core.toonify.look import ToonLook
    from ml_core.toonify.renderer import toonify

    analyser, look = FaceAnalyser(), ToonLook("cel")
    waiting = faces.given_subjects(photos) if photos else faces.package_portraits() + faces.drawn_subjects()
    while waiting:
        subject = waiting.pop(0)
        try:
            analysis = analyser.analyse(subject.photo)
        except PhotoRejected as error:
            refused[subject.name] = error.code
            continue
        yield subject, toonify(analysis, look)
        if not photos and subject.name == TONES_OF:
            waiting = [faces.recoloured(subject, analysis, tone) for tone in ("mid", "dark")] + waiting


def _measure_portrait(values: Values, subject: Subject, toon: ToonPortrait, size: int) -> None:
    from emotoon.bench.measuring.pictures import background_leak, skin_change
    from emotoon.bench.measuring.redetection import Redetector

    values["neutral_error"].append((subject.name, Redetector().neutral(toon, size).error()))
    values["skin_change"].append((subject.name, float(np.linalg.norm(skin_change(subject.photo, toon)))))
    leak = background_leak(subject, toon)
    if leak is not None:
        values["background_leak"].append((subject.name, leak))


def _measure_motion(
    values: Values, where: str, toon: ToonPortrait, motion: Motion, options: dict[str, Any]
) -> None:
    from emotoon.bench.measuring import pictures
    from emotoon.bench.measuring.redetection import Redetector
    from ml_core.animation.puppet import Puppet

    redetector, size = Redetector(), options["size"]
    spread = [round(i * motion.frames / options["frames"]) for i in range(options["frames"])]
    acted = redetector.acted(toon, motion, spread, size)
    found: dict[str, float | None] = {
        "motion_error": acted.error(),
        "detected": float(acted.seen.mean()),
        "mouth_correlation": acted.mouth_correlation(),
        "blink_correlation": acted.blink_correlation(),
    }
    if motion.id == "plain":
        still = redetector.acted(toon, motion, range(JITTER_FRAMES), size)
        found["jitter"] = still.jitter()
    puppet = Puppet(toon, size=size)
    _measure_small(values, where, toon, motion, puppet)
    found["loop_closure"] = pictures.loop_closure(puppet, motion, toon, CAPTION)
    found["fold_overs"] = float(pictures.fold_overs(puppet, motion))
    found["caption_overlap"] = max(
        pictures.caption_overlap(puppet, motion, caption, spread) for caption in (CAPTION, LONG_CAPTION)
    )
    for name, value in found.items():
        if value is not None:
            values[name].append((where, value))


def _measure_small(values: Values, where: str, toon: ToonPortrait, motion: Motion, puppet: Puppet) -> None:
    """The poster frame as small as chats show it: features as sent, likeness in normal proportions."""
    from emotoon.bench.measuring import readability
    from emotoon.bench.measuring.redetection import Redetector
    from ml_core.animation.puppet import Puppet

    sent = readability.poster(puppet, motion)
    plain = readability.poster(Puppet(toon, size=puppet.size, caricature=0.0), motion)
    for side in readability.SMALL_SIDES:
        place = f"{where}/{side}"
        values["small_error"].append((place, readability.expression_error(Redetector(), *plain, side)))
        values["small_contrast"].append((place, readability.feature_contrast(*sent, side)))


def _measure_captions(values: Values, size: int) -> None:
    """Every caption of the catalog at the smallest size."""
    from emotoon.bench.measuring import readability
    from ml_core.animation.motion_file import motion_from_toml
    from ml_core.drawing.caption import Caption
    from ml_core.types import CaptionSpec

    side = min(readability.SMALL_SIDES)
    for file in catalog_read():
        motion = motion_from_toml(file.fields["motion"])
        for text in (text for texts in file.fields["captions"].values() for text in texts):
            caption = Caption(CaptionSpec(text, motion.caption_style, motion.caption_colour), size=size)
            place = f"{file.template_id}/{text}"
            values["letter_height"].append((place, readability.letter_height(caption, side)))
            contrast = readability.caption_contrast(caption, motion.poster, side)
            values["letter_contrast"].append((place, contrast))


def _judge_equality(values: Values) -> None:
    """Between skins of one person or one hand: the recoloured portrait, and the drawn faces."""
    changes = dict(values["skin_change"])
    for family in (TONES_OF, "drawn"):
        kin = [change for name, change in changes.items() if name.startswith(family)]
        if len(kin) > 1:
            values["skin_inequality"].append((family, max(kin) - min(kin)))


def _judged(bar: Bar, found: list[tuple[str, float]]) -> dict[str, Any]:
    """``value`` is the worst of all; ``ok`` is null where nothing could be measured."""
    if not found:
        return {"value": None, "bar": bar.limit, "ok": None}
    where, value = bar.worst(found)
    return {
        "value": round(value, 4),
        "bar": round(bar.limit, 5),
        "ok": bar.met(value),
        "worst": where,
        "mean": round(float(np.mean([number for _, number in found])), 4),
        "n": len(found),
        "missed": {place: round(number, 4) for place, number in found if not bar.met(number)},
    }
