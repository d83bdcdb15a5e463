"""Animated stickers drawn with a few lines of OpenCV: material for the export benchmark and its tests.

They cover what byte fitting has to cope with: flat colours and gradients, soft edges, hair-thin lines,
film grain, small and large moving areas. All of them loop exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from emotoon.ml.export import Clip

_DRAWN_SIDE = 512
"""All coordinates below are written for this side and scaled."""
_SHIFT = 4
"""Fractional bits of OpenCV's drawing coordinates: motion below a pixel must not jump."""


class _Pen:
    """Draws anti-aliased shapes on an RGBA canvas given in the coordinates of a 512 px side."""

    def __init__(self, side: int) -> None:
        self.scale = side / _DRAWN_SIDE
        self.picture = np.full((side, side, 4), (255, 255, 255, 0), np.uint8)

    def _at(self, x: float, y: float) -> tuple[int, int]:
        unit = self.scale * (1 << _SHIFT)
        return round(x * unit), round(y * unit)

    def _over(self, colour: tuple[int, int, int], coverage: NDArray[np.uint8]) -> None:
        x, y, width, height = cv2.boundingRect(coverage)
        patch = self.picture[y : y + height, x : x + width]
        alpha = coverage[y : y + height, x : x + width, None].astype(np.float32) / 255
        below = patch[..., 3:].astype(np.float32) / 255
        total = alpha + below * (1 - alpha)
        mixed = np.asarray(colour, np.float32) * alpha + patch[..., :3] * below * (1 - alpha)
        rgb = np.where(total > 0, mixed / np.maximum(total, 1e-6), 255)
        patch[:] = np.concatenate([rgb, total * 255], axis=2).round().astype(np.uint8)

    def ellipse(
        self, x: float, y: float, rx: float, ry: float, colour: tuple[int, int, int], soft: float = 0
    ) -> None:
        coverage = np.zeros(self.picture.shape[:2], np.uint8)
        cv2.ellipse(
            coverage, self._at(x, y), self._at(rx, ry), 0, 0, 360, 255, cv2.FILLED, cv2.LINE_AA, _SHIFT
        )
        if soft:
            coverage = cv2.GaussianBlur(coverage, (0, 0), soft * self.scale).astype(np.uint8)
        self._over(colour, coverage)

    def arc(self, x: float, y: float, r: float, start: float, end: float, width: float) -> None:
        coverage = np.zeros(self.picture.shape[:2], np.uint8)
        thick = max(1, round(width * self.scale))
        cv2.ellipse(coverage, self._at(x, y), self._at(r, r), 0, start, end, 255, thick, cv2.LINE_AA, _SHIFT)
        self._over((40, 30, 40), coverage)

    def text(self, words: str, x: float, y: float, size: float) -> None:
        place = (round(x * self.scale), round(y * self.scale))
        for colour, width in (((255, 255, 255), 26), ((43, 32, 40), 10)):
            coverage = np.zeros(self.picture.shape[:2], np.uint8)
            cv2.putText(
                coverage,
                words,
                place,
                cv2.FONT_HERSHEY_DUPLEX,
                size * self.scale,
                255,
                max(1, round(width * self.scale)),
                cv2.LINE_AA,
            )
            self._over(colour, coverage)


def _face(pen: _Pen, dx: float, dy: float, smile: float) -> None:
    pen.ellipse(256 + dx, 250 + dy, 160, 176, (255, 255, 255))
    pen.ellipse(256 + dx, 250 + dy, 150, 166, (60, 40, 36))
    pen.ellipse(256 + dx, 262 + dy, 138, 150, (255, 221, 190))
    for eye in (-56, 56):
        pen.ellipse(256 + dx + eye, 240 + dy, 26, 30, (255, 255, 255))
        pen.ellipse(256 + dx + eye * 1.04, 244 + dy, 14, 18, (52, 38, 30))
        pen.ellipse(256 + dx + eye * 1.5, 300 + dy, 26, 16, (250, 150, 150), soft=8)
    pen.arc(256 + dx, 290 + dy, 40 + 10 * smile, 20, 160, 9)


def _nod(pen: _Pen, phase: float) -> None:
    _face(pen, 0, 24 * np.sin(2 * np.pi * phase), 1)
    pen.text("OK!", 170, 490, 3.0)


def _wink(pen: _Pen, phase: float) -> None:
    """Only a small area moves."""
    _face(pen, 0, 0, 0)
    pen.ellipse(400, 120, 20 + 14 * np.sin(2 * np.pi * phase), 24, (255, 90, 120))


def _glow(pen: _Pen, phase: float) -> None:
    """Wide soft edges: alpha costs more than colour."""
    pen.ellipse(256, 256, 200 + 30 * np.cos(2 * np.pi * phase), 210, (255, 190, 40), soft=30)
    _face(pen, 12 * np.sin(2 * np.pi * phase), 0, 1)


def _gradient(pen: _Pen, phase: float) -> None:
    _face(pen, 8 * np.cos(2 * np.pi * phase), 0, 0)
    side = pen.picture.shape[0]
    ramp = np.linspace(-30, 30, side, dtype=np.float32)[:, None, None] * np.cos(2 * np.pi * phase)
    pen.picture[..., :3] = np.clip(pen.picture[..., :3] + ramp, 0, 255).astype(np.uint8)
    pen.text("hmm", 160, 490, 2.6)


def _grain(pen: _Pen, phase: float) -> None:
    """Film grain on the face: the hardest case for every encoder."""
    _face(pen, 0, 16 * np.sin(2 * np.pi * phase), 1)
    noise = np.random.default_rng(round(phase * 1000)).normal(0, 9, pen.picture.shape[:2])
    pen.picture[..., :3] = np.clip(pen.picture[..., :3] + noise[..., None], 0, 255).astype(np.uint8)


def _confetti(pen: _Pen, phase: float) -> None:
    """Many small fast shapes, as in effects."""
    _face(pen, 10 * np.sin(4 * np.pi * phase), 10 * np.cos(2 * np.pi * phase), 1)
    rng = np.random.default_rng(7)
    for x, start, hue in zip(rng.uniform(20, 490, 40), rng.uniform(0, 1, 40), range(40), strict=True):
        colour = ((hue * 97) % 206 + 50, (hue * 57) % 206 + 50, (hue * 23) % 206 + 50)
        pen.ellipse(float(x), ((phase + start) % 1) * 560 - 20, 9, 13, colour)


_DRAWINGS: Mapping[str, Callable[[_Pen, float], None]] = MappingProxyType(
    {"nod": _nod, "wink": _wink, "glow": _glow, "gradient": _gradient, "grain": _grain, "confetti": _confetti}
)
DRAWN_CLIPS = tuple(_DRAWINGS)
"""Names that ``draw_clip`` knows."""


def draw_clip(name: str, *, frames: int = 60, side: int = 512, fps: float = 24.0) -> Clip:
    """Draw one looping clip.

    Returns a Clip of (frames, side, side, 4) uint8 straight-alpha RGBA, RGB white where alpha is 0.
    Raises KeyError for a name outside ``DRAWN_CLIPS``.
    """
    pictures = []
    for index in range(frames):
        pen = _Pen(side)
        _DRAWINGS[name](pen, index / frames)
        pen.picture[pen.picture[..., 3] == 0] = (255, 255, 255, 0)
        pictures.append(pen.picture)
    return Clip(frames=np.stack(pictures), fps=fps, poster=frames // 4)
