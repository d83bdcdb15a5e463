"""What one does for somebody else: patting a weeping little one."""

from __future__ import annotations

from ml_core.drawing import shapes
from ml_core.drawing.gestures.carrying import bare_sprite
from ml_core.drawing.gestures.hand import hand, line_width
from ml_core.drawing.gestures.placing import enter, fitting, side_of
from ml_core.drawing.ink import Layer, curve, oval
from ml_core.drawing.scene import Act, Scene
from ml_core.drawing.timing import bump, clamp, cycle, smooth, swing
from ml_core.types import Palette

WEEPER = (255, 222, 120)
EYES = (84, 62, 52)
ASIDE = 0.10
"""Share of the canvas by which the weeper stands aside for the hand."""


def weeper(palette: Palette) -> tuple[Layer, ...]:
    """A round little head with shut eyes and a trembling mouth, around the origin."""
    line, width = palette.line, line_width(palette)
    return (
        Layer(oval(0, 0, 50, 45), WEEPER, line, width),
        Layer(oval(-30, 10, 9, 6), (255, 170, 140)),
        Layer(oval(30, 10, 9, 6), (255, 170, 140)),
        curve("M-30 -6 C-26 2 -14 2 -10 -6 M10 -6 C14 2 26 2 30 -6", EYES, 5.0),
        curve("M-28 -20 L-12 -24 M28 -20 L12 -24", EYES, 4.0),
        curve("M-12 24 C-8 14 -4 14 0 20 C4 14 8 14 12 24", EYES, 4.5),
    )


def _pat(scene: Scene) -> None:
    """A hand pats the weeper in front of the chest, four times a loop; it gives way, and its tears roll."""
    side = side_of(scene)
    sprite = bare_sprite(weeper, scene.palette)
    (x, y), share = fitting(scene, sprite)
    x -= side * ASIDE * scene.size
    scale = share * scene.scale
    touch = smooth(bump(cycle(scene.phase, 4)))
    enter(scene, sprite, (x, y), share, turn=3.0 * swing(scene.phase, 2), stretch=1.0 - 0.09 * touch)
    for k, eye in enumerate((-22.0, 22.0)):
        t = cycle(scene.phase, 2, 0.5 * k)
        tear = (x + eye * scale, y + (4.0 + 30.0 * t) * scale)
        scene.place(shapes.drop(), tear, 0.42 * bump(t) * clamp(scene.here))
    wrist = (x + side * 92.0 * scale, y + (4.0 - 10.0 * (1.0 - touch)) * scale)
    turn = -side * (66.0 - 18.0 * (1.0 - touch))
    enter(scene, hand("flat", scene.palette), wrist, 0.98, turn=turn, flip=side < 0)


COMPANY = {"pat": Act(front=_pat)}
