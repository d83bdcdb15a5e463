"""Effects of the mind: question, sleep, idea, dizziness."""

from __future__ import annotations

import math

import skia

from ml_core.drawing import shapes
from ml_core.drawing.ink import WHITE, stroke_paint
from ml_core.drawing.scene import Act, Scene
from ml_core.drawing.steam import ribbon
from ml_core.drawing.timing import bump, clamp, cycle, overshoot, smooth, swing

STEAM_PLACES = (-0.98, -0.66, 0.66, 0.98)
"""Outer-eye distances from the middle of the face at which food steams."""
LIT_AFTER = 0.18
"""Share of its cue after which the light bulb goes on: first the lamp, then the idea."""


def _question(scene: Scene) -> None:
    """Three marks of growing size lean around the head and wobble."""
    marks = ((1.00, -0.74, 1.15, 14.0), (-0.98, -0.70, 0.85, -16.0), (1.30, -0.34, 0.68, 26.0))
    for k, (x, y, share, lean) in enumerate(marks):
        at = scene.inside(*scene.face.at(x, y - 0.05 * swing(scene.phase, 2, 0.2 * k)), 40)
        grow = overshoot((scene.here - 0.12 * k) / (1.0 - 0.12 * k), 2.4)
        turn = lean + 9.0 * swing(scene.phase, 2, 0.3 * k)
        scene.place(shapes.question(scene.colour(shapes.ORANGE)), at, share * grow, turn=turn)


def _zzz(scene: Scene) -> None:
    """Z after Z drifts from the head to the upper corner and grows."""
    count = 3
    x0, y0 = scene.face.at(0.66, -0.62)
    for k in range(count):
        t = cycle(scene.phase, 1, k / count)
        x = x0 + 0.78 * scene.face.unit * t + 0.05 * scene.face.unit * swing(scene.phase, 3, 0.3 * k)
        y = y0 - 0.62 * scene.face.unit * t
        share = (0.45 + 0.85 * t) * overshoot(t / 0.18) * (1.0 - smooth((t - 0.82) / 0.18))
        at = scene.inside(x, y, 30)
        turn = 10.0 * swing(scene.phase, 2, 0.25 * k)
        scene.place(shapes.letter_z(), at, share * clamp(scene.here), turn=turn)


def _light_bulb(scene: Scene) -> None:
    """A bulb pops up over the head, goes on after a moment, and flashes."""
    face, s = scene.face, scene.scale
    x, y = scene.inside(face.centre[0] + 0.66 * face.unit, face.crown - 0.10 * face.unit, 70)
    lit = scene.progress > LIT_AFTER or bool(scene.number("hold", 0.0))
    turn = 10.0 + 4.0 * swing(scene.phase, 3)
    scene.place(shapes.bulb(lit), (x, y + 20 * s), 0.9 * scene.here, turn=turn)
    if not lit:
        return
    glow = clamp(scene.here) * (0.72 + 0.28 * swing(scene.phase, 5))
    near, far = 40.0 * s, (40.0 + 15.0 * glow) * s
    for k in range(7):
        angle = math.radians(-156.0 + 28.5 * k)
        dx, dy = math.cos(angle), math.sin(angle)
        ends = (x + near * dx, y + near * dy, x + far * dx, y + far * dy)
        scene.canvas.drawLine(*ends, stroke_paint(WHITE, 13.0 * s * glow))
        scene.canvas.drawLine(*ends, stroke_paint(shapes.ORANGE, 5.5 * s * glow))


def _orbit(scene: Scene, *, near: bool) -> None:
    """Stars circle over the head; the near half of the ellipse is in front, the far half behind."""
    face = scene.face
    x0, y0 = scene.inside(face.centre[0], face.crown + 0.14 * face.unit, 30)
    rx, ry = 0.86 * face.unit, 0.20 * face.unit
    ring = skia.Rect(x0 - rx, y0 - ry, x0 + rx, y0 + ry)
    reach = clamp(scene.here)
    for width, colour in ((7.0, WHITE), (2.6, shapes.GOLD)):
        paint = stroke_paint(colour, width * scene.scale * reach)
        scene.canvas.drawArc(ring, 0.0 if near else 180.0, 180.0, False, paint)
    for k in range(5):
        angle = 2.0 * math.pi * (2.0 * scene.phase + (k + 0.4) / 5.0)
        if (math.sin(angle) >= 0.0) is near:
            at = scene.inside(x0 + rx * math.cos(angle), y0 + ry * math.sin(angle), 28)
            share = (0.82 + 0.18 * math.sin(angle)) * reach
            scene.place(shapes.round_star(), at, share, turn=20.0 * swing(scene.phase, 4, 0.2 * k))


def _food_steam(scene: Scene) -> None:
    """Ribbons of steam rise on both sides of the chin, as from a dish just below.

    Before the mouth they would look like fangs or drool.
    """
    face = scene.face
    bottom = min(face.point(152)[1] + 0.42 * face.unit, face.floor + 0.04 * scene.size)
    for k, aside in enumerate(STEAM_PLACES):
        t = cycle(scene.phase, 1, k / len(STEAM_PLACES))
        x = face.centre[0] + aside * face.unit
        bend = 0.08 * face.unit * swing(scene.phase, 2, 0.2 * k)
        fade = bump(t) * clamp(scene.here)
        ribbon(scene, x, bottom - 0.22 * face.unit * t, 0.42 * face.unit, bend, fade)


THOUGHT = {
    "question": Act(front=_question),
    "zzz": Act(front=_zzz, ambient=True),
    "light_bulb": Act(front=_light_bulb),
    "stars_dizzy": Act(
        front=lambda scene: _orbit(scene, near=True),
        behind=lambda scene: _orbit(scene, near=False),
        ambient=True,
    ),
    "food_steam": Act(front=_food_steam, ambient=True),
}
