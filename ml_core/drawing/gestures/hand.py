"""A small hand rig: a palm, capsule fingers, folded fingers and a sleeve become one outlined sprite.

Hands stand on their wrist at the origin, fingers up, thumb to the picture's left; they are flipped and turned
when drawn. Colours come from the palette: skin and its shadow, line, and the clothes for the sleeve.
A thumb and index finger close together with nothing between them is an insult to many Koreans: no pose here
may look like it; ``finger_heart`` therefore always crosses the fingers and carries a heart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import skia

from ml_core.drawing.ink import LINE, WHITE, Layer, Sprite, box, lean, mix, moved, oval, path, thick, union
from ml_core.types import Palette, Rgb

DEFAULT_SLEEVE: Rgb = (122, 168, 224)
"""Sleeve where the portrait shows no clothes: a friendly blue that sits well with every skin tone."""
SHADE = (-5.0, -4.0)
"""The lit copy of a hand is shifted by this; what it leaves uncovered is in shadow (light from top left)."""
FINGER = 15.5
"""Usual finger width: chubby fingers look friendly and survive small sizes."""

SLEEVE_LAYERS = 3
"""Layers of the sleeve at the start of ``hand_layers``: arm, its shadow, cuff."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Digit:
    """A capsule through two or three points."""

    points: tuple[Point, ...]
    width: float = FINGER

    def shape(self) -> skia.Path:
        """Area of the finger."""
        (x0, y0), *rest = self.points
        if len(rest) == 2:
            (x1, y1), (x2, y2) = rest
            return thick(path(f"M{x0} {y0} Q{x1} {y1} {x2} {y2}"), self.width)
        return thick(path(f"M{x0} {y0} " + " ".join(f"L{x} {y}" for x, y in rest)), self.width)


@dataclass(frozen=True)
class HandPose:
    """``palm``: x0, y0, x1, y1, corner radius. ``raised`` digits melt into the palm's silhouette; ``folded``
    ones lie in front with their own line, in order. ``sleeve``: degrees the sleeve turns about the wrist,
    and where the wrist is."""

    palm: tuple[float, float, float, float, float]
    raised: tuple[Digit, ...] = ()
    folded: tuple[Digit, ...] = ()
    sleeve: float = 0.0
    wrist: Point = (0.0, 0.0)
    creases: str = ""


def _d(*numbers: float, width: float = FINGER) -> Digit:
    pairs = tuple(zip(numbers[::2], numbers[1::2], strict=True))
    return Digit(pairs, width)


_PALM = (-25.0, -60.0, 25.0, -2.0, 21.0)
_FIST = (-26.0, -54.0, 26.0, -2.0, 19.0)
_ROW = tuple(_d(x, -47.0, x, -31.0, width=14.0) for x in (-18.5, -6.2, 6.2, 18.5))
_ACROSS = _d(-20.0, -20.0, -8.0, -16.0, 6.0, -19.0, width=15.0)

POSES: dict[str, HandPose] = {
    "open": HandPose(
        _PALM,
        raised=(
            _d(-17, -52, -28, -84),
            _d(-6, -56, -9, -94, width=16),
            _d(7, -56, 11, -91, width=16),
            _d(18, -50, 29, -78, width=14.5),
            _d(-14, -22, -36, -28, -46, -46, width=16),
        ),
        creases="M-12 -18 C-4 -26 2 -34 4 -42",
    ),
    "flat": HandPose(
        _PALM,
        raised=(
            _d(-17, -50, -17, -82, width=14.5),
            _d(-5.5, -54, -5.5, -90, width=15),
            _d(6, -54, 6, -88, width=15),
            _d(17.5, -50, 17.5, -79, width=14),
            _d(-16, -20, -32, -34, -33, -50, width=15),
        ),
        creases="M-11.5 -62 L-11.5 -82 M0 -64 L0 -86 M12 -62 L12 -82",
    ),
    "fist": HandPose(_FIST, folded=(*_ROW, _ACROSS)),
    "thumbs_up": HandPose(
        (-24.0, -54.0, 24.0, -2.0, 18.0),
        raised=(_d(-11, -42, -14, -66, -8, -86, width=18),),
        folded=tuple(_d(2, y, 19, y, width=13.5) for y in (-46, -34, -22, -10)),
        sleeve=66.0,
        wrist=(-15.0, -22.0),
    ),
    "point": HandPose(_FIST, raised=(_d(-15, -48, -16, -94, width=16),), folded=(*_ROW[1:], _ACROSS)),
    "v_sign": HandPose(
        _FIST,
        raised=(_d(-14, -48, -25, -92, width=16), _d(0, -48, 10, -95, width=16)),
        folded=(*_ROW[2:], _d(-20, -20, -6, -22, 8, -30, width=15)),
    ),
    "ok": HandPose(
        (-22.0, -56.0, 25.0, -2.0, 20.0),
        raised=(
            _d(0, -52, 1, -93, width=15.5),
            _d(10, -52, 18, -88, width=15.5),
            _d(19, -46, 33, -74, width=14),
            _d(-6, -54, -14, -78, -32, -68, width=14.5),
            _d(-32, -68, -44, -52, -30, -40, width=14.5),
            _d(-30, -40, -20, -30, -10, -28, width=15),
        ),
    ),
    "pinch": HandPose(
        _FIST,
        raised=(_d(-16, -46, -16, -62, 4, -82, width=15),),
        folded=(*_ROW[1:], _d(8, -34, 10, -52, -17, -80, width=15.5)),
    ),
    "grip": HandPose((-24.0, -52.0, 22.0, -4.0, 17.0)),
    "beak": HandPose((-20.0, -50.0, 20.0, -2.0, 18.0), raised=(_d(-4, -44, -2, -62, width=26),), folded=()),
}
"""Named poses. ``grip`` closes around a prop, see :func:`holding`."""

_GRIP_FINGERS = tuple(_d(-14, y, 15, y + 1, width=13.5) for y in (-44.5, -33, -21.5, -10.5))
_GRIP_THUMB = _d(-16, -34, -12, -52, 4, -55, width=14.0)


def sleeve_colour(palette: Palette) -> Rgb:
    """Colour of sleeves: the person's clothes; near-black and near-white are softened for the line's sake."""
    colour = palette.clothes or DEFAULT_SLEEVE
    light = sum(colour) / 765.0
    if light < 0.2:
        return mix(colour, WHITE, 0.22)
    return mix(colour, (120, 130, 160), 0.14) if light > 0.92 else colour


def line_width(palette: Palette) -> float:
    """Line width in design units for a style."""
    return LINE * palette.line_weight


def _sleeve(pose: HandPose, palette: Palette) -> list[Layer]:
    """A short sleeve with a cuff; it starts under the wrist and ends rounded."""
    colour = sleeve_colour(palette)
    cuff = mix(colour, WHITE, 0.45)
    width = line_width(palette)
    x, y = pose.wrist
    arm = path("M-18 2 L-24 44 C-24 54 24 54 24 44 L18 2 Z")
    layers = [
        Layer(arm, colour, palette.line, width),
        Layer(
            path("M8 4 L18 4 L24 44 C24 50 18 52 10 52 C14 38 12 18 8 4 Z"), mix(colour, (30, 20, 60), 0.2)
        ),
        Layer(box(-21, -4, 21, 11, 6), cuff, palette.line, width),
    ]
    return [layer.moved(x, y, turn=pose.sleeve) for layer in layers]


def skin_layers(
    silhouette: skia.Path, folded: Sequence[skia.Path], palette: Palette, *, creases: str = ""
) -> list[Layer]:
    """Flesh with one outline, a cel shadow on its lower right, and folded fingers on top."""
    width = line_width(palette)
    lit = moved(silhouette, *SHADE)
    shadow = skia.Op(silhouette, lit, skia.kDifference_PathOp)
    layers = [
        Layer(silhouette, palette.skin, palette.line, width),
        Layer(shadow, mix(palette.skin, palette.skin_shadow, 0.75)),
    ]
    if creases:
        layers.append(Layer(path(creases), None, mix(palette.skin_shadow, palette.line, 0.45), 0.8 * width))
    for shape in folded:
        lit = moved(shape, SHADE[0] * 0.5, SHADE[1] * 0.6)
        layers.append(Layer(shape, palette.skin, palette.line, 0.85 * width))
        shade = skia.Op(shape, lit, skia.kDifference_PathOp)
        layers.append(Layer(shade, mix(palette.skin, palette.skin_shadow, 0.6)))
    return layers


def _flesh(pose: HandPose) -> skia.Path:
    return union(
        (
            box(*pose.palm),
            box(-14, -16, 14, 4, 4) if not pose.sleeve else oval(*pose.wrist, 14),
            *(digit.shape() for digit in pose.raised),
        )
    )


@lru_cache(maxsize=512)
def hand_layers(name: str, palette: Palette) -> tuple[Layer, ...]:
    """Layers of a hand in pose ``name``, back to front."""
    pose = POSES[name]
    folded = [digit.shape() for digit in pose.folded]
    flesh = skin_layers(lean(_flesh(pose)), folded, palette, creases=pose.creases)
    return (*_sleeve(pose, palette), *flesh)


@lru_cache(maxsize=512)
def hand(name: str, palette: Palette) -> Sprite:
    """A hand in pose ``name`` in the person's colours."""
    return Sprite(hand_layers(name, palette))


def holding(prop: Sequence[Layer], palette: Palette) -> tuple[Layer, ...]:
    """A fist around a prop: the palm behind it, the fingers in front. The grip's middle is at (0, -28)."""
    fingers = skin_layers(_GRIP_FINGERS[0].shape(), [d.shape() for d in _GRIP_FINGERS[1:]], palette)
    thumb = skin_layers(_GRIP_THUMB.shape(), [], palette)
    return (*hand_layers("grip", palette), *prop, *fingers, *thumb)
