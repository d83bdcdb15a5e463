"""The lab's sketch of an engine, timed beside ours: runs in a process of its own, inside the lab's folder.

Nothing of the lab is imported into our process; this module is called there by ``bench render --against``.
"""

from __future__ import annotations

import importlib
import time
from functools import cache
from typing import Any

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
    began = time.perf_counter()
    image = lab.cv2.imread(photo)
    stages: dict[str, float] = {}
    puppet = lab.prepare(image, kit, STYLE, CHIBI, tm=stages)
    prepared = time.perf_counter()
    pictures = list(lab.animate(puppet, MOTION, caption, n=frames))
    animated = time.perf_counter()
    lab.fit_size(
        pictures,
        LIMIT_BYTES,
        lambda quality: lab.webm(pictures, FPS, crf=quality, cpu=7, deadline="realtime"),
        QUALITIES,
    )
    ended = time.perf_counter()
    stages = {name: float(seconds) for name, seconds in stages.items()}
    stages |= {"animate": animated - prepared, "encode": ended - animated}
    portrait = sum(stages.get(name, 0.0) for name in ("toonify", "puppet", "animate", "encode"))
    return {"seconds": ended - began, "from_portrait": portrait, "stages": stages, "frames": len(pictures)}
