"""Gestures of bare hands: wave, thumbs up, hearts, clapping, fists, salute, ..."""

from __future__ import annotations

import math
from functools import lru_cache

from ml_core.drawing import shapes
from ml_core.drawing.gestures.hand import hand, line_width, skin_layers, sleeve_colour
from ml_core.drawing.gestures.placing import below, beside, enter, side_of
from ml_core.drawing.ink import WHITE, Layer, Sprite, box, mix, moved, path, stroke_paint, thick, union
from ml_core.drawing.scene import Act, Draw, Scene
from ml_core.drawing.timing import bump, clamp, cycle, overshoot, smooth, swing
from ml_core.types import Palette

HAND = 1.12
"""Usual size of a hand: about a quarter of the canvas, readable at 150 pixels."""
_BOTH = (-1.0, 1.0)


def _sides(scene: Scene) -> tuple[float, ...]:
    return _BOTH if scene.number("both", 0.0) else (side_of(scene),)


def _wave(scene: Scene) -> None:
    """The hand swings about its wrist, four times a loop; both hands with ``both = 1``."""
    for side in _sides(scene):
        turn = side * (2.0 + 19.0 * swing(scene.phase, 4))
        enter(scene, hand("open", scene.palette), beside(scene, side), HAND, turn=turn, flip=side < 0)


def _still(name: str, *, lean: float = 8.0, beats: int = 2, arm_outside: bool = False) -> Draw:
    """One hand in a pose, bobbing ``beats`` times. ``arm_outside``: it is drawn with its arm to the left."""

    def draw(scene: Scene) -> None:
        for side in _sides(scene):
            beat = swing(scene.phase, beats)
            x, y = beside(scene, side)
            at = (x, y - 0.012 * scene.size * beat)
            flip = (side > 0) is arm_outside
            turn = side * (lean + 4.0 * beat)
            enter(scene, hand(name, scene.palette), at, HAND, turn=turn, flip=flip, stretch=1.0 + 0.04 * beat)

    return draw


def _stop_palm(scene: Scene) -> None:
    """The palm is pushed towards the viewer twice."""
    push = bump(cycle(scene.phase, 2) / 0.5)
    side = side_of(scene)
    enter(
        scene,
        hand("open", scene.palette),
        beside(scene, side),
        HAND + 0.22 * push,
        turn=side * (4.0 + 3.0 * swing(scene.phase, 2)),
        flip=side < 0,
    )


def _point(scene: Scene) -> None:
    """The index finger pecks at the viewer's upper side."""
    side = side_of(scene)
    peck = abs(swing(scene.phase, 2))
    x, y = beside(scene, side)
    enter(
        scene,
        hand("point", scene.palette),
        (x, y - 0.03 * scene.size * peck),
        HAND,
        turn=side * (6 + 6 * peck),
        flip=side < 0,
    )


def _clap(scene: Scene) -> None:
    """Two hands meet below the chin, six times a loop, with little strokes at each meeting."""
    apart = abs(swing(scene.phase, 3))
    x, y = below(scene, 84.0)
    for side in _BOTH:
        at = (x + side * scene.scale * (19.0 + 44.0 * apart), y)
        turn = side * (6.0 + 16.0 * apart)
        enter(scene, hand("flat", scene.palette), at, 0.92, turn=turn, flip=side < 0)
    if apart < 0.38:
        reach = scene.scale * (1.0 - apart / 0.38)
        for k in range(5):
            angle = -math.pi / 2 + (k - 2) * 0.42
            cx, cy = x, y - 52 * scene.scale
            near, far = 54 * scene.scale, 54 * scene.scale + 20 * reach
            ends = (
                cx + near * math.cos(angle),
                cy + near * math.sin(angle),
                cx + far * math.cos(angle),
                cy + far * math.sin(angle),
            )
            scene.canvas.drawLine(*ends, stroke_paint(WHITE, 12 * scene.scale * clamp(scene.here)))
            scene.canvas.drawLine(*ends, stroke_paint(shapes.ORANGE, 5 * scene.scale * clamp(scene.here)))


def _fists_cheer(scene: Scene) -> None:
    """Both fists pump up and down together: "fighting!"."""
    for side in _BOTH:
        pump = swing(scene.phase, 4)
        x, y = beside(scene, side, out=0.325)
        at = (x, y - 0.028 * scene.size * pump)
        enter(
            scene,
            hand("fist", scene.palette),
            at,
            1.16,
            turn=side * (10.0 + 5.0 * pump),
            flip=side < 0,
            stretch=1.0 + 0.07 * pump,
        )


def _fist(scene: Scene) -> None:
    """One fist is thrown up with force, twice a loop."""
    side = side_of(scene)
    t = cycle(scene.phase, 2)
    up = overshoot(t / 0.22, 2.6) * (1.0 - smooth((t - 0.5) / 0.4))
    x, y = beside(scene, side)
    enter(
        scene,
        hand("fist", scene.palette),
        (x, y + scene.size * 0.02 - 0.07 * scene.size * up),
        1.22,
        turn=side * (16.0 - 10.0 * up),
        flip=side < 0,
        stretch=1.0 + 0.08 * up,
    )


def _finger_heart(scene: Scene) -> None:
    """Crossed thumb and index finger; hearts rise from them."""
    side = side_of(scene)
    x, y = beside(scene, side)
    beat = bump(cycle(scene.phase, 3) / 0.5)
    enter(scene, hand("pinch", scene.palette), (x, y), 1.15, turn=-6.0 * side, flip=side < 0)
    tip = (x - side * scene.scale * 10.0, y - scene.scale * (122.0 + 4.0 * beat))
    scene.place(shapes.heart(shapes.RED), tip, (0.82 + 0.16 * beat) * scene.here)
    for k in range(2):
        t = cycle(scene.phase, 2, 0.5 * k)
        at = scene.inside(
            tip[0] + scene.scale * 16.0 * swing(scene.phase, 2, 0.3 + 0.5 * k),
            tip[1] - scene.scale * (26.0 + 60.0 * t),
            20,
        )
        scene.place(shapes.heart(), at, 0.5 * bump(t) * clamp(scene.here))


@lru_cache(maxsize=64)
def _half_heart(palette: Palette) -> Sprite:
    """The picture's left hand of a heart made by two hands; the heart's middle is the origin."""
    width = line_width(palette)
    sleeve = sleeve_colour(palette)
    fingers = thick(path("M-44 8 C-62 -14 -54 -58 -27 -56 C-14 -55 -4 -46 -1 -33"), 18.0)
    thumb = thick(path("M-44 12 C-32 26 -16 38 -3 43"), 16.0)
    palm = thick(path("M-49 -12 C-50 2 -46 12 -40 17"), 25.0)
    arm = moved(path("M-17 0 L-21 36 C-21 46 21 46 21 36 L17 0 Z"), -54, 22, turn=34)
    cuff = moved(box(-20, -6, 20, 9, 6), -54, 22, turn=34)
    return Sprite(
        [
            Layer(arm, sleeve, palette.line, width),
            Layer(cuff, mix(sleeve, WHITE, 0.45), palette.line, width),
            *skin_layers(
                union((palm, fingers, thumb)), [], palette, creases="M-29 -64 L-25 -52 M-14 -58 L-17 -48"
            ),
        ]
    )


def _heart_hands(scene: Scene) -> None:
    """Two hands make a heart; a red one beats inside and small ones fly off."""
    x, y = below(scene, 56.0)
    beat = bump(cycle(scene.phase, 3) / 0.45)
    gap = 40.0 * (1.0 - smooth(scene.here))
    for side in _BOTH:
        at = (x + side * scene.scale * gap, y)
        enter(scene, _half_heart(scene.palette), at, 0.86 + 0.03 * beat, flip=side > 0)
    scene.place(shapes.heart(shapes.PINK), (x, y - 5 * scene.scale), (0.88 + 0.14 * beat) * scene.here)
    for k in range(4):
        t = cycle(scene.phase, 1, k / 4.0)
        side = _BOTH[k % 2]
        at = (x + side * scene.scale * (52 + 60 * t), y - scene.scale * (36 + 66 * t))
        scene.place(
            shapes.heart(), scene.inside(*at, 20), 0.55 * bump(t) * clamp(scene.here), turn=side * 16.0
        )


@lru_cache(maxsize=64)
def _praying(palette: Palette) -> Sprite:
    """Two palms pressed together, seen from the front."""
    width = line_width(palette)
    sleeve = sleeve_colour(palette)
    layers: list[Layer] = []
    for side in _BOTH:
        arm = path("M-16 0 L-20 46 C-20 56 20 56 20 46 L16 0 Z")
        cuff = box(-19, -6, 19, 9, 6)
        layers += [
            Layer(moved(arm, side * 20, 0, turn=-34 * side), sleeve, palette.line, width),
            Layer(moved(cuff, side * 20, 0, turn=-34 * side), mix(sleeve, WHITE, 0.45), palette.line, width),
        ]
    for side in _BOTH:
        palm = path("M0 6 L0 -86 C0 -98 16 -98 17 -84 L24 -34 C30 -14 26 2 16 8 Z")
        layers += skin_layers(moved(palm, flip=side < 0), [], palette)
    thumbs = [moved(thick(path("M12 -26 C8 -34 6 -42 4 -50"), 13.0), flip=side < 0) for side in _BOTH]
    layers += skin_layers(thumbs[0], thumbs[1:], palette)
    return Sprite(layers)


def _pray(scene: Scene) -> None:
    """Pressed palms shake a little: please!"""
    shake = swing(scene.phase, 6)
    x, y = below(scene, 88.0)
    at = (x, y + 0.010 * scene.size * shake)
    enter(
        scene, _praying(scene.palette), at, 1.0, turn=2.0 * swing(scene.phase, 3), stretch=1.0 + 0.02 * shake
    )


@lru_cache(maxsize=64)
def _clasped(palette: Palette) -> Sprite:
    """Two hands laid on each other, as in a polite Korean bow."""
    width = line_width(palette)
    sleeve = sleeve_colour(palette)
    layers: list[Layer] = []
    for side in _BOTH:
        arm = path(
            f"M{side * 28} -20 C{side * 66} -22 {side * 96} -8 {side * 104} 12 L{side * 92} 38 "
            f"C{side * 70} 22 {side * 52} 16 {side * 30} 18 Z"
        )
        layers.append(Layer(arm, sleeve, palette.line, width))
        cuff = moved(box(-8, -22, 8, 22, 6), side * 33, 0, turn=-4 * side)
        layers.append(Layer(cuff, mix(sleeve, WHITE, 0.45), palette.line, width))
    under = union((box(-4, -18, 28, 18, 14), thick(path("M8 -8 L-16 -8 M8 6 L-18 6"), 14)))
    layers += skin_layers(under, [], palette)
    fingers = [thick(path(f"M2 {y} L20 {y + 1}"), 11.5) for y in (-10, 0, 10)]
    layers += skin_layers(union((box(-28, -19, 8, 19, 15), *fingers)), fingers, palette)
    return Sprite(layers)


def _bow(scene: Scene) -> None:
    """Folded hands in front; they go down with the bow."""
    down = smooth(bump(scene.progress))
    x, y = below(scene, 30.0)
    enter(scene, _clasped(scene.palette), (x, y + 0.05 * scene.size * down), 1.02)


def _salute(scene: Scene) -> None:
    """A flat hand at the temple, fingers to the brow; it snaps away towards the end."""
    side = side_of(scene)
    x, y = scene.face.at(side * 1.26, 0.22)
    snap = 18.0 * bump((scene.progress - 0.8) / 0.2)
    turn = -side * (40.0 - snap) + 1.2 * swing(scene.phase, 6)
    scene.place(hand("flat", scene.palette), (x, y), 1.02 * scene.here, turn=turn, flip=side < 0)


def _scratch_head(scene: Scene) -> None:
    """A hand at the back of the head, as one who is praised and does not know where to look."""
    side = side_of(scene)
    rub = swing(scene.phase, 6)
    x, y = scene.face.at(side * (1.16 + 0.03 * rub), -0.12 + 0.04 * rub)
    x, y = scene.inside(x, y, 44)
    turn = -side * (34.0 + 7.0 * rub) + scene.face.tilt
    enter(scene, hand("flat", scene.palette), (x, y), 1.06, turn=turn, flip=side < 0)


def _cover_face(scene: Scene) -> None:
    """Both hands over the eyes; they peek out once in the middle."""
    peek = bump((scene.progress - 0.45) / 0.22)
    for name, side in (("right", -1.0), ("left", 1.0)):
        x, y = scene.face.eye(name)
        drop = 0.62 + 0.26 * peek + 0.5 * (1.0 - smooth(scene.here))
        at = (x + side * scene.face.unit * (0.06 + 0.10 * peek), y + scene.face.unit * drop)
        turn = side * (2.0 + 8.0 * peek) + scene.face.tilt + 1.5 * swing(scene.phase, 8)
        scene.place(hand("flat", scene.palette), at, 1.08 * scene.here, turn=turn, flip=side < 0)


def _chin_rest(scene: Scene) -> None:
    """Both hands carry the chin like a flower; the head's tilt goes with them."""
    for point, side in ((172, -1.0), (397, 1.0)):
        x, y = scene.face.point(point)
        at = (x - side * 0.02 * scene.face.unit, y + scene.face.unit * 0.46)
        turn = side * (30.0 + 4.0 * swing(scene.phase, 2)) + scene.face.tilt
        enter(scene, hand("flat", scene.palette), at, 0.94, turn=turn, flip=side > 0)


def _facepalm(scene: Scene) -> None:
    """A palm lands on forehead and one eye, and rubs a little."""
    side = side_of(scene)
    land = smooth(clamp(scene.here))
    x, y = scene.face.at(side * (0.98 - 0.10 * land), 0.36 - 0.02 * swing(scene.phase, 3))
    turn = -side * (54.0 - 30.0 * (1.0 - land) + 3.0 * swing(scene.phase, 3))
    scene.place(
        hand("flat", scene.palette), scene.inside(x, y, 30), 1.12 * scene.here, turn=turn, flip=side < 0
    )


BARE = {
    "wave": Act(front=_wave),
    "thumbs_up": Act(front=_still("thumbs_up", lean=-4.0, beats=3, arm_outside=True)),
    "heart_hands": Act(front=_heart_hands),
    "finger_heart": Act(front=_finger_heart),
    "clap": Act(front=_clap),
    "bow": Act(front=_bow),
    "fist": Act(front=_fist),
    "fists_cheer": Act(front=_fists_cheer),
    "ok_sign": Act(front=_still("ok")),
    "stop_palm": Act(front=_stop_palm),
    "point": Act(front=_point),
    "pray": Act(front=_pray),
    "salute": Act(front=_salute),
    "scratch_head": Act(front=_scratch_head),
    "v_sign": Act(front=_still("v_sign", beats=3)),
    "cover_face": Act(front=_cover_face),
    "chin_rest": Act(front=_chin_rest),
    "facepalm": Act(front=_facepalm),
}
