"""Where hands and props stand: beside and below the face, clear of the eyes and above the canvas edge."""

from __future__ import annotations

from ml_core.drawing.ink import Sprite
from ml_core.drawing.scene import Scene
from ml_core.drawing.timing import smooth

WRIST_HEIGHT = 0.80
"""Canvas share at which wrists stand: the hand is above the caption band, the sleeve behind the caption."""
SIDE = 0.335
"""Share of the canvas between its middle and a wrist: beside the jaw of a usual face."""
RISE = 0.16
"""Share of the canvas by which a thing comes up while it pops in."""


def beside(
    scene: Scene, side: float, *, out: float = SIDE, height: float = WRIST_HEIGHT
) -> tuple[float, float]:
    """Wrist position at a side: -1 the picture's left, +1 right."""
    return scene.size * (0.5 + side * out), scene.size * height


def below(scene: Scene, reach: float, *, overlap: float = 0.10) -> tuple[float, float]:
    """Wrist position under the chin for a thing that reaches ``reach`` design units above its wrist.

    It may overlap the chin by ``overlap`` outer-eye distances, so that it belongs to the face.
    """
    chin = scene.face.point(152)[1]
    return scene.size * 0.5, chin + reach * scene.scale - overlap * scene.face.unit


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
