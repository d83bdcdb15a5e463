"""The vocabulary of small drawn things, as sprites around their own origin, in design units.

Made when first asked for and then shared: sprites never change.
"""

from __future__ import annotations

from functools import cache

import skia

from ml_core.drawing.ink import (
    LINE,
    WHITE,
    Layer,
    Sprite,
    box,
    curve,
    lean,
    mix,
    moved,
    oval,
    path,
    star,
    thick,
    union,
)
from ml_core.types import Rgb

PINK: Rgb = (255, 92, 132)
RED: Rgb = (232, 48, 58)
GOLD: Rgb = (255, 212, 74)
ORANGE: Rgb = (255, 146, 40)
SKY: Rgb = (126, 206, 255)
BLUE: Rgb = (58, 140, 226)
MINT: Rgb = (92, 208, 164)
VIOLET: Rgb = (150, 112, 228)
INDIGO: Rgb = (62, 66, 128)
CLOUD: Rgb = (232, 236, 244)
DARK = 0.42
"""Share of black in the line of a coloured thing: its own hue, darker."""
SMALL_LINE = 2.6
"""Line width of small things, design units."""


def deep(colour: Rgb, share: float = DARK) -> Rgb:
    """The line colour that goes with a fill: darker and slightly warmer than grey would be."""
    return mix(colour, (70, 10, 40), share)


def _glint(x: float, y: float, rx: float, ry: float, turn: float = -35.0) -> Layer:
    """A white reflection."""
    return Layer(moved(oval(0, 0, rx, ry), x, y, turn=turn), WHITE, alpha=0.85)


HEART = "M0 22 C-32 2 -27 -24 -12 -22 C-4 -21 0 -15 0 -10 C0 -15 4 -21 12 -22 C27 -24 32 2 0 22 Z"
DROP = "M0 -26 C5 -14 17 -4 17 9 C17 28 -17 28 -17 9 C-17 -4 -5 -14 0 -26 Z"


@cache
def heart(colour: Rgb = PINK) -> Sprite:
    """About 50 units wide, upright."""
    return Sprite([Layer(path(HEART), colour, deep(colour), SMALL_LINE), _glint(-11, -12, 5.5, 3.2)])


@cache
def heart_halves(colour: Rgb = PINK) -> tuple[Sprite, Sprite]:
    """The picture's left and right half of :func:`heart`, torn along a zigzag."""
    left = "M0 22 C-32 2 -27 -24 -12 -22 C-4 -21 0 -15 0 -10 L-6 -3 L5 4 L-5 11 Z"
    right = "M0 22 L-5 11 L5 4 L-6 -3 L0 -10 C0 -15 4 -21 12 -22 C27 -24 32 2 0 22 Z"
    first, second = (Sprite([Layer(path(half), colour, deep(colour), SMALL_LINE)]) for half in (left, right))
    return first, second


@cache
def drop(colour: Rgb = SKY) -> Sprite:
    """A drop of water, tip up, about 50 units high."""
    return Sprite([Layer(path(DROP), colour, BLUE, SMALL_LINE), _glint(-7, 9, 3.2, 6.5, 20)])


@cache
def sparkle(colour: Rgb = GOLD) -> Sprite:
    """A four-pointed twinkle with concave sides, 60 units from tip to tip."""
    shape = path("M0 -30 Q4 -4 30 0 Q4 4 0 30 Q-4 4 -30 0 Q-4 -4 0 -30 Z")
    return Sprite([Layer(shape, colour, deep(colour, 0.3), SMALL_LINE)])


@cache
def round_star(colour: Rgb = GOLD) -> Sprite:
    """A plump five-pointed star, 50 units wide."""
    shape = thick_star(22.0, 11.5)
    return Sprite([Layer(shape, colour, deep(colour, 0.35), SMALL_LINE), _glint(-7, -7, 3.5, 2.2)])


def thick_star(outer: float, inner: float) -> skia.Path:
    """A star with rounded tips."""
    shape = star(5, outer, inner)
    return union((shape, thick(shape, 6.0)))


@cache
def anger(colour: Rgb = RED) -> Sprite:
    """The popping vein of comics, 60 units wide."""
    arm = path("M7 -28 C6 -13 13 -6 28 -7")
    return Sprite([Layer(moved(arm, turn=90 * k), None, colour, 8.5) for k in range(4)])


@cache
def sound(kind: int, colour: Rgb) -> Sprite:
    """Music notes: 0 a quaver, 1 two joined quavers."""
    dark = deep(colour, 0.3)
    if kind == 0:
        shape = union(
            (
                moved(oval(0, 0, 11, 8.5), -6, 18, turn=-20),
                thick(path("M3 16 L3 -20"), 6),
                path("M0 -23 C8 -20 20 -14 16 4 C13 -6 8 -8 0 -9 Z"),
            )
        )
    else:
        shape = union(
            (
                moved(oval(0, 0, 10, 8), -18, 18, turn=-20),
                moved(oval(0, 0, 10, 8), 14, 13, turn=-20),
                thick(path("M-10 16 L-10 -16 M22 11 L22 -21"), 6),
                path("M-13 -20 L25 -27 L25 -14 L-13 -7 Z"),
            )
        )
    return Sprite([Layer(shape, colour, dark, SMALL_LINE)])


@cache
def snowflake(colour: Rgb = (112, 182, 240)) -> Sprite:
    """Six arms with barbs, 44 units wide."""
    arm = path("M0 0 L0 -20 M0 -12 L-6 -18 M0 -12 L6 -18")
    arms = lean(union(thick(moved(arm, turn=60 * k), 4.6) for k in range(6)))
    return Sprite([Layer(arms, colour)], halo=4.5)


@cache
def snowball() -> Sprite:
    """A soft flake, 18 units wide."""
    return Sprite([Layer(oval(0, 0, 9), WHITE, (150, 198, 240), SMALL_LINE)], halo=3.5)


@cache
def flame(sway: int) -> Sprite:
    """A tongue of fire rooted at the origin, about 100 units high; ``sway`` -1, 0 or 1 bends its tip."""
    s = 12 * sway

    def tongue(k: float) -> skia.Path:
        return moved(
            path(
                f"M0 8 C-30 8 -36 -22 -22 -42 C-20 -32 -14 -30 -12 -34 C-14 -58 {s - 8} -78 {s + 2} -98 "
                f"C{s + 6} -76 18 -66 18 -44 C22 -46 24 -52 24 -56 C40 -30 30 8 0 8 Z"
            ),
            scale=k,
        )

    return Sprite(
        [
            Layer(tongue(1.0), (255, 92, 46), (196, 32, 30)),
            Layer(tongue(0.70), (255, 164, 46)),
            Layer(tongue(0.42), (255, 232, 110)),
        ]
    )


@cache
def letter_z(colour: Rgb = (110, 140, 230)) -> Sprite:
    """A sleepy Z, 34 units wide."""
    return _sign("M-14 -15 L14 -15 L-14 15 L14 15", colour)


def _sign(data: str, colour: Rgb, width: float = 9.0) -> Sprite:
    return Sprite([Layer(thick(path(data), width), colour, deep(colour, 0.35), SMALL_LINE)])


@cache
def question(colour: Rgb = (255, 160, 40)) -> Sprite:
    """A question mark, 60 units high."""
    mark = thick(path("M-14 -16 C-14 -34 15 -35 15 -16 C15 -4 0 -4 0 9"), 11.0)
    return Sprite([Layer(union((mark, oval(0, 25, 7))), colour, deep(colour, 0.35), SMALL_LINE)])


@cache
def exclamation(colour: Rgb = RED) -> Sprite:
    """An exclamation mark, 70 units high."""
    bar = path("M-9 -38 C-9 -46 9 -46 9 -38 L5 6 C4 11 -4 11 -5 6 Z")
    return Sprite([Layer(union((bar, oval(0, 24, 8))), colour, deep(colour, 0.35), SMALL_LINE)])


@cache
def paper(kind: int, colour: Rgb) -> Sprite:
    """A piece of confetti: 0 a rectangle, 1 a disc, 2 a streamer."""
    shape = (
        box(-8, -5, 8, 5, 1.5)
        if kind == 0
        else oval(0, 0, 6.5)
        if kind == 1
        else thick(path("M-12 4 C-6 -8 0 12 6 0 C8 -4 11 -5 13 -4"), 5.0)
    )
    return Sprite([Layer(shape, colour, deep(colour, 0.25), 1.6)], halo=3.2)


@cache
def puff(colour: Rgb = WHITE) -> Sprite:
    """A little cloud of steam, 50 units wide."""
    shape = union((oval(0, 2, 16), oval(-15, 6, 10), oval(14, 6, 11), oval(5, -8, 11)))
    return Sprite([Layer(shape, colour, (150, 158, 178), SMALL_LINE)])


@cache
def raincloud() -> Sprite:
    """A dark cloud, 150 units wide."""
    shape = union(
        (oval(-42, 8, 28), oval(-8, -10, 36), oval(34, 2, 30), box(-66, 6, 62, 36, 15), oval(58, 16, 20))
    )
    return Sprite(
        [
            Layer(shape, (142, 152, 182), INDIGO),
            Layer(union((oval(-14, -18, 20, 14), oval(28, -6, 16, 11))), (176, 186, 212)),
        ]
    )


@cache
def flower(colour: Rgb, heart_colour: Rgb = GOLD) -> Sprite:
    """Five petals, 56 units wide."""
    petals = union(moved(oval(0, -15, 10.5, 12), turn=72 * k) for k in range(5))
    return Sprite(
        [
            Layer(petals, colour, deep(colour, 0.35), SMALL_LINE),
            Layer(oval(0, 0, 8), heart_colour, deep(heart_colour, 0.3), 1.6),
        ]
    )


@cache
def bulb(lit: bool) -> Sprite:
    """A light bulb standing on its socket, 90 units high."""
    glass = GOLD if lit else (214, 220, 230)
    line = deep(glass, 0.45)
    return Sprite(
        [
            Layer(
                path("M-13 14 C-14 4 -28 -6 -28 -24 C-28 -62 28 -62 28 -24 C28 -6 14 4 13 14 Z"), glass, line
            ),
            curve("M-8 12 L-9 -10 L-3 -4 L0 -14 L3 -4 L9 -10 L8 12", WHITE if lit else (170, 176, 190), 3.2),
            Layer(box(-13, 16, 13, 32, 5), (150, 158, 176), (88, 94, 116)),
            curve("M-12 24 L12 24", (88, 94, 116), 2.4),
            _glint(-14, -32, 5, 9, 25),
        ]
    )


@cache
def ghost() -> Sprite:
    """A soul with a sleepy face, 80 units high, its tail at the origin."""
    body = path(
        "M0 0 C-6 -10 -4 -18 -16 -26 C-32 -38 -32 -84 0 -86 C32 -84 34 -42 20 -26 C10 -14 10 -6 0 0 Z"
    )
    return Sprite(
        [
            Layer(body, (240, 246, 255), (130, 146, 196)),
            curve("M-15 -56 C-13 -52 -8 -52 -6 -56 M6 -56 C8 -52 13 -52 15 -56", INDIGO, 3.0),
            Layer(oval(0, -44, 4.5, 5.5), INDIGO),
            Layer(oval(-17, -47, 4.5, 3), (255, 170, 190), alpha=0.8),
            Layer(oval(17, -47, 4.5, 3), (255, 170, 190), alpha=0.8),
        ]
    )


@cache
def thumb_icon(colour: Rgb = GOLD) -> Sprite:
    """A small thumbs up, 56 units high."""
    hand = union(
        (
            box(-12, -4, 20, 26, 9),
            thick(path("M-4 4 C-2 -6 2 -12 1 -22"), 13),
        )
    )
    return Sprite(
        [
            Layer(hand, colour, deep(colour, 0.4), SMALL_LINE),
            Layer(box(-24, -2, -12, 27, 4), BLUE, deep(BLUE), SMALL_LINE),
            curve("M8 5 L18 5 M8 12 L19 12 M8 19 L18 19", deep(colour, 0.4), 2.0),
        ]
    )


@cache
def cheek(colour: Rgb = (255, 120, 140)) -> Sprite:
    """A blush with three strokes, 44 units wide, without border: it lies on the face."""
    return Sprite(
        [
            Layer(oval(0, 0, 22, 13), colour, alpha=0.42),
            curve("M-9 5 L-5 -5 M-2 5 L2 -5 M5 5 L9 -5", mix(colour, RED, 0.45), LINE, 0.75),
        ],
        halo=0.0,
    )


@cache
def swirl(colour: Rgb = INDIGO) -> Sprite:
    """A spiral of low spirits, 50 units wide."""
    spiral = "M0 0 C6 -6 13 2 6 9 C-3 17 -17 8 -13 -6 C-8 -22 18 -22 22 0"
    return Sprite([Layer(path(spiral), None, colour, 6.0)])
