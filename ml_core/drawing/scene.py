"""What an effect or a gesture knows while it draws: canvas, time, face, colours and its options."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import skia

from ml_core.drawing.anchors import Anchors
from ml_core.drawing.ink import Sprite, hex_colour
from ml_core.drawing.timing import presence, progress
from ml_core.errors import MotionInvalid
from ml_core.types import EffectCue, GestureCue, Palette, Rgb

LayerName = Literal["behind", "front"]
"""Before or after the puppet."""
MOST_PARTICLES = 60
"""A motion file may ask for this many hearts or flakes, not for a thousand: a frame must stay cheap."""
SIZES = (0.2, 3.0)
"""Range of the ``size`` option."""
EDGE = 0.012
"""Share of the canvas kept free at its border, so that white halos are never cut."""


@dataclass(frozen=True)
class Scene:
    """One cue at one moment.

    phase: 0..1 of the loop. here: how much the cue is present, 0..about 1.1 (pops in, shrinks away).
    progress: 0..1 within the cue.
    """

    canvas: skia.Canvas
    phase: float
    here: float
    progress: float
    face: Anchors
    palette: Palette
    options: Mapping[str, float | str]

    @property
    def size(self) -> int:
        """Side of the canvas in pixels."""
        return self.face.size

    @property
    def scale(self) -> float:
        """Canvas pixels per design unit, the cue's ``size`` option included."""
        low, high = SIZES
        return self.face.scale * min(max(self.number("size", 1.0), low), high)

    def number(self, name: str, default: float) -> float:
        """A numeric option."""
        value = self.options.get(name, default)
        try:
            number = float(value)
        except ValueError as problem:
            raise self._refused(name, "a number") from problem
        if not math.isfinite(number):
            raise self._refused(name, "a finite number")
        return number

    def count(self, default: int) -> int:
        """The ``count`` option: how many particles."""
        return min(max(int(self.number("count", default)), 0), MOST_PARTICLES)

    def word(self, name: str, default: str) -> str:
        """A textual option."""
        return str(self.options.get(name, default))

    def colour(self, default: Rgb) -> Rgb:
        """The ``colour`` option (#rrggbb)."""
        value = self.options.get("colour")
        if value is None:
            return default
        try:
            return hex_colour(str(value))
        except ValueError as problem:
            raise self._refused("colour", "#rrggbb") from problem

    def _refused(self, name: str, wanted: str) -> MotionInvalid:
        value = self.options[name]
        message = f"The option {name} = {value!r} is not {wanted}."
        return MotionInvalid("bad_cue_option", message, name=name, value=value)

    def place(
        self,
        sprite: Sprite,
        at: tuple[float, float],
        share: float = 1.0,
        *,
        turn: float = 0.0,
        stretch: float = 1.0,
        squeeze: float = 1.0,
        flip: bool = False,
    ) -> None:
        """Draw a sprite at canvas pixels, ``share`` of its design size; it is kept on the canvas."""
        if share <= 0.0:
            return
        x, y = self.kept(sprite, at, share * max(stretch, 1.0 / stretch) ** 0.5, turn=turn, flip=flip)
        scale = self.scale * share
        sprite.draw(self.canvas, x, y, scale, turn=turn, stretch=stretch, squeeze=squeeze, flip=flip)

    def kept(
        self,
        sprite: Sprite,
        at: tuple[float, float],
        share: float = 1.0,
        *,
        turn: float = 0.0,
        flip: bool = False,
    ) -> tuple[float, float]:
        """The place, shifted as far as the turned sprite would otherwise leave the canvas."""
        x, y = at
        free, scale = EDGE * self.size, self.scale * share
        far = free + sprite.reach * scale
        if far <= x <= self.size - far and far <= y <= self.size - far:
            return at
        x0, y0, x1, y1 = (edge * scale for edge in sprite.extent(turn, flip=flip))
        x = min(max(x, free - x0), self.size - free - x1)
        y = min(max(y, free - y0), self.size - free - y1)
        return x, y

    def inside(self, x: float, y: float, reach: float) -> tuple[float, float]:
        """The point, moved so that ``reach`` design units around it stay on the canvas.

        For things that others are placed around; a single sprite is kept on the canvas anyway.
        """
        free = min(reach * self.scale + EDGE * self.size, self.size / 2)
        return min(max(x, free), self.size - free), min(max(y, free), self.size - free)


Draw = Callable[[Scene], None]


@dataclass(frozen=True)
class Act:
    """A drawn effect or gesture. ``behind`` is drawn before the puppet, ``front`` after it.

    ambient: a flow without beginning (snow, hearts): over a whole loop it neither pops in nor goes away.
    """

    front: Draw | None = None
    behind: Draw | None = None
    ambient: bool = False

    @property
    def layers(self) -> frozenset[LayerName]:
        """Layers on which it draws."""
        pairs: tuple[tuple[LayerName, Draw | None], ...] = (("front", self.front), ("behind", self.behind))
        return frozenset(name for name, draw in pairs if draw is not None)


def perform(
    act: Act,
    cue: EffectCue | GestureCue,
    canvas: skia.Canvas,
    phase: float,
    face: Anchors,
    palette: Palette,
    *,
    layer: LayerName,
) -> None:
    """Draw one layer of an act if its cue is on at ``phase``."""
    draw = act.front if layer == "front" else act.behind
    if draw is None:
        return
    phase %= 1.0
    whole = cue.end - cue.start >= 1.0
    endless = whole and (act.ambient or bool(cue.options.get("hold")))
    here = 1.0 if endless else presence(phase, cue.start, cue.end)
    if here > 0.0:
        draw(Scene(canvas, phase, here, progress(phase, cue.start, cue.end), face, palette, cue.options))


def draws_behind(acts: Mapping[str, Act], cues: Sequence[EffectCue | GestureCue]) -> bool:
    """Whether any of the cues has something to draw before the puppet; an unknown name has not."""
    return any("behind" in acts[cue.name].layers for cue in cues if cue.name in acts)


def named(acts: Mapping[str, Act], name: str, kind: str) -> Act:
    """The act of a name, or MotionInvalid with code ``unknown_<kind>``."""
    act = acts.get(name)
    if act is None:
        known = ", ".join(sorted(acts))
        raise MotionInvalid(f"unknown_{kind}", f"No {kind} {name!r}. Choose one of: {known}.", name=name)
    return act
