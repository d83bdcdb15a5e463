"""Happy effects: hearts, sparkles, notes, confetti, flowers, thumbs."""

from __future__ import annotations

import math

from ml_core.drawing import shapes
from ml_core.drawing.ink import mix
from ml_core.drawing.scene import Act, Scene
from ml_core.drawing.timing import bump, clamp, cycle, overshoot, scatter, smooth, swing

_PARTY = (shapes.PINK, shapes.GOLD, shapes.SKY, shapes.MINT, shapes.VIOLET, shapes.ORANGE)


def _around(scene: Scene, angle: float, gap: float, reach: float) -> tuple[float, float]:
    """A place beside the silhouette: ``gap`` outer-eye distances outside it, at an angle from its centre."""
    distance = scene.face.rim((angle,))[0] + gap * scene.face.unit
    x = scene.face.centre[0] + distance * math.cos(angle)
    y = scene.face.centre[1] + distance * math.sin(angle)
    return scene.inside(x, y, reach)


def _column(scene: Scene, index: int, spread: float) -> float:
    """Canvas x of particle ``index``: alternately left and right of the face."""
    side = -1.0 if index % 2 else 1.0
    offset = 0.30 + spread * scatter(index, 1)
    return scene.size * (0.5 + side * offset)


def _hearts(scene: Scene) -> None:
    """Hearts rise on both sides, swaying, born with a pop and gone with another."""
    count = scene.count(7)
    colours = (scene.colour(shapes.PINK), (255, 132, 168), (244, 62, 104))
    for k in range(count):
        t = cycle(scene.phase, 1, k / count)
        rise = 1.0 - (1.0 - t) ** 1.4
        x = _column(scene, k, 0.12) + 0.022 * scene.size * swing(scene.phase, 2, 0.3 * k)
        y = scene.face.floor * (0.93 - 0.83 * rise)
        share = (0.75 + 0.75 * scatter(k, 2)) * overshoot(t / 0.14) * (1.0 - smooth((t - 0.84) / 0.16))
        at = scene.inside(x, y, 34)
        turn = 14.0 * swing(scene.phase, 2, 0.21 * k)
        scene.place(shapes.heart(colours[k % 3]), at, share * clamp(scene.here), turn=turn)


def _sparkles(scene: Scene) -> None:
    count = scene.count(6)
    colour = scene.colour(shapes.GOLD)
    for k in range(count):
        t = cycle(scene.phase, 2, scatter(k, 3))
        angle = -2.9 + 2.66 * k / max(1, count - 1)
        at = _around(scene, angle, 0.20 + 0.16 * (k % 2), 26)
        share = (0.95 if k % 2 else 0.62) * bump(t) * clamp(scene.here)
        scene.place(shapes.sparkle(colour), at, share, turn=30.0 * (t - 0.5))


def _music_notes(scene: Scene) -> None:
    count = scene.count(5)
    for k in range(count):
        t = cycle(scene.phase, 1, k / count)
        x = _column(scene, k, 0.10) + 0.030 * scene.size * swing(scene.phase, 2, 0.25 * k)
        y = scene.face.floor * (0.85 - 0.70 * t)
        share = 0.95 * overshoot(t / 0.16) * (1.0 - smooth((t - 0.82) / 0.18)) * clamp(scene.here)
        sprite = shapes.sound(k % 2, _PARTY[(k * 2) % len(_PARTY)])
        turn = 16.0 * swing(scene.phase, 4, 0.3 * k)
        scene.place(sprite, scene.inside(x, y, 38), share, turn=turn)


def _falling_paper(scene: Scene, layer: int) -> None:
    """Confetti: each piece falls once a loop, tumbling (its height is squeezed as it turns)."""
    count = scene.count(22)
    for k in range(layer, count, 2):
        t = cycle(scene.phase, 1, scatter(k, 5))
        x = scene.size * (0.05 + 0.90 * scatter(k, 6)) + 0.03 * scene.size * swing(
            scene.phase, 2, scatter(k, 7)
        )
        y = scene.face.floor * (0.04 + 0.92 * t)
        share = 1.05 * bump(t) ** 0.25 * clamp(scene.here) * (0.8 + 0.5 * scatter(k, 8))
        tumble = 0.35 + 0.65 * abs(swing(scene.phase, 3, scatter(k, 9)))
        turn = 360.0 * (cycle(scene.phase, 1 + k % 2, scatter(k, 10)))
        sprite = shapes.paper(k % 3, _PARTY[k % len(_PARTY)])
        at = scene.inside(x, y, 16)
        if layer == 0:
            share *= scene.face.clearance(*at)
        scene.place(sprite, at, share, turn=turn, stretch=tumble)


def _flowers(scene: Scene) -> None:
    colours = ((255, 160, 190), (255, 255, 255), (255, 200, 120), (200, 170, 255))
    count = scene.count(7)
    for k in range(count):
        angle = -3.25 + 3.36 * k / max(1, count - 1)
        delay = 0.10 * scatter(k, 4)
        bloom = overshoot((clamp(scene.here) - delay) / (1.0 - delay), 2.4)
        at = _around(scene, angle, 0.20 + 0.10 * (k % 2), 34)
        share = (1.05 if k % 2 else 0.78) * bloom * (1.0 + 0.06 * swing(scene.phase, 2, 0.2 * k))
        scene.place(shapes.flower(colours[k % 4]), at, share, turn=20.0 * swing(scene.phase, 1, 0.13 * k))


def _thumbs_burst(scene: Scene) -> None:
    """Thumbs fly out from behind the head, one after another."""
    count = 6
    for k in range(count):
        t = cycle(scene.phase, 1, k / count)
        angle = (-3.05, -0.10, -2.55, -0.60, -2.10, -1.05)[k]
        x0, y0 = scene.face.centre
        distance = (scene.face.rim((angle,))[0] + 0.34 * scene.face.unit) * overshoot(t / 0.22, 1.2)
        at = scene.inside(x0 + distance * math.cos(angle), y0 + distance * math.sin(angle), 34)
        share = 1.15 * smooth(t / 0.12) * (1.0 - smooth((t - 0.8) / 0.2)) * clamp(scene.here)
        colour = (shapes.GOLD, shapes.ORANGE, mix(shapes.GOLD, shapes.PINK, 0.4))[k % 3]
        turn = 14.0 * swing(scene.phase, 3, 0.2 * k)
        scene.place(shapes.thumb_icon(colour), at, share, turn=turn, flip=math.cos(angle) < 0)


JOY = {
    "hearts": Act(front=_hearts, ambient=True),
    "sparkles": Act(front=_sparkles, ambient=True),
    "music_notes": Act(front=_music_notes, ambient=True),
    "confetti": Act(
        front=lambda scene: _falling_paper(scene, 0),
        behind=lambda scene: _falling_paper(scene, 1),
        ambient=True,
    ),
    "flowers": Act(behind=_flowers),
    "thumbs_burst": Act(behind=_thumbs_burst, ambient=True),
}
