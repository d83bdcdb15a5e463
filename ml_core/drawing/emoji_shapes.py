"""Our own drawings of the emoji people type most, for machines without a colour emoji font.

Faces are composed of eyes, mouth and one extra; things reuse the vocabulary of effects and hands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from ml_core.drawing import shapes
from ml_core.drawing.gestures.carrying import Thing
from ml_core.drawing.gestures.hand import SLEEVE_LAYERS, hand_layers
from ml_core.drawing.gestures.office import book, clock, laptop, phone
from ml_core.drawing.gestures.party import gift, popper
from ml_core.drawing.gestures.tableware import beer, cake
from ml_core.drawing.gestures.travel import plane
from ml_core.drawing.graphemes import EMOJI_VARIATION
from ml_core.drawing.ink import WHITE, Layer, Sprite, box, curve, moved, oval, path, star, thick
from ml_core.types import Palette, Rgb

FACE: Rgb = (255, 208, 66)
FACE_LINE: Rgb = (214, 146, 24)
FEATURE: Rgb = (92, 56, 24)
ANGRY_FACE: Rgb = (246, 106, 72)
SIDE = 100.0
"""Emoji are drawn within about this many units."""
_HAND_PALETTE = Palette(
    skin=FACE,
    skin_shadow=(238, 172, 40),
    lip=shapes.RED,
    brow=FEATURE,
    hair=FEATURE,
    iris=FEATURE,
    line=(160, 96, 16),
    clothes=(88, 150, 232),
)


def _eyes(kind: str) -> list[Layer]:
    arc, line = 4.6, FEATURE
    kinds: dict[str, list[Layer]] = {
        "dot": [Layer(oval(x, -8, 5, 7), line) for x in (-16, 16)],
        "arc": [curve("M-25 -4 Q-16 -17 -7 -4 M7 -4 Q16 -17 25 -4", line, arc)],
        "shut": [curve("M-25 -8 Q-16 0 -7 -8 M7 -8 Q16 0 25 -8", line, arc)],
        "squeeze": [curve("M-26 -16 L-10 -8 L-26 0 M26 -16 L10 -8 L26 0", line, arc)],
        "wink": [Layer(oval(-16, -8, 5, 7), line), curve("M7 -8 Q16 -17 25 -8", line, arc)],
        "heart": [Layer(moved(path(shapes.HEART), x, -9, scale=0.62), shapes.RED) for x in (-17, 17)],
        "star": [Layer(moved(star(5, 15, 7), x, -9), WHITE) for x in (-17, 17)],
        "wide": [
            *(Layer(oval(x, -9, 11), WHITE, FEATURE, 1.6) for x in (-16, 16)),
            *(Layer(oval(x, -9, 4), FEATURE) for x in (-16, 16)),
        ],
        "cross": [
            curve("M-24 -16 L-10 -2 M-10 -16 L-24 -2 M24 -16 L10 -2 M10 -16 L24 -2", line, arc),
        ],
        "shades": [
            Layer(path("M-38 -18 L38 -18 L34 -2 C32 6 8 6 5 -6 L-5 -6 C-8 6 -32 6 -34 -2 Z"), (44, 44, 58)),
        ],
        "angry": [
            *(Layer(oval(x, -4, 5, 6.5), line) for x in (-16, 16)),
            curve("M-27 -20 L-8 -12 M27 -20 L8 -12", line, arc),
        ],
        "sad": [
            *(Layer(oval(x, -4, 6, 8), line) for x in (-16, 16)),
            *(Layer(oval(x - 2, -7, 2.2), WHITE) for x in (-16, 16)),
            curve("M-26 -16 Q-20 -22 -11 -22 M26 -16 Q20 -22 11 -22", line, 3.6),
        ],
    }
    return kinds[kind]


def _mouth(kind: str) -> list[Layer]:
    kinds: dict[str, list[Layer]] = {
        "smile": [curve("M-18 14 Q0 32 18 14", FEATURE, 4.6)],
        "grin": [
            Layer(path("M-22 10 L22 10 C20 36 -20 36 -22 10 Z"), (120, 40, 34)),
            Layer(path("M-19 11 L19 11 L17 18 L-17 18 Z"), WHITE),
        ],
        "flat": [curve("M-14 20 L14 20", FEATURE, 4.6)],
        "frown": [curve("M-15 26 Q0 12 15 26", FEATURE, 4.6)],
        "wail": [Layer(path("M-15 32 C-15 8 15 8 15 32 C8 36 -8 36 -15 32 Z"), (120, 40, 34))],
        "oh": [Layer(oval(0, 22, 9, 11), (120, 40, 34))],
        "kiss": [curve("M-4 12 C8 12 8 20 -1 20 C9 20 8 29 -4 28", FEATURE, 4.2)],
        "tongue": [
            curve("M-18 12 Q0 28 18 12", FEATURE, 4.6),
            Layer(path("M2 20 C2 38 20 36 18 16 Z"), shapes.PINK),
        ],
    }
    return kinds[kind]


def _extra(kind: str) -> list[Layer]:
    kinds: dict[str, list[Layer]] = {
        "": [],
        "tears": [
            Layer(path(f"M{x - 7} 0 L{x - 8} 36 C{x - 6} 42 {x + 6} 42 {x + 8} 36 L{x + 7} 0 Z"), shapes.SKY)
            for x in (-18, 18)
        ],
        "joy": [Layer(moved(path(shapes.DROP), x, 4, turn=t, scale=0.62), shapes.SKY, shapes.BLUE, 1.4)
                for x, t in ((-38, 40), (38, -40))],
        "tear": [Layer(moved(path(shapes.DROP), 20, 18, scale=0.5), shapes.SKY, shapes.BLUE, 1.4)],
        "sweat": [Layer(moved(path(shapes.DROP), 34, -28, scale=0.6), shapes.SKY, shapes.BLUE, 1.4)],
        "blush": [Layer(oval(x, 10, 9, 6), (255, 130, 110), alpha=0.7) for x in (-31, 31)],
        "hearts": [Layer(moved(path(shapes.HEART), x, y, scale=0.42), shapes.RED, WHITE, 1.6)
                   for x, y in ((-34, -28), (36, -22), (30, 32))],
        "kiss": [Layer(moved(path(shapes.HEART), 26, 20, scale=0.5), shapes.RED)],
        "zzz": [curve("M24 -42 L40 -42 L24 -24 L40 -24", (92, 128, 226), 5.0)],
        "think": [curve("M8 -24 Q18 -30 26 -24", FEATURE, 4.0)],
        "party": [Layer(path("M-14 -30 L4 -58 L26 -26 Z"), shapes.VIOLET, shapes.deep(shapes.VIOLET), 1.8)],
    }  # fmt: skip
    return kinds[kind]


def _face(eyes: str, mouth: str, extra: str = "", colour: Rgb = FACE) -> Callable[[], list[Layer]]:
    def layers() -> list[Layer]:
        head = Layer(oval(0, 0, 45), colour, FACE_LINE, 2.6)
        return [head, *_eyes(eyes), *_mouth(mouth), *_extra(extra)]

    return layers


def _sprite(make: Callable[..., Sprite], *values: object, scale: float = 1.0) -> Callable[[], list[Layer]]:
    return lambda: [layer.moved(scale=scale) for layer in make(*values).layers]


def _hand(pose: str) -> Callable[[], list[Layer]]:
    def layers() -> list[Layer]:
        flesh = hand_layers(pose, _HAND_PALETTE)[SLEEVE_LAYERS:]
        return [layer.moved(0, 40, scale=0.86) for layer in flesh]

    return layers


def _thing(thing: Thing, y: float, scale: float) -> Callable[[], list[Layer]]:
    return lambda: [layer.moved(0, y, scale=scale) for layer in thing(_HAND_PALETTE)]


def _broken_heart() -> list[Layer]:
    return [
        *shapes.heart(shapes.RED).layers[:1],
        curve("M-2 -14 L6 -6 L-5 2 L5 10 L0 20", WHITE, 4.0),
    ]


def _hundred() -> list[Layer]:
    figures = (
        "M-34 -18 L-34 14 M-14 -18 C-24 -18 -24 14 -14 14 C-4 14 -4 -18 -14 -18 "
        "M18 -18 C8 -18 8 14 18 14 C28 14 28 -18 18 -18"
    )
    return [curve(figures, shapes.RED, 8.0), curve("M-36 28 L32 24 M-26 38 L26 34", shapes.RED, 5.0)]


def _tick() -> list[Layer]:
    return [
        Layer(box(-40, -40, 40, 40, 12), (86, 190, 110), (46, 130, 72), 2.6),
        curve("M-20 2 L-6 16 L22 -16", WHITE, 9.0),
    ]


def _cross() -> list[Layer]:
    return [
        Layer(thick(path("M-26 -26 L26 26 M26 -26 L-26 26"), 17), shapes.RED, shapes.deep(shapes.RED), 2.6)
    ]


def _mug() -> list[Layer]:
    return [layer.moved(36, 34, scale=0.82) for layer in beer(_HAND_PALETTE)]


def _sun() -> list[Layer]:
    return [
        Layer(star(12, 48, 33), shapes.ORANGE, shapes.deep(shapes.ORANGE, 0.3), 2.4),
        Layer(oval(0, 0, 28), shapes.GOLD),
    ]


def _coffee() -> list[Layer]:
    return [
        Layer(thick(path("M24 -4 C46 -8 44 22 20 18"), 8), WHITE, (120, 130, 150), 2.6),
        Layer(path("M-34 -12 L26 -12 L20 30 C18 36 -26 36 -28 30 Z"), WHITE, (120, 130, 150), 2.6),
        Layer(oval(-4, -12, 30, 7), (122, 76, 52), (120, 130, 150), 2.2),
        curve("M-14 -26 C-8 -32 -20 -38 -12 -44 M4 -26 C10 -32 -2 -38 6 -44", (160, 168, 186), 4.0),
    ]


_HEARTS: Mapping[str, Rgb] = {
    "❤": shapes.RED, "💕": shapes.PINK, "💖": shapes.PINK, "💗": shapes.PINK, "💓": shapes.PINK,
    "💘": shapes.PINK,
    "🧡": shapes.ORANGE, "💛": shapes.GOLD, "💚": (86, 190, 110), "💙": (70, 140, 240), "💜": shapes.VIOLET,
    "🖤": (58, 54, 66), "🤍": (245, 245, 250), "♥": shapes.RED, "❣": shapes.RED, "💝": shapes.PINK,
}  # fmt: skip

_DRAWINGS: Mapping[str, Callable[[], list[Layer]]] = {
    **{sign: _sprite(shapes.heart, colour, scale=1.7) for sign, colour in _HEARTS.items()},
    "💔": lambda: [layer.moved(scale=1.7) for layer in _broken_heart()],
    "😀": _face("dot", "grin"), "😃": _face("dot", "grin"), "😄": _face("arc", "grin"),
    "😁": _face("arc", "grin"), "😆": _face("squeeze", "grin"), "😅": _face("arc", "grin", "sweat"),
    "😂": _face("arc", "grin", "joy"), "🤣": _face("squeeze", "grin", "joy"),
    "😊": _face("arc", "smile", "blush"),
    "☺": _face("arc", "smile", "blush"), "🙂": _face("dot", "smile"), "😉": _face("wink", "smile"),
    "😍": _face("heart", "grin"), "🥰": _face("arc", "smile", "hearts"), "😘": _face("wink", "kiss", "kiss"),
    "🤩": _face("star", "grin"), "😋": _face("arc", "tongue"), "😜": _face("wink", "tongue"),
    "😎": _face("shades", "smile"), "🤔": _face("dot", "flat", "think"), "😐": _face("dot", "flat"),
    "😑": _face("shut", "flat"), "😴": _face("shut", "oh", "zzz"), "😪": _face("shut", "flat", "tear"),
    "😢": _face("sad", "frown", "tear"), "😭": _face("shut", "wail", "tears"), "🥺": _face("sad", "frown"),
    "😞": _face("sad", "frown"), "😡": _face("angry", "frown", "", ANGRY_FACE),
    "😠": _face("angry", "frown"), "🤬": _face("angry", "flat", "", ANGRY_FACE), "😱": _face("wide", "wail"),
    "😮": _face("dot", "oh"), "😲": _face("wide", "oh"), "😳": _face("wide", "flat", "blush"),
    "😵": _face("cross", "oh"), "🥳": _face("arc", "grin", "party"), "🤗": _face("arc", "grin", "blush"),
    "😓": _face("sad", "flat", "sweat"), "😰": _face("sad", "oh", "sweat"),
    "👍": _hand("thumbs_up"), "👋": _hand("open"), "✋": _hand("open"), "🙌": _hand("open"),
    "👏": _hand("flat"),
    "🙏": _hand("flat"), "✌": _hand("v_sign"), "👌": _hand("ok"), "✊": _hand("fist"), "👊": _hand("fist"),
    "💪": _hand("fist"), "☝": _hand("point"), "🫰": _hand("pinch"),
    "🔥": lambda: [layer.moved(0, 44, scale=0.95) for layer in shapes.flame(1).layers],
    "⭐": _sprite(shapes.round_star, scale=1.6), "🌟": _sprite(shapes.round_star, scale=1.6),
    "✨": _sprite(shapes.sparkle, scale=1.5), "☀": _sun, "☁": _sprite(shapes.raincloud, scale=0.55),
    "🌧": _sprite(shapes.raincloud, scale=0.55), "❄": _sprite(shapes.snowflake, scale=1.9),
    "🌸": _sprite(shapes.flower, (255, 160, 190), scale=1.6),
    "🌷": _sprite(shapes.flower, shapes.PINK, scale=1.6),
    "🌹": _sprite(shapes.flower, shapes.RED, scale=1.6), "🌼": _sprite(shapes.flower, WHITE, scale=1.6),
    "💐": _sprite(shapes.flower, shapes.VIOLET, scale=1.6), "💧": _sprite(shapes.drop, scale=1.7),
    "💦": _sprite(shapes.drop, scale=1.7), "💢": _sprite(shapes.anger, scale=1.4),
    "💡": lambda: [layer.moved(0, 14) for layer in shapes.bulb(True).layers],
    "❓": _sprite(shapes.question, scale=1.3), "❔": _sprite(shapes.question, (190, 196, 206), scale=1.3),
    "❗": _sprite(shapes.exclamation, scale=1.2), "‼": _sprite(shapes.exclamation, scale=1.2),
    "💤": _sprite(shapes.letter_z, scale=2.0), "🎵": _sprite(shapes.sound, 0, shapes.VIOLET, scale=1.5),
    "🎶": _sprite(shapes.sound, 1, shapes.VIOLET, scale=1.4),
    "👻": lambda: [x.moved(0, 44) for x in shapes.ghost().layers],
    "🎉": _thing(popper, 42, 0.95), "🎊": _thing(popper, 42, 0.95), "🎁": _thing(gift, 20, 0.78),
    "🎂": _thing(cake, 22, 0.62), "🍰": _thing(cake, 22, 0.62), "🍺": _mug, "🍻": _mug,
    "📚": _thing(book, 18, 0.56), "📖": _thing(book, 18, 0.56), "⏰": _thing(clock, 2, 0.82),
    "📱": _thing(phone, 44, 0.8), "💻": _thing(laptop, 22, 0.46), "✈": _thing(plane, 0, 0.75),
    "💯": _hundred, "✅": _tick, "✔": _tick, "❌": _cross, "☕": _coffee,
}  # fmt: skip


@cache
def _neutral() -> Sprite:
    """What stands for an emoji that is neither in a font nor among the drawings."""
    return Sprite([layer.moved(scale=1.4) for layer in shapes.sparkle().layers], halo=0.0)


@cache
def emoji_sprite(cluster: str) -> Sprite:
    """Our drawing of an emoji sequence: by its first sign, else a neutral sparkle. Without border."""
    make = _DRAWINGS.get(cluster.replace(EMOJI_VARIATION, "")[:1])
    return Sprite(make(), halo=0.0) if make else _neutral()


DRAWN_EMOJI = frozenset(_DRAWINGS)
"""First signs of the emoji that have a drawing of their own."""
