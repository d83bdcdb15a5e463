"""Effects of sorrow and embarrassment that live on the face: tears, sweat, gloom, blush, a leaving soul."""

from __future__ import annotations

import math

import skia

from ml_core.drawing import shapes
from ml_core.drawing.ink import WHITE, fill_paint, stroke_paint
from ml_core.drawing.scene import Act, Scene
from ml_core.drawing.timing import bump, clamp, cycle, overshoot, smooth, swing

STREAM = 0.085
"""Half width of a stream of tears, in outer-eye distances."""
BROKEN = 1.7
"""Size of the breaking heart relative to those that rise."""
_SIDES = (("right", -1.0, 145, 205, 172), ("left", 1.0, 374, 425, 397))
"""Side, its direction in the picture, lower lid, cheek and jaw mesh points."""


def _stream(scene: Scene, lid: int, cheek: int, jaw: int, side: float) -> None:
    """One river from a lower lid down the cheek to the jaw, with a rounded, pulsing end."""
    face = scene.face
    u = face.unit
    flow = clamp(scene.here)
    (x0, y0), (xc, yc), (xj, yj) = face.point(lid), face.point(cheek), face.point(jaw)
    x1, y1 = 0.45 * xj + 0.55 * xc, 0.62 * yj + 0.38 * yc
    x1, y1 = x0 + (x1 - x0) * flow, y0 + (y1 - y0) * flow
    wave = 0.018 * u * swing(scene.phase, 6)
    full = STREAM * u * smooth(3.0 * flow)
    w0, w1 = full, full * (1.45 + 0.12 * swing(scene.phase, 6, 0.25))
    ym = 0.5 * (y0 + y1)
    river = skia.PathBuilder()
    river.moveTo(x0 - w0, y0)
    river.cubicTo(x0 - w0 + wave, ym, x1 - w1 - wave, ym, x1 - w1, y1)
    river.cubicTo(x1 - w1, y1 + 1.5 * w1, x1 + w1, y1 + 1.5 * w1, x1 + w1, y1)
    river.cubicTo(x1 + w1 - wave, ym, x0 + w0 + wave, ym, x0 + w0, y0)
    river.cubicTo(x0 + 0.5 * w0, y0 + 0.4 * w0, x0 - 0.5 * w0, y0 + 0.4 * w0, x0 - w0, y0)
    shape = river.detach()
    line = shapes.SMALL_LINE * scene.face.scale * scene.palette.line_weight * smooth(3.0 * flow)
    scene.canvas.drawPath(shape, stroke_paint(shapes.BLUE, 2.0 * line))
    scene.canvas.drawPath(shape, fill_paint((132, 212, 255)))
    glint = skia.PathBuilder()
    glint.moveTo(x0 - 0.35 * w0, y0 + 0.10 * u)
    glint.quadTo(0.5 * (x0 + x1) - 0.5 * w0, ym, x1 - 0.45 * w1, y1)
    scene.canvas.drawPath(glint.detach(), stroke_paint(WHITE, 0.26 * w1, 0.9))
    for k in range(2):
        t = cycle(scene.phase, 4, 0.5 * k + 0.2 * (side > 0))
        y = y0 + (y1 + w1 - y0) * t
        x = x0 + (x1 - x0) * t + 0.45 * w1
        scene.canvas.drawCircle(x, y, 0.18 * w1 * bump(t), fill_paint(WHITE, 0.8))


def _splash(scene: Scene, start: tuple[float, float], side: float, shift: float) -> None:
    """A drop thrown sideways from an eye."""
    t = cycle(scene.phase, 3, shift)
    u = scene.face.unit
    x = start[0] + side * u * (0.10 + 0.55 * t)
    y = start[1] + u * (-0.55 * t + 0.95 * t * t)
    scene.place(shapes.drop(), (x, y), 0.42 * bump(t) ** 0.6 * clamp(scene.here), turn=side * (70 - 140 * t))


def _tears(scene: Scene) -> None:
    for name, side, lid, cheek, jaw in _SIDES:
        _stream(scene, lid, cheek, jaw, side)
        x, y = scene.face.eye(name)
        corner = (x + side * 0.20 * scene.face.unit, y)
        _splash(scene, corner, side, 0.0)
        _splash(scene, corner, side, 0.5)


def _tear_drops(scene: Scene) -> None:
    """Single drops that swell on the lid, then roll down the cheek, first one eye, then the other."""
    for name, side, lid, cheek, jaw in _SIDES:
        t = cycle(scene.phase, 2, 0.0 if name == "left" else 0.5)
        swell = overshoot(t / 0.3)
        roll = smooth((t - 0.35) / 0.5)
        (x0, y0), (xc, yc), (xj, yj) = (scene.face.point(k) for k in (lid, cheek, jaw))
        x = x0 + (0.6 * xc + 0.4 * xj - x0) * roll + side * 0.06 * scene.face.unit
        y = y0 + 0.06 * scene.face.unit + (0.5 * yc + 0.5 * yj - y0) * roll
        share = 0.62 * swell * (1.0 - smooth((t - 0.82) / 0.18)) * clamp(scene.here)
        scene.place(shapes.drop(), (x, y), share, turn=scene.face.tilt, stretch=1.0 + 0.25 * bump(roll))


def _sweat(scene: Scene) -> None:
    """A big drop slides down the temple; a small one follows."""
    side = -1.0 if scene.word("side", "left") == "right" else 1.0
    for k, (share, x, y) in enumerate(((1.0, 0.80, -0.42), (0.55, 0.98, -0.20))):
        t = cycle(scene.phase, 2, -0.16 * k)
        at = scene.face.at(side * x, y + 0.24 * smooth(t / 0.85))
        fade = overshoot(t / 0.2) * (1.0 - smooth((t - 0.86) / 0.14))
        scene.place(shapes.drop(), at, share * fade * clamp(scene.here), turn=scene.face.tilt + side * 6)


def _gloom_lines(scene: Scene) -> None:
    """Dark strokes hanging from the crown over the forehead, as in comics."""
    face = scene.face
    (x0, _), (x1, _) = face.point(54), face.point(284)
    brow = min(face.point(105)[1], face.point(334)[1])
    top = face.crown + 0.10 * (brow - face.crown)
    count = 7
    for k in range(count):
        share = k / (count - 1)
        x = x0 + (x1 - x0) * (0.02 + 0.96 * share)
        length = (0.62, 0.86, 0.70, 0.92, 0.66, 0.84, 0.58)[k]
        drift = 1.0 + 0.05 * swing(scene.phase, 2, 0.17 * k)
        bottom = top + (brow - 0.10 * face.unit - top) * length * drift * clamp(scene.here)
        width = 4.6 * face.scale * smooth(3.0 * scene.here)
        scene.canvas.drawLine(x, top, x, bottom, stroke_paint(WHITE, 1.8 * width, 0.55))
        scene.canvas.drawLine(x, top, x, bottom, stroke_paint(shapes.INDIGO, width))


def _gloom_air(scene: Scene) -> None:
    """A cold haze behind the head that goes with the strokes: swirls of low spirits."""
    for k, angle in enumerate((-2.5, -0.64)):
        reach = scene.face.rim((angle,))[0] + 0.30 * scene.face.unit
        x = scene.face.centre[0] + reach * math.cos(angle)
        y = scene.face.centre[1] + reach * math.sin(angle)
        at = scene.inside(x, y + 6 * swing(scene.phase, 2, 0.5 * k), 32)
        scene.place(shapes.swirl(), at, 0.9 * scene.here, turn=360.0 * scene.phase * (1 - 2 * k))


def _blush(scene: Scene) -> None:
    pulse = 1.0 + 0.05 * swing(scene.phase, 3)
    for point in (205, 425):
        x, y = scene.face.point(point)
        at = (x, y - 0.06 * scene.face.unit)
        scene.place(shapes.cheek(), at, pulse * clamp(scene.here), turn=scene.face.tilt)


def _ghost(scene: Scene) -> None:
    """The soul leaves through the mouth and floats up beside the head."""
    face = scene.face
    (x0, y0), (x1, y1) = face.point(13), face.point(14)
    mouth = ((x0 + x1) / 2.0, (y0 + y1) / 2.0)
    rise = smooth(scene.here)
    target = scene.inside(*face.at(1.18, -0.25 - 0.08 * swing(scene.phase, 2)), 45)
    x = mouth[0] + (target[0] - mouth[0]) * rise
    y = mouth[1] + (target[1] + 40 * face.scale - mouth[1]) * rise
    tail = skia.PathBuilder()
    tail.moveTo(*mouth)
    sway = 0.12 * face.unit * swing(scene.phase, 2, 0.2)
    tail.cubicTo(
        mouth[0] + 0.3 * face.unit, mouth[1] + sway, x - 0.3 * face.unit, y + 0.3 * face.unit, x, y - 6
    )
    shape = tail.detach()
    width = 9.0 * face.scale * smooth(2.0 * rise)
    scene.canvas.drawPath(shape, stroke_paint((130, 146, 196), 1.6 * width))
    scene.canvas.drawPath(shape, stroke_paint((240, 246, 255), width))
    scene.place(shapes.ghost(), (x, y), rise, turn=7.0 * swing(scene.phase, 2, 0.1))


def _broken_heart(scene: Scene) -> None:
    """A big heart over the head beats once, cracks, and its halves lean away from each other."""
    face, s = scene.face, scene.scale
    x, y = scene.inside(face.centre[0] + 0.72 * face.unit, face.crown + 0.10 * face.unit, 66)
    after = smooth((scene.progress - 0.24) / 0.1)
    apart = after * (1.0 - smooth((scene.progress - 0.9) / 0.1))
    share = BROKEN * scene.here * (1.0 + 0.16 * bump(scene.progress / 0.22))
    if apart <= 0.0:
        scene.place(shapes.heart(), (x, y), share)
        return
    quiver = 1.5 * swing(scene.phase, 8)
    for side, half in zip((-1.0, 1.0), shapes.heart_halves(), strict=True):
        at = (x + side * 13.0 * s * apart, y + 9.0 * s * apart)
        scene.place(half, at, share, turn=side * (17.0 * apart + quiver))


FEELING = {
    "broken_heart": Act(front=_broken_heart),
    "tears": Act(front=_tears),
    "tear_drops": Act(front=_tear_drops, ambient=True),
    "sweat": Act(front=_sweat, ambient=True),
    "gloom_lines": Act(front=_gloom_lines, behind=_gloom_air),
    "blush": Act(front=_blush, ambient=True),
    "ghost": Act(front=_ghost),
}
