"""Furry faces that are nobody's."""

from __future__ import annotations

import cv2
import numpy as np

from tests.faces.colours import Picture, mix
from tests.faces.drawn import DrawnFace, Painter


def drawn_animal(kind: str, size: int = 640, fur_contrast: float = 0.3) -> Picture:
    """A furry face with a muzzle and no white of the eye: "monkey", "dog" or "cat"."""
    painter = Painter(DrawnFace(background=(150, 170, 140)), size)
    fur = {"monkey": (96, 66, 44), "dog": (188, 140, 84), "cat": (150, 140, 132)}[kind]
    face = {"monkey": (196, 150, 116), "dog": (214, 180, 132), "cat": (172, 164, 156)}[kind]
    dark = mix(fur, (0, 0, 0), 0.5)
    painter.lay(painter.ellipse(0, 2.2, 1.7, 1.5), mix(fur, (0, 0, 0), 0.15), 0.1)
    if kind == "monkey":
        for side in (-1, 1):
            painter.lay(painter.ellipse(side * 1.2, 0.1, 0.3, 0.4), face, 0.05)
    if kind == "cat":
        for side in (-1, 1):
            painter.lay(
                painter.polygon([(side * 0.3, -0.8), (side * 1.15, -1.5), (side * 1.05, -0.2)]), fur, 0.03
            )
    if kind == "dog":
        for side in (-1, 1):
            painter.lay(painter.ellipse(side * 1.1, 0.2, 0.32, 0.9, side * 12), dark, 0.05)
    painter.lay(painter.outline(1.04), fur, 0.06)
    painter.lay(painter.ellipse(0, 0.75, 0.72, 0.62), face, 0.08)
    for side in (-1, 1):
        painter.lay(painter.ellipse(side * 0.42, 0.05, 0.34, 0.3), face, 0.1)
        painter.lay(painter.ellipse(side * 0.42, 0.05, 0.17, 0.15), (40, 24, 14), 0.01)
        painter.lay(painter.ellipse(side * 0.42, 0.05, 0.08, 0.1), (8, 6, 6), 0.01)
        painter.lay(painter.ellipse(side * 0.42 - 0.05, -0.01, 0.025, 0.025), (255, 255, 255))
    nose = 0.13 if kind == "monkey" else 0.22
    painter.lay(painter.ellipse(0, 0.55, nose, nose * 0.7), (30, 22, 22), 0.02)
    painter.lay(painter.stroke([(-0.4, 0.95), (0, 0.9), (0.4, 0.95)], 0.035), dark, 0.01)
    rng = np.random.default_rng(11)
    for _ in range(5000):
        angle, radius = rng.uniform(0, 2 * np.pi), np.sqrt(rng.uniform(0, 1)) * 1.1
        x, y = radius * np.sin(angle), 0.2 + radius * 1.2 * np.cos(angle)
        if min(abs(x - 0.42), abs(x + 0.42)) < 0.17 and abs(y - 0.05) < 0.16:
            continue
        end = (x + 0.09 * np.sin(angle) + rng.normal(0, 0.02), y + 0.09 * np.cos(angle) + rng.normal(0, 0.02))
        ends = np.round((np.array([(x, y), end]) * painter.unit + (painter.cx, painter.cy)) * 16).astype(int)
        shade = rng.uniform(-1.1, 0.9) * fur_contrast
        under = painter.canvas[tuple(np.clip(ends[0][::-1] // 16, 0, painter.n - 1))]
        tone = np.clip(under * (1 + shade), 0, 255)
        cv2.line(painter.canvas, ends[0].tolist(), ends[1].tolist(), tone.tolist(), 2, cv2.LINE_AA, 4)
    small = cv2.resize(np.clip(painter.canvas, 0, 255), (size, size), interpolation=cv2.INTER_AREA)
    return small.astype(np.uint8)
