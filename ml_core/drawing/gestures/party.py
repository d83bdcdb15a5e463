"""Celebration and gifts: party popper, gift, money, flag, hand fan."""

from __future__ import annotations

import math
from functools import lru_cache

from ml_core.drawing import shapes
from ml_core.drawing.gestures.carrying import carry, held_sprite, hold
from ml_core.drawing.gestures.hand import holding, line_width
from ml_core.drawing.gestures.placing import beside, enter, side_of
from ml_core.drawing.ink import WHITE, Layer, Sprite, box, curve, mix, moved, oval, path, thick
from ml_core.drawing.scene import Act, Scene
from ml_core.drawing.timing import bump, clamp, cycle, overshoot, scatter, smooth, swing
from ml_core.types import Palette, Rgb

_PARTY = (shapes.PINK, shapes.GOLD, shapes.SKY, shapes.MINT, shapes.VIOLET)
FLAG_STEPS = 8
"""Drawn stages of a waving flag; at 24 frames a second each is seen for about two frames."""
LIGHT = 200
"""Channel value from which a flag counts as white, and its emblem is red."""
_NOTE: Rgb = (126, 206, 140)


def popper(palette: Palette) -> tuple[Layer, ...]:
    """A paper cone with dots, its mouth up."""
    line, width = palette.line, line_width(palette)
    return (
        Layer(path("M0 8 L-34 -88 C-20 -78 20 -78 34 -88 Z"), shapes.VIOLET, line, width),
        Layer(path("M0 8 L34 -88 C28 -84 22 -82 14 -81 Z"), mix(shapes.VIOLET, (40, 10, 80), 0.25)),
        *(Layer(oval(x, y, 5), shapes.GOLD) for x, y in ((-14, -66), (6, -58), (-4, -40), (16, -72))),
        Layer(oval(0, -88, 34, 9), shapes.GOLD, line, width),
        Layer(oval(0, -88, 24, 5), (120, 80, 30)),
    )


def _popper_act(scene: Scene) -> None:
    """A bang, then confetti and ribbons fly in an arc; twice a loop."""
    side = side_of(scene)
    t = cycle(scene.phase, 2, -0.12)
    kick = bump(t / 0.16)
    x, y = beside(scene, side)
    turn = -side * (4.0 - 8.0 * kick)
    sprite = held_sprite(popper, scene.palette)
    recoil = (x, y + 0.02 * scene.size * kick)
    enter(scene, sprite, recoil, 1.05, turn=turn, flip=side < 0, stretch=1.0 - 0.1 * kick)
    reach = 100.0 * scene.scale
    x0 = x + reach * math.sin(math.radians(turn))
    y0 = y - reach * math.cos(math.radians(turn))
    for k in range(12):
        aim = math.radians(turn + (scatter(k, 1) - 0.5) * 74.0)
        far = scene.scale * (60.0 + 150.0 * scatter(k, 2)) * (1.0 - (1.0 - t) ** 3)
        px = x0 + far * math.sin(aim)
        py = y0 - far * math.cos(aim) + 120.0 * scene.scale * t * t
        share = 1.15 * smooth(t / 0.05) * (1.0 - smooth((t - 0.65) / 0.3)) * clamp(scene.here)
        piece = shapes.paper(k % 3, _PARTY[k % len(_PARTY)])
        at = scene.inside(px, py, 16)
        share *= scene.face.clearance(*at)
        scene.place(piece, at, share, turn=720.0 * t * (1 - 2 * (k % 2)) + 40 * k)


def gift(palette: Palette) -> tuple[Layer, ...]:
    """A present with a ribbon."""
    line, width = palette.line, line_width(palette)
    return (
        Layer(box(-50, -34, 50, 34, 8), (255, 122, 140), line, width),
        Layer(box(32, -34, 48, 32, 6), (232, 92, 116)),
        Layer(box(-9, -34, 9, 34), shapes.GOLD, line, 0.8 * width),
        Layer(box(-58, -52, 58, -28, 7), (255, 140, 156), line, width),
        Layer(box(-9, -52, 9, -28), shapes.GOLD, line, 0.8 * width),
        Layer(path("M0 -54 C-12 -86 -46 -84 -40 -66 C-36 -54 -14 -52 0 -54 Z"), shapes.GOLD, line, width),
        Layer(path("M0 -54 C12 -86 46 -84 40 -66 C36 -54 14 -52 0 -54 Z"), shapes.GOLD, line, width),
        Layer(oval(0, -54, 8), (255, 232, 140), line, 0.8 * width),
    )


def _gift_act(scene: Scene) -> None:
    x, y, scale = carry(scene, gift, 56.0, y=4.0, beats=3)
    for k, (dx, dy) in enumerate(((-70, -66), (72, -60), (58, -94))):
        t = cycle(scene.phase, 2, 0.33 * k)
        at = (x + dx * scale, y + dy * scale)
        scene.place(shapes.sparkle(), at, 0.55 * bump(t) * clamp(scene.here))


def _money(palette: Palette) -> tuple[Layer, ...]:
    """Three bank notes, fanned."""
    line, width = palette.line, line_width(palette)
    layers: list[Layer] = []
    for turn, colour in ((-30.0, mix(_NOTE, WHITE, 0.15)), (0.0, _NOTE), (30.0, mix(_NOTE, WHITE, 0.25))):
        note = (
            Layer(box(-22, -118, 22, -22, 4), colour, line, width),
            Layer(box(-16, -112, 16, -28, 3), None, mix(_NOTE, (20, 90, 50), 0.5), 2.2),
            Layer(oval(0, -70, 12), WHITE, mix(_NOTE, (20, 90, 50), 0.5), 2.2),
            curve("M-7 -75 L-3.5 -65 L0 -74 L3.5 -65 L7 -75 M-8 -71 L8 -71", (28, 110, 66), 2.4),
        )
        layers += [layer.moved(0, -18, turn=turn).moved(0, 0) for layer in (_lowered(n) for n in note)]
    return tuple(layers)


def _lowered(layer: Layer) -> Layer:
    """A layer of a note, turned about the grip instead of the wrist."""
    return layer.moved(0, 18)


@lru_cache(maxsize=1)
def _coin() -> Sprite:
    return Sprite(
        [
            Layer(oval(0, 0, 15), shapes.GOLD, shapes.deep(shapes.GOLD, 0.4), 2.6),
            curve("M-6 -5 L-3 5 L0 -4 L3 5 L6 -5 M-7.5 -1 L7.5 -1", shapes.deep(shapes.GOLD, 0.5), 2.2),
        ]
    )


def _money_act(scene: Scene) -> None:
    """The fan of notes is shaken; coins rain on the other side."""
    side = side_of(scene)
    hold(scene, _money, 1.0, lean=2.0, beats=4, sway=6.0)
    for k in range(6):
        t = cycle(scene.phase, 1, k / 6.0)
        x = scene.size * (0.5 - side * (0.30 + 0.15 * scatter(k, 1)))
        y = scene.face.floor * (0.12 + 0.80 * t)
        flip = 0.45 + 0.55 * abs(swing(scene.phase, 3, 0.2 * k))
        at = scene.inside(x, y, 20)
        share = 1.1 * bump(t) ** 0.4 * clamp(scene.here)
        scene.place(_coin(), at, share, stretch=1.0 / flip, turn=20.0 * (k % 3 - 1))


@lru_cache(maxsize=128)
def _flag(step: int, colour: Rgb, palette: Palette) -> Sprite:
    """A pennant on a pole, one of ``FLAG_STEPS`` stages of its wave."""
    line, width = palette.line, line_width(palette)

    def wave(x: float) -> float:
        return 7.0 * (x / 92.0) * math.sin(2.0 * math.pi * (step / FLAG_STEPS - x / 92.0))

    xs = [92.0 * k / 8.0 for k in range(9)]
    top = [(-x, -146 + 0.06 * x + wave(x)) for x in xs]
    bottom = [(-x, -84 - 0.06 * x + wave(x)) for x in reversed(xs)]
    data = "M" + " L".join(f"{x:.2f} {y:.2f}" for x, y in (*top, *bottom)) + " Z"
    emblem = moved(path(shapes.HEART), -42, -114 + wave(42), scale=0.72)
    cloth = (
        Layer(path(data), colour, line, width),
        Layer(emblem, shapes.RED if min(colour) > LIGHT else WHITE),
        Layer(thick(path("M0 0 L0 -150"), 8.0), (214, 160, 96), line, width),
        Layer(oval(0, -154, 8), shapes.GOLD, line, width),
    )
    return Sprite(holding(cloth, palette))


def _flag_act(scene: Scene) -> None:
    """A flag is waved from side to side."""
    side = side_of(scene)
    step = int(cycle(scene.phase, 4) * FLAG_STEPS) % FLAG_STEPS
    sprite = _flag(step, scene.colour((66, 150, 236)), scene.palette)
    x, y = beside(scene, side, out=0.37)
    turn = side * (10.0 + 12.0 * swing(scene.phase, 2))
    enter(scene, sprite, (x, y), 0.98, turn=turn, flip=side < 0)


def _fan(palette: Palette) -> tuple[Layer, ...]:
    """A round paper fan with a flower."""
    line, width = palette.line, line_width(palette)
    petals = [Layer(moved(oval(0, -15, 9, 12), -2, -100, turn=72 * k), (255, 168, 190)) for k in range(5)]
    return (
        Layer(thick(path("M0 4 L0 -62"), 9.0), (196, 138, 84), line, width),
        Layer(oval(0, -100, 46, 44), (255, 248, 232), line, width),
        curve("M0 -62 L0 -84 M0 -62 L-22 -82 M0 -62 L22 -82", (226, 206, 176), 3.0),
        *petals,
        Layer(oval(-2, -100, 7), shapes.GOLD),
    )


def _fan_act(scene: Scene) -> None:
    """Fanning: quick swings, with strokes of wind towards the face."""
    side = side_of(scene)
    x, y = beside(scene, side)
    beat = swing(scene.phase, 6)
    sprite = held_sprite(_fan, scene.palette)
    enter(scene, sprite, (x, y), 0.98, turn=-side * (8.0 + 15.0 * beat), flip=side < 0)
    for k in range(3):
        t = cycle(scene.phase, 6, 0.25 + 0.12 * k)
        at = (x - side * scene.scale * (66 + 34 * t), y - scene.scale * (124 - 22 * k))
        share = 0.8 * bump(t) * overshoot(clamp(scene.here))
        scene.place(_gust(), scene.inside(*at, 18), share, flip=side < 0)


@lru_cache(maxsize=1)
def _gust() -> Sprite:
    return Sprite([curve("M14 0 C4 -6 -4 6 -16 0", (120, 190, 240), 5.0)])


PARTY = {
    "party_popper": Act(front=_popper_act),
    "gift": Act(front=_gift_act),
    "money": Act(front=_money_act),
    "flag": Act(front=_flag_act),
    "fan": Act(front=_fan_act),
}
