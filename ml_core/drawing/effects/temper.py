"""Loud effects: anger, steam, flames, rays, shock, speed."""

from __future__ import annotations

import math

import skia

from ml_core.drawing import shapes
from ml_core.drawing.ink import HALO, WHITE, fill_paint, grown, polygon
from ml_core.drawing.scene import Act, Scene
from ml_core.drawing.timing import clamp, cycle, overshoot, scatter, smooth, swing, tremble
from ml_core.types import Rgb

RAY_COUNT = 16
"""Rays around the head; an even number, so that two colours alternate."""


def _anger_mark(scene: Scene) -> None:
    """The vein throbs at the side of the forehead; a smaller one answers."""
    throb = 1.0 + 0.13 * swing(scene.phase, 6)
    at = scene.inside(*scene.face.at(0.70, -0.80), 34)
    scene.place(shapes.anger(), at, 0.98 * throb * scene.here, turn=8.0 + 4.0 * tremble(scene.phase, 1.0))
    small = scene.inside(*scene.face.at(1.02, -0.42), 26)
    share = 0.55 * (1.0 + 0.13 * swing(scene.phase, 6, 0.5)) * scene.here
    scene.place(shapes.anger(), small, share, turn=-14.0)


def _steam_puffs(scene: Scene) -> None:
    """Steam shoots out of both ears, three times a loop."""
    for point, side in ((234, -1.0), (454, 1.0)):
        x0, y0 = scene.face.point(point)
        for k in range(3):
            t = cycle(scene.phase, 3, k / 3.0)
            at = scene.inside(
                x0 + side * scene.face.unit * (0.14 + 0.46 * (1.0 - (1.0 - t) ** 2)),
                y0 - scene.face.unit * (0.14 + 0.20 * t + 0.05 * (k - 1)),
                26,
            )
            share = (0.35 + 0.75 * smooth(t)) * smooth(t / 0.12) * (1.0 - smooth((t - 0.7) / 0.3))
            scene.place(shapes.puff(), at, share * clamp(scene.here), flip=side < 0)


def _flames(scene: Scene) -> None:
    """A wall of fire behind head and shoulders, its tongues flickering out of step."""
    angles = [math.pi + 0.30 + (math.pi - 0.60) * k / 7.0 for k in range(8)]
    roots = scene.face.rim(angles)
    for k, (angle, root) in enumerate(zip(angles, roots, strict=True)):
        flicker = swing(scene.phase, 4, scatter(k, 1))
        distance = root - 0.06 * scene.face.unit
        x = scene.face.centre[0] + distance * math.cos(angle)
        y = scene.face.centre[1] + distance * math.sin(angle)
        tall = 1.02 + 0.36 * scatter(k, 2) + 0.13 * flicker
        sway = (-1, 0, 1)[int(cycle(scene.phase, 4, scatter(k, 3)) * 3)]
        lean = math.degrees(angle - 1.5 * math.pi) * 0.30
        room = max(0.0, (y - 0.02 * scene.size) / (112.0 * scene.scale))
        scene.place(
            shapes.flame(sway),
            (x, y),
            min(tall, room) * clamp(scene.here),
            turn=lean,
            stretch=1.0 + 0.08 * flicker,
        )


def _wedge(angle: float, near: float, far: float, half: float) -> skia.Path:
    """A ray that widens outwards."""
    return polygon(
        [
            (near * math.cos(angle - half * 0.45), near * math.sin(angle - half * 0.45)),
            (far * math.cos(angle - half), far * math.sin(angle - half)),
            (far * math.cos(angle + half), far * math.sin(angle + half)),
            (near * math.cos(angle + half * 0.45), near * math.sin(angle + half * 0.45)),
        ]
    )


def _burst(scene: Scene, angle: float, near: float, far: float, half: float, colour: Rgb) -> None:
    """One white-bordered wedge around the face centre."""
    canvas = scene.canvas
    rim = 0.6 * HALO * scene.face.scale
    canvas.save()
    canvas.translate(*scene.face.centre)
    canvas.drawPath(_wedge(angle, near - rim, far + rim, half + rim / far), fill_paint(WHITE))
    canvas.drawPath(_wedge(angle, near, far, half), fill_paint(colour))
    canvas.restore()


def _to_edge(scene: Scene, angle: float) -> float:
    """Distance from the face centre to the canvas edge along an angle, less a margin."""
    x, y = scene.face.centre
    dx, dy = math.cos(angle), math.sin(angle)
    free = 0.035 * scene.size
    across = ((scene.size - free - x) if dx > 0 else (x - free)) / max(abs(dx), 1e-6)
    along = ((scene.size - free - y) if dy > 0 else (y - free)) / max(abs(dy), 1e-6)
    return float(min(across, along))


def _rays(scene: Scene) -> None:
    """A short sunburst around the upper half of the silhouette: it pulses and turns by whole steps."""
    step = math.pi / RAY_COUNT
    angles = [-math.pi * 1.12 + math.pi * 1.24 * (k + 0.5) / RAY_COUNT for k in range(RAY_COUNT)]
    for k, (angle, rim) in enumerate(zip(angles, scene.face.rim(angles), strict=True)):
        near = rim + 0.14 * scene.face.unit + 0.03 * scene.face.unit * swing(scene.phase, 3, 0.5 * (k % 2))
        length = (0.34 if k % 2 else 0.22) * scene.face.unit * scene.here
        far = min(near + length, _to_edge(scene, angle))
        if far - near > 2.0:
            colour = scene.colour(shapes.ORANGE) if k % 2 else shapes.GOLD
            _burst(scene, angle, near, far, 0.20 * step, colour)


def _shock_lines(scene: Scene) -> None:
    """Focus lines of comics: dark needles from the canvas edge towards the head, jumping between two sets."""
    count = 22
    flip = int(cycle(scene.phase, 8) * 2)
    beat = 0.05 * swing(scene.phase, 6)
    angles = [2.0 * math.pi * (k + 0.35 * scatter(k, flip)) / count for k in range(count)]
    for k, (angle, rim) in enumerate(zip(angles, scene.face.rim(angles), strict=True)):
        far = _to_edge(scene, angle)
        length = (0.30 + 0.35 * scatter(k, flip + 2) + beat) * scene.face.unit * scene.here
        near = max(far - length, 0.9 * rim if k % 2 == 0 else 0.0)
        if far - near > 4.0:
            _burst(scene, angle, near, far, 0.030, scene.colour((56, 52, 70)))


def _exclaim(scene: Scene) -> None:
    for k, (x, y, share, lean) in enumerate(((0.98, -0.72, 1.15, 14.0), (1.26, -0.50, 0.85, 26.0))):
        hop = abs(swing(scene.phase, 3, 0.08 * k))
        at = scene.inside(*scene.face.at(x, y - 0.08 * hop), 50)
        grow = overshoot((scene.here - 0.15 * k) / (1.0 - 0.15 * k), 2.6)
        sprite = shapes.exclamation(scene.colour(shapes.RED))
        turn = lean + 3.0 * tremble(scene.phase, float(k))
        scene.place(sprite, at, share * grow, turn=turn, stretch=1.0 + 0.12 * hop)


def _speed_lines(scene: Scene) -> None:
    """Streaks that rush past behind the puppet."""
    count = 9
    for k in range(count):
        t = cycle(scene.phase, 3, scatter(k, 1))
        y = scene.face.floor * (0.08 + 0.86 * (k + 0.3 * scatter(k, 2)) / count)
        length = scene.size * (0.16 + 0.14 * scatter(k, 3)) * clamp(scene.here)
        x = -length + (scene.size + length) * t
        x0, x1 = max(x, 0.03 * scene.size), min(x + length, 0.97 * scene.size)
        half = scene.scale * (3.4 + 2.6 * scatter(k, 4)) * clamp(scene.here)
        if x1 - x0 < 4.0 * half:
            continue
        shape = polygon([(x0, y), (x1 - half, y - half), (x1, y), (x1 - half, y + half)])
        scene.canvas.drawPath(grown(shape, 3.0 * scene.scale), fill_paint(WHITE))
        scene.canvas.drawPath(shape, fill_paint(scene.colour((104, 150, 214))))


TEMPER = {
    "anger_mark": Act(front=_anger_mark),
    "steam_puffs": Act(front=_steam_puffs, ambient=True),
    "flames": Act(behind=_flames),
    "rays": Act(behind=_rays),
    "shock_lines": Act(behind=_shock_lines),
    "exclamation": Act(front=_exclaim),
    "speed_lines": Act(behind=_speed_lines, ambient=True),
}
