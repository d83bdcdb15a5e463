"""Where hands and props stand: beside and below the face, clear of the eyes and above the canvas edge."""

from __future__ import annotations

from ml_core.drawing.ink import Sprite
from ml_core.drawing.scene import EDGE, Scene
from ml_core.drawing.timing import smooth

WRIST_HEIGHT = 0.80
"""Canvas share at which wrists stand: the hand is above the caption band, the sleeve behind the caption."""
SIDE = 0.335
"""Share of the canvas between its middle and a wrist: beside the jaw of a usual face."""
LAP = 0.64
"""Canvas share at which things in front of the chest begin: the puppet's chin is at about 0.70."""
LIP_GAP = 0.11
"""Outer-eye distances that they keep from the lower lip."""
SMALLEST = 0.7
"""Things are not shrunk below this share of their size to find room."""
RISE = 0.16
"""Share of the canvas by which a thing comes up while it pops in."""


def beside(
    scene: Scene, side: float, *, out: float = SIDE, height: float = WRIST_HEIGHT
) -> tuple[float, float]:
    """Wrist position at a side: -1 the picture's left, +1 right."""
    return scene.size * (0.5 + side * out), scene.size * height


def lap(scene: Scene) -> float:
    """Canvas y where things held in front of the chest begin: over the chin, below the mouth.

    It stands still while the face moves, unless the lower lip comes down to it.
    """
    lip = scene.face.point(17)[1]
    return max(LAP * scene.size, lip + LIP_GAP * scene.face.unit)


def below(scene: Scene, reach: float) -> tuple[float, float]:
    """Wrist position in front of the chest for a thing that reaches ``reach`` design units above it."""
    return scene.size * 0.5, lap(scene) + reach * scene.scale


def fitting(scene: Scene, sprite: Sprite, share: float = 1.0) -> tuple[tuple[float, float], float]:
    """Place and size in front of the chest: shrunk, within reason, where the room is short."""
    _, y0, _, y1 = sprite.extent()
    top = lap(scene)
    room = (1.0 - EDGE) * scene.size - top
    share *= min(1.0, max(SMALLEST, room / ((y1 - y0) * scene.scale * share)))
    return (scene.size * 0.5, top - y0 * scene.scale * share), share


def side_of(scene: Scene) -> float:
    """The ``side`` option in picture terms: the subject's left hand (default) is on the picture's right."""
    return -1.0 if scene.word("side", "left") == "right" else 1.0


def enter(
    scene: Scene,
    sprite: Sprite,
    at: tuple[float, float],
    share: float = 1.0,
    *,
    turn: float = 0.0,
    stretch: float = 1.0,
    flip: bool = False,
) -> None:
    """Place a sprite that rises and grows into view with the cue's presence and stays on the canvas."""
    x, y = at
    y += RISE * scene.size * (1.0 - smooth(scene.here))
    scene.place(sprite, (x, y), share * max(scene.here, 0.0), turn=turn, stretch=stretch, flip=flip)
