"""Weather around the puppet: snow and rain."""

from __future__ import annotations

from ml_core.drawing import shapes
from ml_core.drawing.scene import Act, Scene
from ml_core.drawing.timing import bump, clamp, cycle, scatter, swing


def _snow(scene: Scene, layer: int) -> None:
    """Flakes drift down, half of them behind the puppet."""
    count = scene.count(18)
    for k in range(layer, count, 2):
        t = cycle(scene.phase, 1, scatter(k, 1))
        x = scene.size * (0.04 + 0.92 * scatter(k, 2)) + 0.02 * scene.size * swing(
            scene.phase, 1, scatter(k, 3)
        )
        y = scene.face.floor * (0.03 + 0.93 * t)
        share = bump(t) ** 0.3 * clamp(scene.here) * (0.85 + 0.55 * scatter(k, 4))
        sprite = shapes.snowflake() if k % 3 == 0 else shapes.snowball()
        at = scene.inside(x, y, 26)
        if layer == 0:
            share *= scene.face.clearance(*at)
        scene.place(sprite, at, share, turn=60.0 * swing(scene.phase, 1, scatter(k, 5)))


def _rain(scene: Scene) -> None:
    """A private cloud over the head that rains on it."""
    face = scene.face
    x0, y0 = scene.inside(face.centre[0], face.crown - 0.02 * face.unit, 46)
    for k in range(8):
        t = cycle(scene.phase, 4, scatter(k, 1))
        x = x0 + face.unit * (-0.62 + 1.24 * (k + 0.5) / 8)
        y = y0 + face.unit * (0.30 + 0.62 * t)
        share = 0.36 * bump(t) ** 0.5 * clamp(scene.here)
        scene.place(shapes.drop(), (x, y), share, turn=8.0, stretch=1.5)
    drift = 0.05 * face.unit * swing(scene.phase, 1)
    squash = 1.0 + 0.04 * swing(scene.phase, 4)
    scene.place(shapes.raincloud(), (x0 + drift, y0), 0.95 * scene.here, stretch=squash)


WEATHER = {
    "snow": Act(front=lambda scene: _snow(scene, 0), behind=lambda scene: _snow(scene, 1), ambient=True),
    "rain": Act(front=_rain, ambient=True),
}
