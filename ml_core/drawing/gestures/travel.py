"""Out and about: umbrella, bag, aeroplane, car."""

from __future__ import annotations

import math

from ml_core.drawing import shapes
from ml_core.drawing.gestures.carrying import bare_sprite, held_sprite
from ml_core.drawing.gestures.hand import SLEEVE_LAYERS, hand_layers, line_width, skin_layers
from ml_core.drawing.gestures.placing import beside, enter, fitting, side_of
from ml_core.drawing.ink import WHITE, Layer, box, curve, mix, oval, path, stroke_paint, thick
from ml_core.drawing.scene import Act, Scene
from ml_core.drawing.timing import clamp, cycle, smooth, swing
from ml_core.types import Palette

CANOPY = (255, 108, 128)
CAR = (255, 196, 64)


def _canopy(palette: Palette) -> tuple[Layer, ...]:
    """An open umbrella without its pole; the middle of its rim is the origin."""
    line, width = palette.line, line_width(palette)
    rim = (
        "C-112 -14 -84 -14 -74 2 C-62 -14 -34 -14 -24 2 C-14 -12 14 -12 24 2 "
        "C34 -14 62 -14 74 2 C84 -14 112 -14 124 2"
    )
    return (
        Layer(thick(path("M0 -104 L0 -122"), 7.0), (120, 96, 90), line, width),
        Layer(
            path(f"M-124 2 {rim} C118 -68 66 -108 0 -108 C-66 -108 -118 -68 -124 2 Z"), CANOPY, line, width
        ),
        Layer(
            path("M-74 2 C-62 -14 -34 -14 -24 2 C-24 -52 -14 -92 0 -108 C-40 -96 -66 -50 -74 2 Z"),
            mix(CANOPY, WHITE, 0.45),
        ),
        Layer(
            path("M74 2 C62 -14 34 -14 24 2 C24 -52 14 -92 0 -108 C40 -96 66 -50 74 2 Z"),
            mix(CANOPY, WHITE, 0.45),
        ),
        curve("M-24 2 C-24 -52 -14 -92 0 -108 M24 2 C24 -52 14 -92 0 -108", mix(CANOPY, line, 0.5), 2.6),
    )


def _handle(palette: Palette) -> tuple[Layer, ...]:
    """The curved handle that sticks out below the fist."""
    line, width = palette.line, line_width(palette)
    return (Layer(thick(path("M0 -60 L0 6 C0 22 22 22 22 8"), 8.0), (176, 120, 84), line, width),)


def _umbrella_place(scene: Scene) -> tuple[float, float, float, float]:
    """Canopy rim (x, y) and wrist (x, y) in pixels; the canopy stands over the head, behind it."""
    side = side_of(scene)
    sprite = bare_sprite(_canopy, scene.palette)
    top = scene.face.centre[0] + side * 0.20 * scene.face.unit, scene.face.crown + 0.34 * scene.face.unit
    cx, cy = scene.kept(sprite, top, 1.18)
    wx, wy = beside(scene, side)
    return cx, cy + 3.0 * scene.scale * swing(scene.phase, 2), wx, wy


def _umbrella_behind(scene: Scene) -> None:
    cx, cy, wx, wy = _umbrella_place(scene)
    s = scene.scale
    grow = clamp(scene.here)
    tip = (wx + (cx - wx) * 1.0, wy - 40 * s + (cy - 60 * s - wy + 40 * s) * grow)
    for paint in (
        stroke_paint(WHITE, 26.0 * s * grow),
        stroke_paint(scene.palette.line, 14.0 * s * grow),
        stroke_paint((176, 120, 84), 8.0 * s * grow),
    ):
        scene.canvas.drawLine(wx, wy - 40 * s, *tip, paint)
    turn = side_of(scene) * 6.0 + 2.0 * swing(scene.phase, 2)
    scene.place(bare_sprite(_canopy, scene.palette), (cx, cy), 1.18 * scene.here, turn=turn)


def _umbrella_front(scene: Scene) -> None:
    _, _, wx, wy = _umbrella_place(scene)
    side = side_of(scene)
    sprite = held_sprite(_handle, scene.palette)
    enter(scene, sprite, (wx, wy), 1.0, turn=-side * 12.0, flip=side < 0)


def _bag(palette: Palette) -> tuple[Layer, ...]:
    """A shopping bag that hangs from a fist; the arm comes from the picture's left."""
    line, width = palette.line, line_width(palette)
    grip = hand_layers("grip", palette)
    arm, palm = [layer.moved(-22, -28, turn=76) for layer in grip[:SLEEVE_LAYERS]], grip[SLEEVE_LAYERS:]
    fingers = [thick(path(f"M{x} -40 L{x} -18"), 13.0) for x in (-15, -4, 8, 18)]
    return (
        *arm,
        *palm,
        Layer(thick(path("M-22 6 C-22 -30 22 -30 22 6"), 6.0), WHITE, line, width),
        Layer(path("M-40 2 L40 2 L46 78 L-46 78 Z"), (255, 150, 176), line, width),
        Layer(path("M26 4 L38 4 L44 76 L30 76 Z"), (236, 118, 150)),
        Layer(
            path("M-14 30 C-34 18 -26 2 -14 8 C-6 12 0 20 0 26 C0 20 6 12 14 8 C26 2 34 18 14 30 L0 44 Z"),
            WHITE,
        ),
        *skin_layers(fingers[0], fingers[1:], palette),
    )


def _bag_act(scene: Scene) -> None:
    """A bag swings at the hand, as on the way home."""
    side = side_of(scene)
    x, y = beside(scene, side, height=0.72)
    y -= 0.012 * scene.size * abs(swing(scene.phase, 2))
    sprite = bare_sprite(_bag, scene.palette)
    enter(scene, sprite, (x, y), 1.0, turn=side * 7.0 * swing(scene.phase, 2), flip=side < 0)


def plane(palette: Palette) -> tuple[Layer, ...]:
    """A toy aeroplane flying to the right."""
    line, width = palette.line, line_width(palette)
    return (
        Layer(path("M-48 -10 L-62 -36 L-46 -36 L-26 -12 Z"), (86, 160, 236), line, width),
        Layer(
            path(
                "M-58 -2 C-58 -20 -20 -20 30 -18 C52 -18 64 -8 64 0 C64 10 46 16 24 16 L-34 16 "
                "C-50 16 -58 8 -58 -2 Z"
            ),
            (246, 248, 255),
            line,
            width,
        ),
        Layer(
            path("M-56 4 C-30 8 40 8 63 3 C60 12 44 16 24 16 L-34 16 C-48 16 -55 10 -56 4 Z"), (206, 218, 240)
        ),
        *(Layer(oval(x, -5, 5), shapes.SKY, line, 0.6 * width) for x in (-24, -8, 8, 24)),
        Layer(path("M44 -14 C54 -12 60 -6 61 -2 L44 -4 Z"), shapes.SKY, line, 0.6 * width),
        Layer(path("M12 4 L-16 4 L-36 38 L-20 38 Z"), (86, 160, 236), line, width),
    )


def _route(scene: Scene, angle: float) -> tuple[float, float]:
    """A place on the plane's ellipse; the angle is 0 at the left, and its sine positive in front."""
    face = scene.face
    low, high = face.floor - 0.05 * scene.size, face.crown + 0.22 * face.unit
    y = 0.5 * (low + high) + 0.5 * (low - high) * math.sin(angle)
    return scene.size * (0.5 - 0.36 * math.cos(angle)), y


def _flight(scene: Scene, *, near: bool) -> None:
    """The plane circles the person once a loop: in front of the chest to the right, back behind the head."""
    angle = 2.0 * math.pi * (scene.phase + 0.1)
    here = clamp(scene.here)
    for k in range(1, 5):
        back = angle - 0.13 * k - 0.16
        if (math.sin(back) >= 0.0) is near:
            x, y = scene.inside(*_route(scene, back), 12)
            size = scene.scale * (6.0 - k) * here
            scene.canvas.drawLine(x, y, x, y, stroke_paint(WHITE, 3.6 * size))
            scene.canvas.drawLine(x, y, x, y, stroke_paint(shapes.SKY, 1.8 * size))
    depth = math.sin(angle)
    if (depth >= 0.0) is not near:
        return
    heading = 1.0 if depth >= 0.0 else -1.0
    share = (0.92 + 0.22 * depth) * here
    squeeze = heading * max(clamp(6.0 * abs(depth)), 0.1)
    turn = 18.0 * math.cos(angle) * heading
    scene.place(bare_sprite(plane, scene.palette), _route(scene, angle), share, turn=turn, squeeze=squeeze)


def car(palette: Palette) -> tuple[Layer, ...]:
    """The front of a little open car with a steering wheel; the windscreen's foot is at y 0."""
    line, width = palette.line, line_width(palette)
    hands: list[Layer] = []
    for x in (-44, 44):
        fingers = [thick(path(f"M{x + dx} -24 L{x + dx} -6"), 13.0) for dx in (-19, -6.5, 6.5, 19)]
        hands += skin_layers(fingers[0], fingers[1:], palette)
    return (
        Layer(box(-118, 66, -78, 100, 12), (70, 72, 90), line, width),
        Layer(box(78, 66, 118, 100, 12), (70, 72, 90), line, width),
        Layer(thick(path("M-60 2 C-50 -30 50 -30 60 2"), 9.0), (90, 94, 116), line, width),
        Layer(
            path(
                "M-120 2 C-90 -10 90 -10 120 2 C142 14 146 50 140 76 C138 88 -138 88 -140 76 "
                "C-146 50 -142 14 -120 2 Z"
            ),
            CAR,
            line,
            width,
        ),
        Layer(path("M-112 8 C-84 0 84 0 112 8 C100 18 -100 18 -112 8 Z"), mix(CAR, WHITE, 0.5)),
        Layer(box(-132, 64, 132, 84, 9), (222, 228, 238), line, width),
        Layer(oval(-96, 42, 20), (255, 252, 226), line, width),
        Layer(oval(96, 42, 20), (255, 252, 226), line, width),
        Layer(oval(-101, 36, 6), WHITE),
        Layer(oval(91, 36, 6), WHITE),
        Layer(box(-50, 32, 50, 54, 10), (90, 94, 116), line, width),
        curve("M-30 34 L-30 52 M-10 34 L-10 52 M10 34 L10 52 M30 34 L30 52", (150, 156, 176), 3.4),
        Layer(box(-30, 62, 30, 82, 4), WHITE, line, 0.8 * width),
        *hands,
    )


def _car_act(scene: Scene) -> None:
    """Driving: the car bounces on the road, puffs fly behind it."""
    sprite = bare_sprite(car, scene.palette)
    (x, y), share = fitting(scene, sprite, 0.47 * scene.size / (152.0 * scene.scale))
    scale = share * scene.scale
    bounce = abs(swing(scene.phase, 4))
    for k in range(3):
        t = cycle(scene.phase, 3, k / 3.0)
        size = (0.4 + 0.5 * t) * smooth(t / 0.1) * (1.0 - smooth((t - 0.7) / 0.3)) * clamp(scene.here)
        scene.place(shapes.puff(), (x - scale * (118 + 40 * t), y + scale * (66 - 34 * t)), size)
    at = (x + 0.008 * scene.size * swing(scene.phase, 2), y - 5.0 * bounce * scale)
    turn = 1.6 * swing(scene.phase, 4, 0.1)
    enter(scene, sprite, at, share, turn=turn, stretch=1.0 + 0.025 * bounce)


TRAVEL = {
    "umbrella": Act(front=_umbrella_front, behind=_umbrella_behind),
    "bag": Act(front=_bag_act),
    "airplane": Act(
        front=lambda scene: _flight(scene, near=True),
        behind=lambda scene: _flight(scene, near=False),
        ambient=True,
    ),
    "car": Act(front=_car_act),
}
