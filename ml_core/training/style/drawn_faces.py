"""Procedural faces in a few drawing styles: training material with no rights attached and a known truth.

The same ``seed`` gives the same person in every style, so that a style can be changed and the structure
checked. Everything is drawn with OpenCV at four times the size and reduced.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.types import Rgb

Style = Literal["portrait", "comic"]
"""portrait: shaded, natural, small eyes. comic: flat pastel, dark outlines, large eyes."""

OVERSAMPLE = 4
UNIT = 256
"""All lengths below are written for a picture of this side."""

_SKINS: tuple[Rgb, ...] = ((244, 212, 190), (226, 182, 148), (186, 132, 96), (128, 84, 60))
_HAIRS: tuple[Rgb, ...] = ((38, 32, 36), (92, 58, 40), (150, 96, 52), (206, 170, 104), (140, 140, 148))
_WALLS: tuple[Rgb, ...] = ((206, 214, 222), (190, 206, 196), (222, 208, 196), (200, 196, 214))
_SHIRTS: tuple[Rgb, ...] = ((70, 96, 140), (150, 70, 70), (80, 120, 90), (110, 100, 120))


@dataclass(frozen=True)
class Person:
    """Lengths in units of a 256 px picture, turn in -1..1, smile in -1..1."""

    width: float
    height: float
    eye_gap: float
    eye_size: float
    brow_lift: float
    nose: float
    mouth: float
    smile: float
    opening: float
    turn: float
    fringe: float
    long_hair: bool
    glasses: bool
    skin: Rgb
    hair: Rgb
    wall: Rgb
    shirt: Rgb


def person(seed: int) -> Person:
    """The person of a seed."""
    draw = np.random.default_rng(seed)

    def one_of(colours: tuple[Rgb, ...]) -> Rgb:
        r, g, b = (
            int(c)
            for c in np.clip(np.array(colours[draw.integers(len(colours))]) + draw.normal(0, 6, 3), 0, 255)
        )
        return r, g, b

    return Person(
        width=draw.uniform(56, 70),
        height=draw.uniform(74, 88),
        eye_gap=draw.uniform(25, 31),
        eye_size=draw.uniform(8.5, 11.5),
        brow_lift=draw.uniform(17, 24),
        nose=draw.uniform(16, 24),
        mouth=draw.uniform(17, 27),
        smile=draw.uniform(-0.5, 1.0),
        opening=max(0.0, draw.uniform(-0.6, 1.0)),
        turn=draw.uniform(-1, 1),
        fringe=draw.uniform(0.3, 0.62),
        long_hair=bool(draw.random() < 0.5),
        glasses=bool(draw.random() < 0.2),
        skin=one_of(_SKINS),
        hair=one_of(_HAIRS),
        wall=one_of(_WALLS),
        shirt=one_of(_SHIRTS),
    )


class _Canvas:
    """Filled and stroked shapes in units, at four times the size."""

    def __init__(self, side: int, wall: Rgb, outline: float) -> None:
        self.scale = side * OVERSAMPLE / UNIT
        self.pixels = np.full((side * OVERSAMPLE, side * OVERSAMPLE, 3), wall, np.uint8)
        self.outline = outline

    def _px(self, value: float) -> int:
        return round(value * self.scale)

    def ellipse(
        self, at: tuple[float, float], axes: tuple[float, float], fill: Rgb, line: bool = True
    ) -> None:
        centre, size = (self._px(at[0]), self._px(at[1])), (self._px(axes[0]), self._px(axes[1]))
        cv2.ellipse(self.pixels, centre, size, 0, 0, 360, fill, cv2.FILLED)
        if line and self.outline:
            cv2.ellipse(self.pixels, centre, size, 0, 0, 360, _INK, max(1, self._px(self.outline)))

    def curve(self, points: NDArray[np.float64], colour: Rgb, width: float, fill: Rgb | None = None) -> None:
        path = np.round(points * self.scale).astype(np.int32)[:, None]
        if fill is not None:
            cv2.fillPoly(self.pixels, [path], fill)
        if width:
            cv2.polylines(self.pixels, [path], fill is not None, colour, max(1, self._px(width)))


_INK: Rgb = (44, 32, 44)


def _mixed(colour: Rgb, other: Rgb, share: float) -> Rgb:
    r, g, b = (round((1 - share) * a + share * c) for a, c in zip(colour, other, strict=True))
    return r, g, b


def draw_face(who: Person, style: Style, side: int) -> NDArray[np.uint8]:
    """(side, side, 3) uint8 RGB."""
    comic = style == "comic"
    pale = _mixed(who.skin, (255, 232, 226), 0.45) if comic else who.skin
    wall = _mixed(who.wall, (255, 246, 214), 0.7) if comic else who.wall
    hair = _vivid(who.hair) if comic else who.hair
    canvas = _Canvas(side, wall, 2.2 if comic else 0.0)
    x, y = 128.0, 138.0
    shift = 7.0 * who.turn
    if who.long_hair:
        canvas.ellipse((x, y + 14), (who.width + 14, who.height + 22), hair)
    canvas.ellipse((x, y + 118), (86, 46), _vivid(who.shirt) if comic else who.shirt)
    canvas.curve(_box(x, y + 74, 20, 26), _INK, canvas.outline, _mixed(pale, (120, 60, 40), 0.16))
    canvas.ellipse((x, y - 22), (who.width + 9, who.height - 4), hair)
    canvas.ellipse((x, y), (who.width, who.height), pale)
    if comic:
        for end in (-1, 1):
            canvas.ellipse(
                (x + shift + end * 38, y + 26), (11, 7), _mixed(pale, (255, 110, 120), 0.45), line=False
            )
    _draw_fringe(canvas, who, hair, (x, y), shift)
    _draw_eyes(canvas, who, comic, (x + shift, y), hair)
    _draw_nose_and_mouth(canvas, who, comic, (x + shift, y))
    small = cv2.resize(canvas.pixels, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8) if comic else _shaded(np.asarray(small, np.uint8), who)


def _vivid(colour: Rgb) -> Rgb:
    grey = sum(colour) / 3.0
    r, g, b = (round(min(255.0, max(0.0, grey + 1.8 * (c - grey) + 34))) for c in colour)
    return r, g, b


def _box(x: float, y: float, half: float, height: float) -> NDArray[np.float64]:
    return np.array([[x - half, y], [x + half, y], [x + half, y + height], [x - half, y + height]])


def _arc(at: tuple[float, float], half: float, sag: float, steps: int = 24) -> NDArray[np.float64]:
    """A parabola of half width ``half`` that hangs ``sag`` below its ends."""
    u = np.linspace(-1, 1, steps)
    return np.stack([at[0] + half * u, at[1] + sag * (1 - u * u)], 1)


def _draw_fringe(canvas: _Canvas, who: Person, hair: Rgb, at: tuple[float, float], shift: float) -> None:
    x, y = at
    turn = np.linspace(np.pi, 2 * np.pi, 40)
    top = np.stack([x + (who.width + 5) * np.cos(turn), y - 8 + (who.height + 4) * np.sin(turn)], 1)
    line = y - who.height * who.fringe
    bottom = _arc((x + 0.6 * shift, line + 10), who.width, -16)[::-1]
    canvas.curve(np.concatenate([top, bottom]), _INK, canvas.outline, hair)


def _draw_eyes(canvas: _Canvas, who: Person, comic: bool, at: tuple[float, float], hair: Rgb) -> None:
    x, y = at
    size = who.eye_size * (1.45 if comic else 1.0)
    for end in (-1, 1):
        ex, ey = x + end * who.eye_gap, y - 6
        canvas.ellipse((ex, ey), (size, size * (1.1 if comic else 0.62)), (252, 252, 252))
        iris = size * (0.72 if comic else 0.5)
        canvas.ellipse((ex + 2 * who.turn, ey), (iris, iris), _mixed(hair, (60, 70, 90), 0.4), line=False)
        canvas.ellipse((ex + 2 * who.turn, ey), (iris * 0.55, iris * 0.55), (22, 18, 22), line=False)
        if comic:
            canvas.ellipse((ex + 2 * who.turn - 3, ey - 4), (3, 3), (255, 255, 255), line=False)
        brow = _arc((ex, ey - who.brow_lift - (4 if comic else 0)), size * 1.15, -4)
        canvas.curve(brow, _mixed(hair, _INK, 0.5), 3.4 if comic else 4.2)
        if who.glasses:
            canvas.curve(_ring(ex, ey, 17), (60, 60, 70), 2.6)
    if who.glasses:
        canvas.curve(
            np.array([[x - who.eye_gap + 17, y - 6], [x + who.eye_gap - 17, y - 6]]), (60, 60, 70), 2.6
        )


def _ring(x: float, y: float, radius: float) -> NDArray[np.float64]:
    turn = np.linspace(0, 2 * np.pi, 40)
    return np.stack([x + radius * np.cos(turn), y + radius * np.sin(turn)], 1)


def _draw_nose_and_mouth(canvas: _Canvas, who: Person, comic: bool, at: tuple[float, float]) -> None:
    x, y = at
    shadow = _INK if comic else _mixed(who.skin, (70, 30, 20), 0.4)
    tip = y + who.nose
    canvas.curve(_arc((x + 3 * who.turn, tip), 5 if comic else 8, 3), shadow, 2.2 if comic else 3)
    mouth_y, sag = y + 44, 11 * who.smile
    if who.opening > 0.25:
        upper, lower = (
            _arc((x, mouth_y), who.mouth, sag * 0.4),
            _arc((x, mouth_y), who.mouth, sag * 0.4 + 20 * who.opening),
        )
        canvas.curve(np.concatenate([upper, lower[::-1]]), _INK, canvas.outline, (150, 50, 60))
    else:
        canvas.curve(
            _arc((x, mouth_y), who.mouth, sag), _INK if comic else (156, 80, 76), 2.6 if comic else 5
        )


def _shaded(picture: NDArray[np.uint8], who: Person) -> NDArray[np.uint8]:
    """Soft light from one side and fine grain: what photographs have and comics have not."""
    side = len(picture)
    u = np.linspace(-1, 1, side)
    light = 1.0 + 0.20 * (u[None, :] * np.sign(who.turn)) - 0.14 * u[:, None]
    soft = cv2.GaussianBlur(picture, (0, 0), side / 110)
    grain = np.random.default_rng(round(who.width * 1e6)).normal(0, 4.0, (side, side, 1))
    return np.asarray(np.clip(soft * light[..., None] + grain, 0, 255), np.uint8)


def drawn_faces(count: int, style: Style, side: int, first_seed: int = 0) -> NDArray[np.uint8]:
    """(count, side, side, 3) uint8 RGB: persons ``first_seed`` and following."""
    return np.stack([draw_face(person(first_seed + index), style, side) for index in range(count)])
