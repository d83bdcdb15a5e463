"""Hands with things: a fist around a handle, or two hands at the sides of something larger."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from ml_core.drawing.gestures.hand import holding, line_width, skin_layers, sleeve_colour
from ml_core.drawing.gestures.placing import beside, enter, fitting, side_of
from ml_core.drawing.ink import WHITE, Layer, Sprite, box, mix, moved, oval, path, thick
from ml_core.drawing.scene import Scene
from ml_core.drawing.timing import swing
from ml_core.types import Palette

Thing = Callable[[Palette], tuple[Layer, ...]]
"""Layers of a prop in the line of a style. Held things are drawn around the grip at (0, -28)."""


@lru_cache(maxsize=256)
def held_sprite(thing: Thing, palette: Palette) -> Sprite:
    """A thing in a fist."""
    return Sprite(holding(thing(palette), palette))


@lru_cache(maxsize=256)
def bare_sprite(thing: Thing, palette: Palette) -> Sprite:
    """A thing alone."""
    return Sprite(thing(palette))


def side_hands(half_width: float, y: float, palette: Palette) -> tuple[list[Layer], list[Layer]]:
    """Two hands that hold something by its sides: what lies behind it, and the fingers in front of it."""
    width = line_width(palette)
    sleeve = sleeve_colour(palette)
    back: list[Layer] = []
    front: list[Layer] = []
    for side in (-1.0, 1.0):
        x = side * (half_width + 4.0)
        arm = path("M-16 0 L-21 40 C-21 50 21 50 21 40 L16 0 Z")
        back += [
            Layer(moved(arm, x + side * 4, y + 10, turn=-side * 30), sleeve, palette.line, width),
            Layer(
                moved(box(-19, -7, 19, 8, 6), x + side * 4, y + 12, turn=-side * 30),
                mix(sleeve, WHITE, 0.45),
                palette.line,
                width,
            ),
            *skin_layers(oval(x, y - 2, 19, 23), [], palette),
        ]
        fingers = [
            thick(path(f"M{x - side * 2} {y + dy} L{x - side * 17} {y + dy + 1}"), 12.5)
            for dy in (-17, -6, 5, 15)
        ]
        front += skin_layers(fingers[0], fingers[1:], palette)
    return back, front


@lru_cache(maxsize=256)
def carried_sprite(thing: Thing, half_width: float, y: float, palette: Palette) -> Sprite:
    """A thing carried by two hands at ``half_width`` design units from its middle, at height ``y``."""
    back, front = side_hands(half_width, y, palette)
    return Sprite([*back, *thing(palette), *front])


def hold(
    scene: Scene, thing: Thing, share: float = 1.1, *, lean: float = 0.0, beats: int = 2, sway: float = 5.0
) -> tuple[float, float]:
    """Show a held thing beside the face, swaying ``beats`` times. Returns the wrist in canvas pixels."""
    side = side_of(scene)
    x, y = beside(scene, side)
    sprite = held_sprite(thing, scene.palette)
    turn = side * (lean + sway * swing(scene.phase, beats))
    enter(scene, sprite, (x, y), share, turn=turn, flip=side < 0)
    return x, y


def carry(
    scene: Scene, thing: Thing, half_width: float, *, y: float = 0.0, beats: int = 2
) -> tuple[float, float, float]:
    """Show a thing in two hands in front of the chest. Returns its origin and scale in canvas pixels."""
    sprite = carried_sprite(thing, half_width, y, scene.palette)
    (x, top), share = fitting(scene, sprite)
    at = (x, top + 0.006 * scene.size * swing(scene.phase, beats))
    enter(scene, sprite, at, share, turn=1.5 * swing(scene.phase, 1))
    return (*at, share * scene.scale)
