"""Work and study: laptop, phone, book, pencil and exam, clock."""

from __future__ import annotations

from functools import lru_cache

from ml_core.drawing import shapes
from ml_core.drawing.gestures.carrying import bare_sprite, carry, held_sprite
from ml_core.drawing.gestures.hand import hand, holding, line_width
from ml_core.drawing.gestures.placing import beside, enter, fitting, side_of
from ml_core.drawing.ink import WHITE, Layer, Sprite, box, curve, moved, oval, path, thick
from ml_core.drawing.scene import Act, Scene
from ml_core.drawing.timing import bump, clamp, cycle, overshoot, smooth, swing, tremble
from ml_core.types import Palette

STEEL = (206, 214, 226)
PAPER = (255, 252, 240)


def laptop(palette: Palette) -> tuple[Layer, ...]:
    """The back of a laptop's lid with a heart, standing on its base."""
    line, width = palette.line, line_width(palette)
    return (
        Layer(box(-98, 8, 98, 22, 7), (150, 160, 178), line, width),
        Layer(
            path("M-84 -84 C-84 -92 -80 -96 -72 -96 L72 -96 C80 -96 84 -92 84 -84 L88 10 L-88 10 Z"),
            (222, 228, 238),
            line,
            width,
        ),
        Layer(path("M52 -94 L72 -94 C78 -94 82 -91 82 -84 L86 8 L60 8 Z"), (198, 206, 222)),
        Layer(moved(path(shapes.HEART), 0, -42, scale=0.72), shapes.PINK, line, 0.7 * width),
    )


def _laptop_act(scene: Scene) -> None:
    """Fists hammer behind the lid, alternately; key strokes fly up."""
    lid = bare_sprite(laptop, scene.palette)
    (x, y), share = fitting(scene, lid)
    fist, scale = hand("fist", scene.palette), share * scene.scale
    for k, side in enumerate((-1.0, 1.0)):
        hit = bump(cycle(scene.phase, 6, 0.5 * k))
        at = (x + side * 100 * scale, y + (4.0 - 22.0 * hit) * scale)
        scene.place(fist, at, 0.9 * share * scene.here, turn=-side * 8.0, flip=side < 0)
    enter(scene, lid, (x, y), share, turn=0.8 * tremble(scene.phase, 3.0, 12))


def phone(palette: Palette) -> tuple[Layer, ...]:
    """A phone seen from behind, its back to the viewer."""
    line, width = palette.line, line_width(palette)
    return (
        Layer(box(-27, -112, 27, 2, 11), (92, 110, 214), line, width),
        Layer(path("M14 -110 C22 -110 25 -107 25 -100 L25 -8 C25 -2 22 0 14 0 Z"), (72, 86, 182)),
        Layer(box(-21, -106, -1, -86, 7), (64, 74, 140)),
        Layer(oval(-11, -96, 5.5), (20, 24, 44)),
        Layer(oval(-13, -98, 1.8), WHITE),
    )


def _phone_act(scene: Scene) -> None:
    """A phone that buzzes now and then, with little waves beside it."""
    side = side_of(scene)
    ring = bump(cycle(scene.phase, 2) / 0.4)
    x, y = beside(scene, side)
    turn = -side * 8.0 + 2.0 * swing(scene.phase, 2) + 5.0 * tremble(scene.phase, 1.0, 20) * ring
    enter(scene, held_sprite(phone, scene.palette), (x, y), 1.08, turn=turn, flip=side < 0)


def book(palette: Palette) -> tuple[Layer, ...]:
    """An open book seen from its cover side."""
    line, width = palette.line, line_width(palette)
    return (
        Layer(
            path(
                "M0 -66 C-24 -82 -62 -80 -84 -72 L-84 12 C-60 4 -24 4 0 18 C24 4 60 4 84 12 L84 -72 "
                "C62 -80 24 -82 0 -66 Z"
            ),
            PAPER,
            line,
            width,
        ),
        Layer(
            path("M-2 -58 C-26 -72 -60 -70 -78 -64 L-78 20 C-56 12 -24 12 -2 26 Z"),
            (70, 150, 226),
            line,
            width,
        ),
        Layer(path("M2 -58 C26 -72 60 -70 78 -64 L78 20 C56 12 24 12 2 26 Z"), (92, 172, 240), line, width),
        curve("M-62 -44 C-48 -48 -32 -46 -20 -40 M-62 -28 C-48 -32 -32 -30 -20 -24", (214, 236, 255), 4.5),
        Layer(moved(shapes.thick_star(13, 7), 40, -24), shapes.GOLD, line, 0.7 * width),
    )


def _book_act(scene: Scene) -> None:
    carry(scene, book, 82.0, y=-8.0)


def _sheet(palette: Palette) -> tuple[Layer, ...]:
    """An examination paper: questions, some ticked."""
    line, width = palette.line, line_width(palette)
    rows = " ".join(f"M-30 {y} L34 {y}" for y in (-66, -48, -30, -12, 6))
    return (
        Layer(box(-56, -98, 56, 30, 6), PAPER, line, width),
        curve("M-44 -84 L14 -84", (90, 96, 120), 6.0),
        curve(rows, (170, 178, 196), 3.6),
        curve(
            "M-46 -66 L-42 -61 L-36 -71 M-46 -48 L-42 -43 L-36 -53 M-46 -30 L-37 -21 M-37 -30 L-46 -21",
            shapes.RED,
            3.6,
        ),
        Layer(oval(36, -80, 13), None, shapes.RED, 3.4),
    )


@lru_cache(maxsize=64)
def _pencil_hand(palette: Palette) -> Sprite:
    """A fist that writes: the pencil leans to the left of the hand, its tip is at (-46, 4)."""
    line, width = palette.line, line_width(palette)
    pencil = (
        Layer(box(-7, -74, 7, 16), shapes.GOLD, line, width),
        Layer(box(2, -74, 7, 16), (236, 170, 40)),
        Layer(box(-7, -88, 7, -72, 4), shapes.PINK, line, width),
        Layer(path("M-7 16 L7 16 L0 36 Z"), (250, 220, 180), line, width),
        Layer(path("M-2.6 29 L2.6 29 L0 36 Z"), (60, 56, 70)),
    )
    leaning = [layer.moved(-16, -20, turn=48) for layer in pencil]
    return Sprite(holding(leaning, palette))


def _pencil_act(scene: Scene) -> None:
    """A paper on the table; the hand writes along its lines."""
    paper = bare_sprite(_sheet, scene.palette)
    (x, y), share = fitting(scene, paper)
    scale = share * scene.scale
    x -= 0.04 * scene.size
    enter(scene, paper, (x, y), share, turn=-5.0)
    along = cycle(scene.phase, 3)
    dx = 66.0 + 34.0 * smooth(along / 0.8) * (1.0 - smooth((along - 0.8) / 0.2))
    wrist = (x + dx * scale, y + (-6.0 + 2.5 * swing(scene.phase, 21)) * scale)
    enter(scene, _pencil_hand(scene.palette), wrist, 0.92 * share, turn=3.0 * swing(scene.phase, 21))


def clock(palette: Palette) -> tuple[Layer, ...]:
    """An alarm clock at five to eight, around the origin."""
    line, width = palette.line, line_width(palette)
    return (
        Layer(thick(path("M-26 34 L-34 48 M26 34 L34 48"), 9.0), (210, 70, 72), line, width),
        Layer(thick(path("M0 -50 L0 -58"), 8.0), STEEL, line, width),
        Layer(moved(path("M-20 0 C-20 -26 20 -26 20 0 Z"), -30, -40, turn=-38), shapes.GOLD, line, width),
        Layer(moved(path("M-20 0 C-20 -26 20 -26 20 0 Z"), 30, -40, turn=38), shapes.GOLD, line, width),
        Layer(oval(0, 0, 48), (244, 88, 84), line, width),
        Layer(oval(0, 0, 36), PAPER, line, 0.8 * width),
        curve("M0 -29 L0 -26 M0 29 L0 26 M-29 0 L-26 0 M29 0 L26 0", (120, 120, 140), 4.0),
        curve("M0 0 L-11 -20 M0 0 L-16 12", (60, 54, 70), 5.5),
        Layer(oval(0, 0, 4.5), shapes.RED),
    )


def _clock_act(scene: Scene) -> None:
    """The clock rings: it jumps and trembles, with shock strokes."""
    side = side_of(scene)
    ring = smooth(bump(cycle(scene.phase, 2) / 0.62) * 2.2)
    x, y = beside(scene, side, height=0.70)
    y -= 0.02 * scene.size * abs(swing(scene.phase, 8)) * ring
    sprite = bare_sprite(clock, scene.palette)
    turn = 9.0 * swing(scene.phase, 16) * ring
    enter(scene, sprite, (x, y), 1.0 + 0.05 * ring, turn=turn)
    for k, angle in enumerate((-1.0, 1.0)):
        share = overshoot(ring) * clamp(scene.here)
        at = (x + angle * 62 * scene.scale, y - 46 * scene.scale)
        scene.place(_ring_strokes(), scene.inside(*at, 16), 0.9 * share, flip=k == 0)


@lru_cache(maxsize=1)
def _ring_strokes() -> Sprite:
    return Sprite([curve("M-6 -14 C2 -8 4 2 2 10 M8 -20 C18 -10 20 4 16 14", shapes.ORANGE, 5.0)])


OFFICE = {
    "laptop": Act(front=_laptop_act),
    "phone": Act(front=_phone_act),
    "book": Act(front=_book_act),
    "pencil_exam": Act(front=_pencil_act),
    "clock": Act(front=_clock_act),
}
