"""Home and health: gamepad, blanket, pillow, mask, tissue, dumbbell."""

from __future__ import annotations

import skia

from ml_core.drawing import shapes
from ml_core.drawing.gestures.carrying import bare_sprite, carried_sprite, held_sprite
from ml_core.drawing.gestures.hand import SLEEVE_LAYERS, hand_layers, line_width, skin_layers
from ml_core.drawing.gestures.placing import beside, enter, fitting, side_of
from ml_core.drawing.ink import (
    WHITE,
    Layer,
    Sprite,
    box,
    curve,
    fill_paint,
    mix,
    oval,
    path,
    stroke_paint,
    thick,
)
from ml_core.drawing.scene import Act, Scene
from ml_core.drawing.timing import bump, clamp, cycle, smooth, swing
from ml_core.types import Palette

QUILT = (150, 186, 244)
PAD = (236, 238, 250)


def _blanket(palette: Palette) -> tuple[Layer, ...]:
    """A quilt with stars; its upper edge is at y 0, hands hold it there."""
    line, width = palette.line, line_width(palette)
    stars = [
        Layer(oval(x, y, 7), (255, 240, 180))
        for x, y in ((-120, 44), (-66, 66), (-12, 46), (48, 70), (104, 48), (-96, 92), (16, 94), (84, 96))
    ]
    fold = path(
        "M-152 10 C-100 -14 -50 0 0 2 C50 0 100 -14 152 10 L154 30 "
        "C100 10 50 24 0 26 C-50 24 -100 10 -154 30 Z"
    )
    fists: list[Layer] = []
    for x in (-62, 62):
        fingers = [thick(path(f"M{x + dx} -4 L{x + dx} 12"), 13.0) for dx in (-19, -6.5, 6.5, 19)]
        fists += skin_layers(fingers[0], fingers[1:], palette)
    return (
        Layer(
            path(
                "M-150 14 C-100 -12 -50 2 0 4 C50 2 100 -12 150 14 C164 60 164 96 150 112 L-150 112 "
                "C-164 96 -164 60 -150 14 Z"
            ),
            QUILT,
            line,
            width,
        ),
        *stars,
        Layer(fold, mix(QUILT, WHITE, 0.7), line, width),
        *fists,
    )


def _blanket_act(scene: Scene) -> None:
    """Tucked in up to the chin; the quilt breathes and shivers."""
    sprite = bare_sprite(_blanket, scene.palette)
    (x, y), share = fitting(scene, sprite, 0.47 * scene.size / (162.0 * scene.scale))
    breath = swing(scene.phase, 1)
    enter(scene, sprite, (x, y + 2.0 * breath * scene.scale), share, stretch=1.0 + 0.02 * breath)


def _pillow(palette: Palette) -> tuple[Layer, ...]:
    """A plump pillow around the origin."""
    line, width = palette.line, line_width(palette)
    return (
        Layer(
            path(
                "M-126 -76 C-140 -94 -112 -96 -96 -84 C-40 -74 40 -74 96 -84 C112 -96 140 -94 126 -76 "
                "C114 -30 114 30 126 76 C140 94 112 96 96 84 C40 74 -40 74 -96 84 C-112 96 -140 94 -126 76 "
                "C-114 30 -114 -30 -126 -76 Z"
            ),
            (255, 250, 240),
            line,
            width,
        ),
        curve(
            "M-100 -62 C-92 -52 -88 -40 -90 -28 M100 -62 C92 -52 88 -40 90 -28 "
            "M-100 62 C-92 52 -88 42 -90 32 M100 62 C92 52 88 42 90 32",
            (214, 204, 196),
            4.0,
        ),
    )


def _pillow_act(scene: Scene) -> None:
    x, y = scene.face.at(0.0, 0.10)
    puff = 1.0 + 0.03 * swing(scene.phase, 1)
    enter(scene, bare_sprite(_pillow, scene.palette), (x, y), 1.25, turn=scene.face.tilt, stretch=puff)


def _mask_act(scene: Scene) -> None:
    """A medical mask on the face itself, so that it moves with it; it breathes a little."""
    face = scene.face
    u = face.unit
    on = smooth(scene.here)
    breath = 0.015 * u * swing(scene.phase, 3)
    drop = 0.5 * u * (1.0 - on)
    (lx, ly), (rx, ry) = face.point(234), face.point(454)
    corners = [face.point(k) for k in (116, 6, 345, 397, 152, 172)]
    (ax, ay), (nx, ny), (bx, by), (cx, cy), (dx, dy), (ex, ey) = corners
    ny += 0.24 * u
    ay, by = ay + 0.10 * u, by + 0.10 * u
    builder = skia.PathBuilder()
    builder.moveTo(ax, ay + drop)
    builder.quadTo(0.5 * (ax + nx), ny - 0.02 * u + drop, nx, ny - breath + drop)
    builder.quadTo(0.5 * (bx + nx), ny - 0.02 * u + drop, bx, by + drop)
    builder.quadTo(bx - 0.02 * u, 0.5 * (by + cy) + drop, cx, cy + drop)
    builder.quadTo(0.5 * (cx + dx) + 0.08 * u, dy + 0.02 * u + drop, dx, dy + 0.07 * u + breath + drop)
    builder.quadTo(0.5 * (ex + dx) - 0.08 * u, dy + 0.02 * u + drop, ex, ey + drop)
    builder.quadTo(ax + 0.02 * u, 0.5 * (ay + ey) + drop, ax, ay + drop)
    builder.close()
    shape = builder.detach()
    canvas = scene.canvas
    weight = line_width(scene.palette) * face.scale
    strap = stroke_paint(scene.palette.line, 2.2 * weight, on)
    inner = stroke_paint(WHITE, 1.1 * weight, on)
    for paint in (strap, inner):
        canvas.drawLine(ax, ay + drop, lx, ly - 0.10 * u, paint)
        canvas.drawLine(bx, by + drop, rx, ry - 0.10 * u, paint)
    canvas.drawPath(shape, stroke_paint(scene.palette.line, 2.0 * weight, on))
    canvas.drawPath(shape, fill_paint((206, 232, 246), on))
    for k, share in enumerate((0.34, 0.58)):
        y = ny + (dy - ny) * share + drop
        fold = skia.PathBuilder()
        reach = (0.42 - 0.10 * k) * (bx - ax)
        fold.moveTo(nx - reach, y)
        fold.quadTo(nx, y + 0.07 * u + breath, nx + reach, y)
        canvas.drawPath(fold.detach(), stroke_paint((134, 178, 206), 0.9 * weight, on))


def _tissue(palette: Palette) -> tuple[Layer, ...]:
    """A crumpled paper handkerchief above the fist."""
    line, width = palette.line, line_width(palette)
    return (
        Layer(
            path(
                "M-10 -36 C-44 -58 -52 -92 -34 -88 C-30 -108 -8 -104 -4 -92 C6 -112 32 -104 28 -86 "
                "C50 -86 38 -56 14 -36 Z"
            ),
            WHITE,
            line,
            width,
        ),
        curve(
            "M-8 -46 C-16 -58 -22 -70 -24 -80 M2 -46 C2 -60 0 -72 0 -82 M10 -46 C16 -58 20 -68 20 -78",
            (196, 204, 218),
            3.0,
        ),
    )


def _tissue_act(scene: Scene) -> None:
    """Dabs below one eye, three times a loop."""
    side = side_of(scene)
    x, y = scene.face.eye("left" if side > 0 else "right")
    dab = bump(cycle(scene.phase, 3))
    u = scene.face.unit
    at = (x + side * u * (0.42 - 0.06 * dab), y + u * (1.16 - 0.07 * dab))
    at = scene.inside(*at, 30)
    sprite = held_sprite(_tissue, scene.palette)
    scene.place(sprite, at, 0.92 * scene.here, turn=-side * 22.0, flip=side < 0)


def _dumbbell_hand(palette: Palette) -> Sprite:
    """A fist from the front with a bar through it."""
    line, width = palette.line, line_width(palette)
    iron = (96, 104, 128)
    weights = [
        Layer(box(x - w, -39 - h, x + w, -39 + h, 5), iron, line, width)
        for x, w, h in ((-50, 8, 27), (50, 8, 27), (-65, 7, 19), (65, 7, 19))
    ]
    shine = [Layer(box(x - 4, -60, x - 1, -34, 1.5), mix(iron, WHITE, 0.45)) for x in (-50, 50)]
    bar = Layer(box(-58, -44, 58, -34, 4), (190, 198, 212), line, width)
    fist = hand_layers("fist", palette)
    sleeve, flesh = fist[:SLEEVE_LAYERS], fist[SLEEVE_LAYERS:]
    return Sprite([*sleeve, bar, *weights, *shine, *flesh])


def _dumbbell(palette: Palette) -> tuple[Layer, ...]:
    return _dumbbell_hand(palette).layers


def _dumbbell_act(scene: Scene) -> None:
    """Up with effort, down with gravity, three times a loop; sweat flies at the top."""
    side = side_of(scene)
    t = cycle(scene.phase, 3)
    up = smooth(t / 0.5) * (1.0 - smooth((t - 0.62) / 0.3))
    x, y = beside(scene, side, out=0.32)
    at = (x, y + scene.size * (0.02 - 0.12 * up))
    sprite = bare_sprite(_dumbbell, scene.palette)
    enter(
        scene,
        sprite,
        at,
        0.98,
        turn=side * (4.0 + 3.0 * swing(scene.phase, 18) * up),
        stretch=1.0 + 0.05 * up,
    )
    drop = bump((t - 0.35) / 0.4)
    sweat = scene.inside(*scene.face.at(-side * 0.86, -0.34 - 0.2 * drop), 20)
    scene.place(shapes.drop(), sweat, 0.6 * drop * clamp(scene.here), turn=-side * 40.0)


def gamepad(palette: Palette) -> tuple[Layer, ...]:
    """A controller seen from its front: cross on the left, coloured buttons on the right."""
    line, width = palette.line, line_width(palette)
    body = path(
        "M-50 -40 C-30 -48 -22 -38 0 -38 C22 -38 30 -48 50 -40 C76 -32 90 14 84 36 C80 50 64 46 54 30 "
        "C46 18 40 16 28 16 L-28 16 C-40 16 -46 18 -54 30 C-64 46 -80 50 -84 36 C-90 14 -76 -32 -50 -40 Z"
    )
    buttons = ((44, -28, shapes.GOLD), (44, -4, shapes.MINT), (32, -16, shapes.SKY), (56, -16, shapes.RED))
    return (
        Layer(body, PAD, line, width),
        curve("M-56 -16 L-32 -16 M-44 -28 L-44 -4", (70, 66, 96), 9.0),
        *(Layer(oval(x, y, 6.5), colour, line, 0.6 * width) for x, y, colour in buttons),
        Layer(oval(-20, 4, 9), (70, 66, 96), line, 0.6 * width),
        Layer(oval(20, 4, 9), (70, 66, 96), line, 0.6 * width),
        curve("M-8 -22 L8 -22", (70, 66, 96), 5.0),
    )


def _gamepad_act(scene: Scene) -> None:
    """Two hands play: the pad is wrenched from side to side while thumbs hammer."""
    sprite = carried_sprite(gamepad, 84.0, 8.0, scene.palette)
    (x, y), share = fitting(scene, sprite)
    at = (x + 0.012 * scene.size * swing(scene.phase, 2), y + 0.006 * scene.size * swing(scene.phase, 12))
    enter(scene, sprite, at, share, turn=8.0 * swing(scene.phase, 2))


HOUSEHOLD = {
    "gamepad": Act(front=_gamepad_act),
    "blanket": Act(front=_blanket_act),
    "pillow": Act(behind=_pillow_act),
    "mask": Act(front=_mask_act),
    "tissue": Act(front=_tissue_act),
    "dumbbell": Act(front=_dumbbell_act),
}
