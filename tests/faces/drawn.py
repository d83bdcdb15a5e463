"""Faces drawn here, shaded enough for the mesh network to find them like photos; they wear what no
package portrait wears (masks, sunglasses, beards, scarves).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.faces.colours import HAIR, SKIN_TONES, Picture, Rgb, mix


@dataclass(frozen=True)
class DrawnFace:
    """What a drawn face looks like; lengths are shares of the head's width."""

    skin: Rgb = SKIN_TONES["light"]
    hair: Rgb | None = HAIR["brown"]
    clothes: Rgb = (62, 84, 140)
    background: Rgb = (196, 206, 214)
    bangs: bool = False
    long_hair: bool = False
    scarf: Rgb | None = None
    beard: bool = False
    glasses: bool = False
    sunglasses: bool = False
    mask: Rgb | None = None
    mouth_open: float = 0.0
    smile: float = 0.0
    eyes_open: float = 1.0
    brows_up: float = 0.0
    ears: bool = True


def drawn_face(face: DrawnFace | None = None, size: int = 640) -> Picture:
    """A frontal head and shoulders, (size, size, 3)."""
    return _drawn(face or DrawnFace(), size).copy()


@lru_cache(maxsize=64)
def _drawn(face: DrawnFace, size: int) -> Picture:
    return Painter(face, size).painted()


class Painter:
    """Draws in units of half a head width around (0, 0) between the eyes; y down. Twice oversampled."""

    def __init__(self, face: DrawnFace, size: int) -> None:
        self.face = face
        self.size = size
        self.n = size * 2
        self.unit = self.n * 0.19
        self.cx, self.cy = self.n * 0.5, self.n * 0.43
        self.canvas = np.full((self.n, self.n, 3), face.background, np.float32)
        y = np.linspace(1.04, 0.9, self.n, dtype=np.float32)[:, np.newaxis, np.newaxis]
        self.canvas *= y

    def painted(self) -> Picture:
        self._back_hair()
        self._body()
        self._head()
        self._beard()
        self._features()
        self._front_hair()
        self._worn()
        small = cv2.resize(np.clip(self.canvas, 0, 255), (self.size, self.size), interpolation=cv2.INTER_AREA)
        grain = np.random.default_rng(7).normal(0, 1.6, small.shape)
        return np.clip(small + grain, 0, 255).astype(np.uint8)

    # --- brushes
    def cover(self, shape: NDArray[np.uint8], blur: float) -> NDArray[np.float32]:
        cover = shape.astype(np.float32) / 255
        return cv2.GaussianBlur(cover, (0, 0), blur * self.unit) if blur > 0 else cover

    def lay(self, shape: NDArray[np.uint8], colour: Rgb, blur: float = 0.0, amount: float = 1.0) -> None:
        x, y, width, height = cv2.boundingRect(shape)
        if width == 0:
            return
        reach = int(4 * blur * self.unit) + 1
        part = np.s_[max(0, y - reach) : y + height + reach, max(0, x - reach) : x + width + reach]
        cover = self.cover(shape[part], blur)[..., np.newaxis] * amount
        self.canvas[part] += (np.array(colour, np.float32) - self.canvas[part]) * cover

    def ellipse(self, x: float, y: float, rx: float, ry: float, turn: float = 0) -> NDArray[np.uint8]:
        shape = np.zeros((self.n, self.n), np.uint8)
        centre = (round((self.cx + x * self.unit) * 16), round((self.cy + y * self.unit) * 16))
        axes = (max(1, round(rx * self.unit * 16)), max(1, round(ry * self.unit * 16)))
        cv2.ellipse(shape, centre, axes, turn, 0, 360, 255, -1, cv2.LINE_AA, 4)
        return shape

    def polygon(self, points: list[tuple[float, float]]) -> NDArray[np.uint8]:
        shape = np.zeros((self.n, self.n), np.uint8)
        cv2.fillPoly(shape, [self._fixed(points)], 255, cv2.LINE_AA, 4)
        return shape

    def stroke(self, points: list[tuple[float, float]], width: float) -> NDArray[np.uint8]:
        shape = np.zeros((self.n, self.n), np.uint8)
        cv2.polylines(
            shape, [self._fixed(points)], False, 255, max(1, round(width * self.unit)), cv2.LINE_AA, 4
        )
        return shape

    def _fixed(self, points: list[tuple[float, float]]) -> NDArray[np.int32]:
        xy = np.array(points, np.float32) * self.unit + (self.cx, self.cy)
        return np.round(xy * 16).astype(np.int32)

    def outline(self, grow: float = 1.0) -> NDArray[np.uint8]:
        """Skull and jaw as one closed curve."""
        angle = np.linspace(0, 2 * np.pi, 120)
        x, y = np.sin(angle), -np.cos(angle)
        down = np.clip(y, 0, 1)
        points = np.stack(
            [x * (1 - 0.26 * down**2.2) * grow, 0.22 + np.where(y < 0, y * 1.22, y * 1.3) * grow], axis=1
        )
        return self.polygon([(float(a), float(b)) for a, b in points])

    # --- parts
    def _back_hair(self) -> None:
        if self.face.hair and self.face.long_hair:
            self.lay(self.ellipse(0, 0.55, 1.32, 1.75), mix(self.face.hair, (0, 0, 0), 0.25))

    def _body(self) -> None:
        skin, dark = self.face.skin, mix(self.face.skin, (30, 10, 10), 0.3)
        shoulders = [(-2.6, 3.2), (-2.3, 2.35), (-1.1, 1.98), (1.1, 1.98), (2.3, 2.35), (2.6, 3.2)]
        self.lay(self.polygon(shoulders), self.face.clothes, 0.03)
        self.lay(self.polygon([(-0.52, 0.9), (0.52, 0.9), (0.62, 2.0), (0, 2.4), (-0.62, 2.0)]), dark, 0.02)
        self.lay(self.polygon([(-0.45, 1.75), (0.45, 1.75), (0.56, 2.0), (0, 2.36), (-0.56, 2.0)]), skin, 0.1)

    def _head(self) -> None:
        skin = self.face.skin
        dark, light = mix(skin, (50, 10, 0), 0.34), mix(skin, (255, 240, 225), 0.32)
        if self.face.ears:
            for side in (-1, 1):
                self.lay(self.ellipse(side * 1.0, 0.15, 0.16, 0.3), mix(skin, (120, 20, 10), 0.18))
        head = self.outline()
        self.lay(head, dark)
        inner = self.cover(self.outline(0.86), 0.16) * (head / 255)
        self.canvas += (np.array(skin, np.float32) - self.canvas) * inner[..., np.newaxis]
        self.lay(self.ellipse(-0.1, -0.55, 0.5, 0.28), light, 0.2, 0.6)
        for side in (-1, 1):
            self.lay(self.ellipse(side * 0.52, 0.55, 0.26, 0.2), mix(skin, (220, 70, 60), 0.3), 0.14, 0.7)
            self.lay(self.ellipse(side * 0.44, 0.04, 0.3, 0.19), dark, 0.1, 0.45)

    def _beard(self) -> None:
        if not self.face.beard:
            return
        colour = mix(self.face.hair or (60, 50, 45), self.face.skin, 0.12)
        whole = self.outline().astype(np.float32)
        low = self.cover(
            self.polygon(
                [
                    (-1.2, 0.55),
                    (-0.75, 0.75),
                    (-0.4, 0.68),
                    (0.4, 0.68),
                    (0.75, 0.75),
                    (1.2, 0.55),
                    (1.2, 2),
                    (-1.2, 2),
                ]
            ),
            0.05,
        )
        self.lay((whole * low).astype(np.uint8), colour, 0.01, 0.9)

    def _features(self) -> None:
        skin = self.face.skin
        dark = mix(skin, (40, 8, 4), 0.5)
        for side in (-1, 1):
            self._eye(side)
            lift = 0.12 * self.face.brows_up
            brow = [(side * 0.2, -0.24 - lift), (side * 0.42, -0.34 - lift), (side * 0.68, -0.24 - lift)]
            self.lay(self.stroke(brow, 0.085), mix(self.face.hair or (70, 60, 55), (20, 10, 10), 0.35), 0.012)
        self.lay(self.stroke([(-0.1, 0.0), (-0.09, 0.35), (-0.16, 0.52)], 0.05), dark, 0.05, 0.5)
        self.lay(self.ellipse(0, 0.5, 0.17, 0.11), mix(skin, (255, 235, 220), 0.4), 0.06, 0.6)
        self.lay(
            self.stroke([(-0.2, 0.53), (-0.1, 0.61), (0, 0.6), (0.1, 0.61), (0.2, 0.53)], 0.035),
            dark,
            0.02,
            0.8,
        )
        for side in (-1, 1):
            self.lay(self.ellipse(side * 0.09, 0.58, 0.045, 0.026), mix(skin, (20, 0, 0), 0.75), 0.01)
        self._mouth()

    def _eye(self, side: int) -> None:
        x, opening = side * 0.42, 0.105 * self.face.eyes_open
        lash = mix(self.face.skin, (15, 8, 8), 0.88)
        if opening > 0.015:
            white = self.ellipse(x, 0.05, 0.2, opening)
            self.lay(white, (244, 240, 236))
            ball = (self.ellipse(x, 0.04, 0.1, 0.1).astype(np.float32) * (white / 255)).astype(np.uint8)
            self.lay(ball, (84, 58, 40))
            pupil = (self.ellipse(x, 0.04, 0.05, 0.05).astype(np.float32) * (white / 255)).astype(np.uint8)
            self.lay(pupil, (14, 10, 10))
            self.lay(self.ellipse(x - 0.03, 0.01, 0.02, 0.02), (255, 255, 255))
        arch = [(x + 0.21 * np.cos(a), 0.05 - opening * 1.1 * np.sin(a)) for a in np.linspace(0, np.pi, 12)]
        self.lay(self.stroke(arch, 0.036), lash, 0.004)
        fold = [(x + 0.2 * np.cos(a), 0.01 - 0.14 * np.sin(a)) for a in np.linspace(0.3, np.pi - 0.3, 10)]
        self.lay(self.stroke(fold, 0.02), mix(self.face.skin, (40, 8, 4), 0.5), 0.012, 0.7)

    def _mouth(self) -> None:
        lip = mix(mix(self.face.skin, (190, 50, 60), 0.5), (60, 10, 10), 0.1)
        width, gap, rise = 0.32 + 0.1 * self.face.smile, 0.34 * self.face.mouth_open, 0.16 * self.face.smile
        y = 0.9
        t = np.linspace(-1, 1, 21)
        line = y - rise * np.abs(t) ** 1.6 + rise * 0.3
        upper = line - 0.085 * (1 - t**2) * (1 - 0.25 * np.exp(-((t / 0.16) ** 2)))
        lower = line + (gap + 0.115) * (1 - np.abs(t) ** 2.2)
        self.lay(self.polygon(_ring(t * width, upper, lower)), lip, 0.008)
        if gap > 0.02:
            inside = _ring(t * width * 0.86, line + 0.0 * t, line + gap * (1 - np.abs(t) ** 2.2))
            self.lay(self.polygon(inside), (70, 18, 22))
            teeth = _ring(t * width * 0.7, line + 0.0 * t, line + min(gap, 0.09) * (1 - np.abs(t) ** 4))
            self.lay(self.polygon(teeth), (240, 236, 228))
        else:
            points = [(float(a * width * 1.04), float(b)) for a, b in zip(t, line, strict=True)]
            self.lay(self.stroke(points, 0.026), mix(lip, (30, 0, 0), 0.7), 0.006)

    def _front_hair(self) -> None:
        if self.face.scarf:
            ring = self.ellipse(0, 0.42, 1.28, 1.62).astype(np.float32)
            hole = self.ellipse(0, 0.32, 0.9, 1.22).astype(np.float32)
            self.lay(np.clip(ring - hole, 0, 255).astype(np.uint8), self.face.scarf, 0.015)
            drape = self.polygon([(-1.0, 1.2), (1.0, 1.2), (1.5, 2.5), (-1.5, 2.5)]).astype(np.float32)
            self.lay(
                np.clip(drape - hole, 0, 255).astype(np.uint8), mix(self.face.scarf, (0, 0, 0), 0.12), 0.02
            )
            return
        if self.face.hair is None:
            return
        cap = self.ellipse(0, -0.2, 1.13, 1.05).astype(np.float32)
        edge = -0.3 if self.face.bangs else -0.62
        forehead = self.ellipse(0, 0.75, 0.92, 0.75 - edge).astype(np.float32)
        below = self.polygon([(-2, 0.35), (2, 0.35), (2, 3), (-2, 3)]).astype(np.float32)
        cap = np.clip(cap - forehead - (0 if self.face.long_hair else below), 0, 255).astype(np.uint8)
        self.lay(cap, self.face.hair, 0.01)
        rng = np.random.default_rng(3)
        for start in rng.uniform(-0.9, 0.9, 40):
            strand = self.stroke([(start * 0.3, -1.2), (start * 0.8, -0.95), (start * 1.05, -0.45)], 0.02)
            both = (strand.astype(np.float32) * (cap / 255)).astype(np.uint8)
            self.lay(both, mix(self.face.hair, (255, 240, 220), 0.25), 0.01, 0.5)

    def _worn(self) -> None:
        face = self.face
        if face.mask:
            shape = self.polygon(
                [
                    (-0.93, 0.3),
                    (-0.4, 0.34),
                    (0, 0.2),
                    (0.4, 0.34),
                    (0.93, 0.3),
                    (0.8, 1.1),
                    (0.35, 1.5),
                    (-0.35, 1.5),
                    (-0.8, 1.1),
                ]
            )
            self.lay(shape, face.mask, 0.01)
            for row in (0.6, 0.85, 1.1):
                self.lay(self.stroke([(-0.8, row), (0.8, row)], 0.015), mix(face.mask, (0, 0, 0), 0.2), 0.01)
        if face.sunglasses or face.glasses:
            frame = (24, 22, 26)
            for side in (-1, 1):
                lens = self.ellipse(side * 0.43, 0.08, 0.36, 0.29)
                if face.sunglasses:
                    self.lay(lens, (22, 22, 28))
                    self.lay(self.ellipse(side * 0.43 - 0.1, -0.02, 0.1, 0.05), (90, 95, 110), 0.03, 0.6)
                rim = np.clip(lens.astype(np.float32) - self.ellipse(side * 0.43, 0.08, 0.315, 0.245), 0, 255)
                self.lay(rim.astype(np.uint8), frame)
                self.lay(self.stroke([(side * 0.78, 0.02), (side * 1.0, 0.0)], 0.05), frame)
            self.lay(self.stroke([(-0.09, 0.03), (0, -0.01), (0.09, 0.03)], 0.05), frame)


def _ring(
    x: NDArray[np.float64], upper: NDArray[np.float64], lower: NDArray[np.float64]
) -> list[tuple[float, float]]:
    top = list(zip(x.tolist(), upper.tolist(), strict=True))
    return top + list(zip(x.tolist(), lower.tolist(), strict=True))[::-1]
