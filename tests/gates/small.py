"""Canvas x width of the face: how small a face in a large photo may be, and what is said below that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import cv2
import numpy as np
from PIL import Image as Pil

from ml_core.face.analyser import FaceAnalyser
from ml_core.face.photo import WORKING_SIDE
from tests.faces import Picture
from tests.faces.portraits import table
from tests.gates.sitters import Sitter
from tests.gates.skin import judged

CANVAS = (640, 1600, 3000, 4000)
WIDTHS = (28, 40, 64, 80, 120, 200)
PLACES = ((0.5, 0.5), (0.03, 0.05), (0.31, 0.77))
"""Shares of the room to the right and below that lies to the left and above."""


def small_table(analyser: FaceAnalyser, persons: list[Sitter]) -> Iterator[str]:
    yield f"{len(persons)} faces at {len(PLACES)} places: " + ", ".join(one.name for one in persons)
    yield ""
    yield "| photo | " + " | ".join(f"{width} px" for width in WIDTHS) + " |"
    yield "|---" * (len(WIDTHS) + 1) + "|"
    for side in CANVAS:
        grounds = (np.full((side * 3 // 4, side, 3), (150, 160, 170), np.uint8), _cluttered(side))
        cells = []
        for width in WIDTHS:
            seen: Counter[str] = Counter()
            for number, place in enumerate(PLACES):
                for one in persons:
                    photo = pasted(grounds[number % 2], one, width, place)
                    if photo is not None:
                        seen[judged(analyser, as_read(photo))] += 1
            cells.append(", ".join(f"{count} {code}" for code, count in seen.most_common()) or "does not fit")
        yield f"| {side} x {side * 3 // 4} | " + " | ".join(cells) + " |"


def _cluttered(side: int) -> Picture:
    return cv2.resize(table(), (side, side * 3 // 4), interpolation=cv2.INTER_CUBIC)


def pasted(ground: Picture, one: Sitter, face: int, place: tuple[float, float]) -> Picture | None:
    """``ground`` with the person so large that the face is ``face`` px wide; None when that does not fit."""
    scale = face / (one.width * one.photo.shape[1])
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = cv2.resize(one.photo, None, fx=scale, fy=scale, interpolation=way)
    room = np.subtract(ground.shape[:2], small.shape[:2])
    if room.min() < 0:
        return None
    left, top = round(float(room[1] * place[0])), round(float(room[0] * place[1]))
    out = ground.copy()
    out[top : top + small.shape[0], left : left + small.shape[1]] = small
    return out


def as_read(photo: Picture) -> Picture:
    """What ``decode_photo`` makes of a lossless file of it."""
    scale = WORKING_SIDE / max(photo.shape[:2])
    if scale >= 1:
        return photo
    size = (round(photo.shape[1] * scale), round(photo.shape[0] * scale))
    return np.array(Pil.fromarray(photo).resize(size, Pil.Resampling.LANCZOS, reducing_gap=2.0))
