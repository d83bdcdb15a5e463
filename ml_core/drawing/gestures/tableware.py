"""Eating and drinking: cup, beer, cake, fork."""

from __future__ import annotations

from ml_core.drawing import shapes
from ml_core.drawing.gestures.carrying import held_sprite, hold
from ml_core.drawing.gestures.hand import line_width
from ml_core.drawing.gestures.placing import beside, enter, side_of
from ml_core.drawing.ink import WHITE, Layer, box, mix, moved, oval, path, thick, union
from ml_core.drawing.scene import Act, Scene
from ml_core.drawing.steam import ribbon
from ml_core.drawing.timing import bump, clamp, cycle, smooth, swing
from ml_core.types import Palette

CREAM = (255, 246, 226)
STEEL = (206, 214, 226)
CAKE_SHARE, CAKE_LIFT = 0.9, -76.0
"""Size of the cake on its stand, and where its plate then lies, design units above the wrist."""
CAKE_SIZE, CAKE_OUT = 0.95, 0.315


def _cup(palette: Palette) -> tuple[Layer, ...]:
    """A mug of coffee with a heart, its handle in the fist."""
    line, width = palette.line, line_width(palette)
    return (
        Layer(thick(path("M-16 -46 C6 -52 8 -8 -16 -12"), 10.0), (255, 128, 120), line, width),
        Layer(path("M-78 -66 L-14 -66 L-18 -4 C-19 4 -73 4 -74 -4 Z"), (255, 128, 120), line, width),
        Layer(oval(-46, -66, 32, 8), (116, 72, 52), line, width),
        Layer(moved(path(shapes.HEART), -48, -32, scale=0.62), CREAM),
        Layer(path("M-27 -56 L-21 -56 L-24 -6 L-31 -4 Z"), (220, 92, 92)),
    )


def _steam(scene: Scene, x: float, y: float) -> None:
    """Two ribbons above a hot thing."""
    for k in range(2):
        t = cycle(scene.phase, 2, 0.5 * k)
        s = scene.scale
        at = (x + (k - 0.5) * 22 * s, y - 22 * s * t)
        ribbon(scene, *at, 28 * s, 4 * s * swing(scene.phase, 2, 0.4 * k), bump(t) * clamp(scene.here))


def _cup_act(scene: Scene) -> None:
    side = side_of(scene)
    x, y = hold(scene, _cup, 1.05, lean=2.0, sway=3.0)
    _steam(scene, x - side * 46 * scene.scale, y - 80 * scene.scale)


def beer(palette: Palette) -> tuple[Layer, ...]:
    """A glass mug with foam, its handle in the fist."""
    line, width = palette.line, line_width(palette)
    foam = union((oval(-70, -78, 14), oval(-50, -84, 17), oval(-28, -79, 15), box(-80, -78, -14, -62, 7)))
    return (
        Layer(thick(path("M-16 -52 C8 -56 8 -4 -16 -8"), 9.0), (214, 236, 248), line, width),
        Layer(box(-80, -74, -14, 4, 10), (255, 190, 50), line, width),
        Layer(box(-70, -56, -62, -6, 4), (255, 226, 130)),
        Layer(box(-51, -56, -43, -6, 4), (255, 226, 130)),
        Layer(foam, WHITE, line, width),
    )


def _beer_act(scene: Scene) -> None:
    """Cheers: the mug swings up and in twice a loop."""
    side = side_of(scene)
    up = bump(cycle(scene.phase, 2) / 0.55)
    x, y = beside(scene, side)
    sprite = held_sprite(beer, scene.palette)
    at = (x - side * 0.02 * scene.size * up, y - 0.045 * scene.size * up)
    enter(
        scene, sprite, at, 1.08, turn=-side * (2.0 + 10.0 * up + 2.0 * swing(scene.phase, 2)), flip=side < 0
    )


def cake(palette: Palette) -> tuple[Layer, ...]:
    """A birthday cake on a plate."""
    line, width = palette.line, line_width(palette)
    icing = path(
        "M-56 -40 C-56 -58 56 -58 56 -40 L56 -24 C52 -12 42 -14 38 -24 C34 -8 20 -8 16 -22 "
        "C10 -6 -6 -6 -10 -22 C-16 -8 -28 -8 -32 -22 C-38 -12 -52 -12 -56 -24 Z"
    )
    candles = [
        Layer(box(x - 4.5, -78, x + 4.5, -50, 3), colour, line, 0.8 * width)
        for x, colour in ((-28, shapes.SKY), (0, shapes.PINK), (28, shapes.MINT))
    ]
    return (
        Layer(oval(0, 22, 76, 11), (236, 240, 248), line, width),
        Layer(box(-56, -40, 56, 22, 14), (255, 222, 166), line, width),
        Layer(box(-54, -4, 54, 6), (255, 158, 172)),
        *candles,
        Layer(icing, (255, 246, 250), line, width),
        *(Layer(oval(x, -40, 7.5), shapes.RED, line, 0.7 * width) for x in (-38, -13, 13, 38)),
    )


def _cake_stand(palette: Palette) -> tuple[Layer, ...]:
    """The cake on a stand whose stem is in the fist: beside the face it hides nobody's chin."""
    stem = Layer(thick(path("M0 -62 L0 -14"), 9.0), (236, 240, 248), palette.line, line_width(palette))
    return (stem, *(layer.moved(0, CAKE_LIFT, scale=CAKE_SHARE) for layer in cake(palette)))


def _cake_act(scene: Scene) -> None:
    side, sprite = side_of(scene), held_sprite(_cake_stand, scene.palette)
    x, y = beside(scene, side, out=CAKE_OUT)
    x, y = scene.kept(sprite, (x, y + 0.008 * scene.size * swing(scene.phase, 4)), CAKE_SIZE, flip=side < 0)
    enter(scene, sprite, (x, y), CAKE_SIZE, flip=side < 0)
    if scene.here < 0.9:
        return
    scale = CAKE_SIZE * scene.scale
    for k, dx in enumerate((-28, 0, 28)):
        flicker = 1.0 + 0.16 * swing(scene.phase, 8, 0.3 * k)
        wick = (x + dx * CAKE_SHARE * scale, y + (CAKE_LIFT - 77 * CAKE_SHARE) * scale)
        scene.place(shapes.flame(0), wick, 0.18 * flicker, turn=5.0 * swing(scene.phase, 5, 0.2 * k))


def _cutlery(kind: str) -> str:
    return {
        "fork": "M0 0 L0 -66 M-11 -104 L-11 -82 C-11 -70 11 -70 11 -82 L11 -104 M0 -104 L0 -74",
        "spoon": "M0 0 L0 -70",
        "chopsticks": "M-5 6 L-12 -112 M6 6 L10 -112",
    }[kind]


def _fork(palette: Palette) -> tuple[Layer, ...]:
    return (Layer(thick(path(_cutlery("fork")), 7.5), STEEL, palette.line, line_width(palette)),)


def _spoon(palette: Palette) -> tuple[Layer, ...]:
    bowl = union((thick(path(_cutlery("spoon")), 7.5), oval(0, -90, 15, 21)))
    return (
        Layer(bowl, STEEL, palette.line, line_width(palette)),
        Layer(oval(-3, -92, 8, 13), mix(STEEL, WHITE, 0.6)),
    )


def _chopsticks(palette: Palette) -> tuple[Layer, ...]:
    sticks = thick(path(_cutlery("chopsticks")), 7.0)
    noodles = "M-13 -92 C-22 -70 -4 -60 -14 -40 M-3 -94 C-12 -70 8 -62 -2 -42 M8 -93 C0 -72 18 -62 9 -44"
    return (
        Layer(sticks, (176, 104, 62), palette.line, line_width(palette)),
        Layer(thick(path(noodles), 7.5), (255, 214, 110), palette.line, 0.8 * line_width(palette)),
    )


_CUTLERY = {"fork": _fork, "spoon": _spoon, "chopsticks": _chopsticks}


def _fork_act(scene: Scene) -> None:
    """Cutlery travels towards the mouth and back, three bites a loop; ``kind``: fork, spoon, chopsticks."""
    side = side_of(scene)
    bite = smooth(bump(cycle(scene.phase, 3)))
    x, y = beside(scene, side)
    at = (x - side * 0.05 * scene.size * bite, y - 0.02 * scene.size * bite)
    thing = _CUTLERY.get(scene.word("kind", "fork"), _fork)
    turn = -side * (6.0 + 22.0 * bite)
    enter(scene, held_sprite(thing, scene.palette), at, 1.06, turn=turn, flip=side < 0)


TABLEWARE = {
    "cup": Act(front=_cup_act),
    "beer": Act(front=_beer_act),
    "cake": Act(front=_cake_act),
    "fork": Act(front=_fork_act),
}
