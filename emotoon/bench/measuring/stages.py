"""One sticker, timed stage by stage; called in fresh processes by ``bench render``."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from emotoon.bench.measuring.fresh import memory_mb
from ml_core.animation.motion_file import motion_from_toml
from ml_core.encoding.encode import encode
from ml_core.face.analyser import FaceAnalyser
from ml_core.face.archive import analysis_from_bytes, analysis_to_bytes
from ml_core.face.photo import decode_photo
from ml_core.pipeline import StickerRequest, make_clip, make_sticker
from ml_core.toonify.look import ToonLook
from ml_core.toonify.renderer import toonify
from ml_core.types import ToonPortrait

COPIES = 5
COUNTED = 10_000_000
BEFORE_REPORT = ("toonify", "puppet", "animate")
FROM_PORTRAIT = (*BEFORE_REPORT, "encode")
"""Stages that remain once a portrait has been analysed."""


class Stopwatch:
    """Seconds between laps, by name: on the wall, and of CPU time, which other programs change less.

    A name that comes again adds up.
    """

    def __init__(self) -> None:
        self.stages: dict[str, float] = {}
        self.cpu: dict[str, float] = {}
        self._since = time.perf_counter(), time.process_time()

    def lap(self, stage: str) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        self.stages[stage] = self.stages.get(stage, 0.0) + wall - self._since[0]
        self.cpu[stage] = self.cpu.get(stage, 0.0) + cpu - self._since[1]
        self._since = wall, cpu


@cache
def _analyser() -> FaceAnalyser:
    return FaceAnalyser()


@cache
def _archive(photo: str) -> bytes:
    return analysis_to_bytes(_analyser().analyse(decode_photo(Path(photo).read_bytes())))


@cache
def _toon(photo: str) -> ToonPortrait:
    return toonify(analysis_from_bytes(_archive(photo)), ToonLook())


def from_photo(photo: str, motion: str, caption: str, size: int) -> dict[str, Any]:
    """File bytes to one Telegram WebM. Decoding happens in this process; the site adds a child for it."""
    watch = Stopwatch()
    image = decode_photo(Path(photo).read_bytes())
    watch.lap("decode")
    analysis = _analyser().analyse(image)
    watch.lap("analyse")
    archive = analysis_to_bytes(analysis)
    watch.lap("archive")
    return _sticker(watch, archive, motion, caption, size)


def from_portrait(photo: str, motion: str, caption: str, size: int) -> dict[str, Any]:
    """The same from an archived analysis."""
    archive = _archive(photo)
    return _sticker(Stopwatch(), archive, motion, caption, size)


def _sticker(watch: Stopwatch, archive: bytes, motion: str, caption: str, size: int) -> dict[str, Any]:
    """Through the door that the site uses; its reports of progress separate the stages.

    The second report of animating comes after the first frame: until then the puppet was made. Encoding is
    reported after the last frame, but has begun before: "animate" is drawing with encoding beside it,
    "encode" what is left then.
    """
    reports = 0

    def on_progress(stage: str, percent: int) -> None:
        nonlocal reports
        if stage in ("animating", "encoding"):
            watch.lap(BEFORE_REPORT[min(reports, len(BEFORE_REPORT) - 1)])
            reports += 1

    request = StickerRequest(archive, motion, caption, formats=("webm",), size=size)
    (file,) = make_sticker(request, on_progress).files
    watch.lap("encode")
    frames = motion_from_toml(motion).frames
    return sticker_row(watch, frames) | {"bytes": len(file.data)}


def sticker_row(watch: Stopwatch, frames: int) -> dict[str, Any]:
    """One run as the benchmark reads it, ours and the lab's alike; the first frame counts as preparation.

    The lab draws all its frames before it encodes them; ours are timed by ``drawing``.
    """
    return {
        "from_photo_s": sum(watch.stages.values()),
        "from_portrait_s": sum(watch.stages[name] for name in FROM_PORTRAIT if name in watch.stages),
        "ms_per_frame": 1000 * watch.stages["animate"] / (frames - 1),
        "cpu_from_photo_s": sum(watch.cpu.values()),
        "cpu_from_portrait_s": sum(watch.cpu[name] for name in FROM_PORTRAIT if name in watch.cpu),
        "cpu_ms_per_frame": 1000 * watch.cpu["animate"] / (frames - 1),
        "stages": watch.stages,
    }


def drawing(photo: str, motion: str, caption: str, size: int) -> dict[str, float]:
    """Milliseconds of one frame, the first one aside, with nothing encoded beside it."""
    watch = Stopwatch()

    def on_progress(stage: str, percent: int) -> None:
        watch.lap("frames" if watch.stages else "puppet")

    acted = motion_from_toml(motion)
    make_clip(_toon(photo), acted, caption, size=size, on_progress=on_progress)
    later = acted.frames - 1
    return {
        "ms_per_frame": 1000 * watch.stages["frames"] / later,
        "cpu_ms_per_frame": 1000 * watch.cpu["frames"] / later,
    }


def floor(photo: str, motion: str, caption: str, size: int) -> dict[str, float]:
    """Seconds that no renderer can save: one encoder pass over the frames, one copy of their memory."""
    clip = make_clip(_toon(photo), motion_from_toml(motion), caption, size=size)
    began = time.perf_counter()
    encode(clip, "webm")
    encoded = time.perf_counter() - began
    target = np.empty_like(clip.frames)
    copies = []
    for _ in range(COPIES):
        began = time.perf_counter()
        np.copyto(target, clip.frames)
        copies.append(time.perf_counter() - began)
    return {"encode": encoded, "copy": min(copies)}


def count() -> dict[str, int]:
    """Something for one core to do that needs next to no memory."""
    return {"sum": sum(number * number for number in range(COUNTED))}


def memory() -> dict[str, float]:
    return {"peak_rss_mb": memory_mb()}
