"""The lab's sketch of an engine, timed beside ours: runs in a process of its own, inside the lab's folder.

Nothing of the lab is imported into our process; this module is called there by ``bench render --against``.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from emotoon.bench.measuring.stages import Stopwatch, sticker_row

STYLE, CHIBI, MOTION = "cel", 0.6, "talk"
"""What corresponds to our plain motion: a talking head, no effects."""
LIMIT_BYTES = 256 * 1024
QUALITIES = (38, 44, 50, 56, 60)
FPS = 24


@cache
def _lab() -> Any:
    return importlib.import_module("pipeline")


@cache
def _kit() -> Any:
    return importlib.import_module("facekit").FaceKit(1)


def from_photo(photo: str, caption: str, frames: int) -> dict[str, Any]:
    """Photo to one Telegram WebM with the lab's own functions and settings (its ``outputs``)."""
    lab, kit = _lab(), _kit()
    watch = Stopwatch()
    parts: dict[str, float] = {}
    puppet = lab.prepare(lab.cv2.imread(photo), kit, STYLE, CHIBI, tm=parts)
    watch.lap("prepare")
    acting = lab.animate(puppet, MOTION, caption, n=frames)
    pictures = [next(acting)]
    watch.lap("puppet")
    pictures += acting
    watch.lap("animate")
    lab.fit_size(
        pictures,
        LIMIT_BYTES,
        lambda quality: lab.webm(pictures, FPS, crf=quality, cpu=7, deadline="realtime"),
        QUALITIES,
    )
    watch.lap("encode")
    _split(watch, {name: float(seconds) for name, seconds in parts.items()})
    return sticker_row(watch, len(pictures))


def _split(watch: Stopwatch, parts: dict[str, float]) -> None:
    """The lab times its own preparation on the wall only; its CPU time is shared out in proportion."""
    wall, cpu = watch.stages.pop("prepare"), watch.cpu.pop("prepare")
    parts["read"] = wall - sum(parts.values())
    for name, seconds in parts.items():
        watch.stages[name] = watch.stages.get(name, 0.0) + seconds
        watch.cpu[name] = watch.cpu.get(name, 0.0) + cpu * seconds / wall
