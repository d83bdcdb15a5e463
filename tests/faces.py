"""Faces that tests look at: portraits that come with packages, and faces drawn here.

Everything returns (H, W, 3) uint8 RGB. The drawn faces are shaded enough for the mesh network to
find them like photos; they wear what no package portrait wears (masks, sunglasses, beards, scarves).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil

Picture = NDArray[np.uint8]
Rgb = tuple[int, int, int]

SKIN_TONES: dict[str, Rgb] = {"light": (240, 204, 180), "mid": (198, 146, 110), "dark": (98, 62, 44)}
HAIR: dict[str, Rgb] = {
    "black": (34, 28, 30),
    "brown": (92, 58, 38),
    "blond": (214, 178, 112),
    "white": (226, 224, 220),
}


def _package_file(package: str, path: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / path


def _read(package: str, path: str) -> Picture:
    with Pil.open(_package_file(package, path)) as photo:
        return np.array(photo.convert("RGB"), dtype=np.uint8)


def astronaut() -> Picture:
    """Eileen Collins, NASA, public domain; 512 x 512 (scikit-image)."""
    return _read("skimage", "data/astronaut.png")


def grace_hopper() -> Picture:
    """Rear Admiral Grace Hopper with glasses and cap, US Navy, public domain; 512 x 600 (Matplotlib)."""
    return _read("matplotlib", "mpl-data/sample_data/grace_hopper.jpg")


def t1_group() -> Picture:
    """Six people at a table; 1280 x 886 (insightface, torch set-up only)."""
    return _read("insightface", "data/images/t1.jpg")


def cat() -> Picture:
    """A cat's face; 451 x 300 (scikit-image)."""
    return _read("skimage", "data/chelsea.png")


def mask_picture(colour: str) -> Picture:
    """A medical mask lying flat on white: black, blue, green or white (insightface)."""
    return _read("insightface", f"data/images/mask_{colour}.jpg")


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
    return _Painter(face, size).painted()


def mix(a: Rgb, b: Rgb, amount: float) -> Rgb:
    red, green, blue = (round(x * (1 - amount) + y * amount) for x, y in zip(a, b, strict=True))
    return red, green, blue


class _Painter:
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
    def _cover(self, shape: NDArray[np.uint8], blur: float) -> NDArray[np.float32]:
        cover = shape.astype(np.float32) / 255
        return cv2.GaussianBlur(cover, (0, 0), blur * self.unit) if blur > 0 else cover

    def _lay(self, shape: NDArray[np.uint8], colour: Rgb, blur: float = 0.0, amount: float = 1.0) -> None:
        x, y, width, height = cv2.boundingRect(shape)
        if width == 0:
            return
        reach = int(4 * blur * self.unit) + 1
        part = np.s_[max(0, y - reach) : y + height + reach, max(0, x - reach) : x + width + reach]
        cover = self._cover(shape[part], blur)[..., np.newaxis] * amount
        self.canvas[part] += (np.array(colour, np.float32) - self.canvas[part]) * cover

    def _ellipse(self, x: float, y: float, rx: float, ry: float, turn: float = 0) -> NDArray[np.uint8]:
        shape = np.zeros((self.n, self.n), np.uint8)
        centre = (round((self.cx + x * self.unit) * 16), round((self.cy + y * self.unit) * 16))
        axes = (max(1, round(rx * self.unit * 16)), max(1, round(ry * self.unit * 16)))
        cv2.ellipse(shape, centre, axes, turn, 0, 360, 255, -1, cv2.LINE_AA, 4)
        return shape

    def _polygon(self, points: list[tuple[float, float]]) -> NDArray[np.uint8]:
        shape = np.zeros((self.n, self.n), np.uint8)
        cv2.fillPoly(shape, [self._fixed(points)], 255, cv2.LINE_AA, 4)
        return shape

    def _stroke(self, points: list[tuple[float, float]], width: float) -> NDArray[np.uint8]:
        shape = np.zeros((self.n, self.n), np.uint8)
        cv2.polylines(
            shape, [self._fixed(points)], False, 255, max(1, round(width * self.unit)), cv2.LINE_AA, 4
        )
        return shape

    def _fixed(self, points: list[tuple[float, float]]) -> NDArray[np.int32]:
        xy = np.array(points, np.float32) * self.unit + (self.cx, self.cy)
        return np.round(xy * 16).astype(np.int32)

    def _outline(self, grow: float = 1.0) -> NDArray[np.uint8]:
        """Skull and jaw as one closed curve."""
        angle = np.linspace(0, 2 * np.pi, 120)
        x, y = np.sin(angle), -np.cos(angle)
        down = np.clip(y, 0, 1)
        points = np.stack(
            [x * (1 - 0.26 * down**2.2) * grow, 0.22 + np.where(y < 0, y * 1.22, y * 1.3) * grow], axis=1
        )
        return self._polygon([(float(a), float(b)) for a, b in points])

    # --- parts
    def _back_hair(self) -> None:
        if self.face.hair and self.face.long_hair:
            self._lay(self._ellipse(0, 0.55, 1.32, 1.75), mix(self.face.hair, (0, 0, 0), 0.25))

    def _body(self) -> None:
        skin, dark = self.face.skin, mix(self.face.skin, (30, 10, 10), 0.3)
        shoulders = [(-2.6, 3.2), (-2.3, 2.35), (-1.1, 1.98), (1.1, 1.98), (2.3, 2.35), (2.6, 3.2)]
        self._lay(self._polygon(shoulders), self.face.clothes, 0.03)
        self._lay(self._polygon([(-0.52, 0.9), (0.52, 0.9), (0.62, 2.0), (0, 2.4), (-0.62, 2.0)]), dark, 0.02)
        self._lay(
            self._polygon([(-0.45, 1.75), (0.45, 1.75), (0.56, 2.0), (0, 2.36), (-0.56, 2.0)]), skin, 0.1
        )

    def _head(self) -> None:
        skin = self.face.skin
        dark, light = mix(skin, (50, 10, 0), 0.34), mix(skin, (255, 240, 225), 0.32)
        if self.face.ears:
            for side in (-1, 1):
                self._lay(self._ellipse(side * 1.0, 0.15, 0.16, 0.3), mix(skin, (120, 20, 10), 0.18))
        head = self._outline()
        self._lay(head, dark)
        inner = self._cover(self._outline(0.86), 0.16) * (head / 255)
        self.canvas += (np.array(skin, np.float32) - self.canvas) * inner[..., np.newaxis]
        self._lay(self._ellipse(-0.1, -0.55, 0.5, 0.28), light, 0.2, 0.6)
        for side in (-1, 1):
            self._lay(self._ellipse(side * 0.52, 0.55, 0.26, 0.2), mix(skin, (220, 70, 60), 0.3), 0.14, 0.7)
            self._lay(self._ellipse(side * 0.44, 0.04, 0.3, 0.19), dark, 0.1, 0.45)

    def _beard(self) -> None:
        if not self.face.beard:
            return
        colour = mix(self.face.hair or (60, 50, 45), self.face.skin, 0.12)
        whole = self._outline().astype(np.float32)
        low = self._cover(
            self._polygon(
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
        self._lay((whole * low).astype(np.uint8), colour, 0.01, 0.9)

    def _features(self) -> None:
        skin = self.face.skin
        dark = mix(skin, (40, 8, 4), 0.5)
        for side in (-1, 1):
            self._eye(side)
            lift = 0.12 * self.face.brows_up
            brow = [(side * 0.2, -0.24 - lift), (side * 0.42, -0.34 - lift), (side * 0.68, -0.24 - lift)]
            self._lay(
                self._stroke(brow, 0.085), mix(self.face.hair or (70, 60, 55), (20, 10, 10), 0.35), 0.012
            )
        self._lay(self._stroke([(-0.1, 0.0), (-0.09, 0.35), (-0.16, 0.52)], 0.05), dark, 0.05, 0.5)
        self._lay(self._ellipse(0, 0.5, 0.17, 0.11), mix(skin, (255, 235, 220), 0.4), 0.06, 0.6)
        self._lay(
            self._stroke([(-0.2, 0.53), (-0.1, 0.61), (0, 0.6), (0.1, 0.61), (0.2, 0.53)], 0.035),
            dark,
            0.02,
            0.8,
        )
        for side in (-1, 1):
            self._lay(self._ellipse(side * 0.09, 0.58, 0.045, 0.026), mix(skin, (20, 0, 0), 0.75), 0.01)
        self._mouth()

    def _eye(self, side: int) -> None:
        x, opening = side * 0.42, 0.105 * self.face.eyes_open
        lash = mix(self.face.skin, (15, 8, 8), 0.88)
        if opening > 0.015:
            white = self._ellipse(x, 0.05, 0.2, opening)
            self._lay(white, (244, 240, 236))
            ball = (self._ellipse(x, 0.04, 0.1, 0.1).astype(np.float32) * (white / 255)).astype(np.uint8)
            self._lay(ball, (84, 58, 40))
            pupil = (self._ellipse(x, 0.04, 0.05, 0.05).astype(np.float32) * (white / 255)).astype(np.uint8)
            self._lay(pupil, (14, 10, 10))
            self._lay(self._ellipse(x - 0.03, 0.01, 0.02, 0.02), (255, 255, 255))
        arch = [(x + 0.21 * np.cos(a), 0.05 - opening * 1.1 * np.sin(a)) for a in np.linspace(0, np.pi, 12)]
        self._lay(self._stroke(arch, 0.036), lash, 0.004)
        fold = [(x + 0.2 * np.cos(a), 0.01 - 0.14 * np.sin(a)) for a in np.linspace(0.3, np.pi - 0.3, 10)]
        self._lay(self._stroke(fold, 0.02), mix(self.face.skin, (40, 8, 4), 0.5), 0.012, 0.7)

    def _mouth(self) -> None:
        lip = mix(mix(self.face.skin, (190, 50, 60), 0.5), (60, 10, 10), 0.1)
        width, gap, rise = 0.32 + 0.1 * self.face.smile, 0.34 * self.face.mouth_open, 0.16 * self.face.smile
        y = 0.9
        t = np.linspace(-1, 1, 21)
        line = y - rise * np.abs(t) ** 1.6 + rise * 0.3
        upper = line - 0.085 * (1 - t**2) * (1 - 0.25 * np.exp(-((t / 0.16) ** 2)))
        lower = line + (gap + 0.115) * (1 - np.abs(t) ** 2.2)
        self._lay(self._polygon(_ring(t * width, upper, lower)), lip, 0.008)
        if gap > 0.02:
            inside = _ring(t * width * 0.86, line + 0.0 * t, line + gap * (1 - np.abs(t) ** 2.2))
            self._lay(self._polygon(inside), (70, 18, 22))
            teeth = _ring(t * width * 0.7, line + 0.0 * t, line + min(gap, 0.09) * (1 - np.abs(t) ** 4))
            self._lay(self._polygon(teeth), (240, 236, 228))
        else:
            points = [(float(a * width * 1.04), float(b)) for a, b in zip(t, line, strict=True)]
            self._lay(self._stroke(points, 0.026), mix(lip, (30, 0, 0), 0.7), 0.006)

    def _front_hair(self) -> None:
        if self.face.scarf:
            ring = self._ellipse(0, 0.42, 1.28, 1.62).astype(np.float32)
            hole = self._ellipse(0, 0.32, 0.9, 1.22).astype(np.float32)
            self._lay(np.clip(ring - hole, 0, 255).astype(np.uint8), self.face.scarf, 0.015)
            drape = self._polygon([(-1.0, 1.2), (1.0, 1.2), (1.5, 2.5), (-1.5, 2.5)]).astype(np.float32)
            self._lay(
                np.clip(drape - hole, 0, 255).astype(np.uint8), mix(self.face.scarf, (0, 0, 0), 0.12), 0.02
            )
            return
        if self.face.hair is None:
            return
        cap = self._ellipse(0, -0.2, 1.13, 1.05).astype(np.float32)
        edge = -0.3 if self.face.bangs else -0.62
        forehead = self._ellipse(0, 0.75, 0.92, 0.75 - edge).astype(np.float32)
        below = self._polygon([(-2, 0.35), (2, 0.35), (2, 3), (-2, 3)]).astype(np.float32)
        cap = np.clip(cap - forehead - (0 if self.face.long_hair else below), 0, 255).astype(np.uint8)
        self._lay(cap, self.face.hair, 0.01)
        rng = np.random.default_rng(3)
        for start in rng.uniform(-0.9, 0.9, 40):
            strand = self._stroke([(start * 0.3, -1.2), (start * 0.8, -0.95), (start * 1.05, -0.45)], 0.02)
            both = (strand.astype(np.float32) * (cap / 255)).astype(np.uint8)
            self._lay(both, mix(self.face.hair, (255, 240, 220), 0.25), 0.01, 0.5)

    def _worn(self) -> None:
        face = self.face
        if face.mask:
            shape = self._polygon(
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
            self._lay(shape, face.mask, 0.01)
            for row in (0.6, 0.85, 1.1):
                self._lay(
                    self._stroke([(-0.8, row), (0.8, row)], 0.015), mix(face.mask, (0, 0, 0), 0.2), 0.01
                )
        if face.sunglasses or face.glasses:
            frame = (24, 22, 26)
            for side in (-1, 1):
                lens = self._ellipse(side * 0.43, 0.08, 0.36, 0.29)
                if face.sunglasses:
                    self._lay(lens, (22, 22, 28))
                    self._lay(self._ellipse(side * 0.43 - 0.1, -0.02, 0.1, 0.05), (90, 95, 110), 0.03, 0.6)
                rim = np.clip(
                    lens.astype(np.float32) - self._ellipse(side * 0.43, 0.08, 0.315, 0.245), 0, 255
                )
                self._lay(rim.astype(np.uint8), frame)
                self._lay(self._stroke([(side * 0.78, 0.02), (side * 1.0, 0.0)], 0.05), frame)
            self._lay(self._stroke([(-0.09, 0.03), (0, -0.01), (0.09, 0.03)], 0.05), frame)


def _ring(
    x: NDArray[np.float64], upper: NDArray[np.float64], lower: NDArray[np.float64]
) -> list[tuple[float, float]]:
    top = list(zip(x.tolist(), upper.tolist(), strict=True))
    return top + list(zip(x.tolist(), lower.tolist(), strict=True))[::-1]


def recoloured(photo: Picture, mask: NDArray[np.float32], tone: str) -> Picture:
    """``photo`` with the pixels under ``mask`` (H, W, 0..1) moved to one of SKIN_TONES, shading kept."""
    lab = cv2.cvtColor(photo.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    now = np.median(lab[mask > 0.5], axis=0)
    want = cv2.cvtColor(np.array([[SKIN_TONES[tone]]], np.float32) / 255, cv2.COLOR_RGB2LAB)[0, 0]
    moved = lab.copy()
    moved[..., 0] = lab[..., 0] * (want[0] / max(float(now[0]), 1.0))
    moved[..., 1:] += want[1:] - now[1:]
    blended = lab + (moved - lab) * mask[..., np.newaxis]
    rgb = cv2.cvtColor(blended.astype(np.float32), cv2.COLOR_LAB2RGB)
    return (np.clip(rgb, 0, 1) * 255).astype(np.uint8)


def masked(photo: Picture, points: NDArray[np.float32], colour: str) -> Picture:
    """``photo`` with a medical mask laid over the face whose (468, 2+) mesh ``points`` are given."""
    mask = mask_picture(colour)
    height, width = mask.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    xy = points[:, :2]
    drop = (xy[152] - xy[1]) * 0.12
    on_face = np.stack([xy[227] - drop, xy[447] - drop, xy[379] + drop, xy[150] + drop]).astype(np.float32)
    warp = cv2.getPerspectiveTransform(corners, on_face)
    size = (photo.shape[1], photo.shape[0])
    laid = cv2.warpPerspective(mask, warp, size)
    cover = cv2.warpPerspective(np.full((height, width), 255, np.uint8), warp, size)
    return np.where(cover[..., np.newaxis] > 127, laid, photo).astype(np.uint8)


def with_glasses(
    photo: Picture, points: NDArray[np.float32], lens: Rgb | None = None, dark: float = 0.92
) -> Picture:
    """``photo`` with a dark frame drawn around the eyes; ``lens`` fills it (sunglasses)."""
    unit = float(np.linalg.norm(points[263, :2] - points[33, :2]))
    out = photo.astype(np.float32)
    frame, glass = np.zeros(photo.shape[:2], np.uint8), np.zeros(photo.shape[:2], np.uint8)
    width = max(2, round(unit * 0.045))
    turn = float(np.degrees(np.arctan2(*(points[263, :2] - points[33, :2])[::-1])))
    centres = []
    for ids in ((33, 133), (263, 362)):
        centre = points[list(ids), :2].mean(axis=0) + np.array([0, unit * 0.03])
        centres.append(centre)
        at, axes = (
            (round(float(centre[0])), round(float(centre[1]))),
            (round(unit * 0.27), round(unit * 0.22)),
        )
        cv2.ellipse(frame, at, axes, turn, 0, 360, 255, width, cv2.LINE_AA)
        cv2.ellipse(glass, at, axes, turn, 0, 360, 255, -1, cv2.LINE_AA)
    right, left = centres
    along = (left - right) / np.linalg.norm(left - right)
    for start, end in (
        (right + along * unit * 0.27, left - along * unit * 0.27),
        (right - along * unit * 0.27, points[127, :2]),
        (left + along * unit * 0.27, points[356, :2]),
    ):
        cv2.line(
            frame,
            tuple(np.round(start).astype(int).tolist()),
            tuple(np.round(end).astype(int).tolist()),
            255,
            width,
            cv2.LINE_AA,
        )
    if lens is not None:
        out += (np.array(lens, np.float32) - out) * (glass / 255 * dark)[..., np.newaxis]
    out += (np.array((30, 26, 28), np.float32) - out) * (frame / 255)[..., np.newaxis]
    return np.clip(out, 0, 255).astype(np.uint8)


def drawn_animal(kind: str, size: int = 640, fur_contrast: float = 0.3) -> Picture:
    """A furry face with a muzzle and no white of the eye: "monkey", "dog" or "cat"."""
    painter = _Painter(DrawnFace(background=(150, 170, 140)), size)
    fur = {"monkey": (96, 66, 44), "dog": (188, 140, 84), "cat": (150, 140, 132)}[kind]
    face = {"monkey": (196, 150, 116), "dog": (214, 180, 132), "cat": (172, 164, 156)}[kind]
    dark = mix(fur, (0, 0, 0), 0.5)
    painter._lay(painter._ellipse(0, 2.2, 1.7, 1.5), mix(fur, (0, 0, 0), 0.15), 0.1)
    if kind == "monkey":
        for side in (-1, 1):
            painter._lay(painter._ellipse(side * 1.2, 0.1, 0.3, 0.4), face, 0.05)
    if kind == "cat":
        for side in (-1, 1):
            painter._lay(
                painter._polygon([(side * 0.3, -0.8), (side * 1.15, -1.5), (side * 1.05, -0.2)]), fur, 0.03
            )
    if kind == "dog":
        for side in (-1, 1):
            painter._lay(painter._ellipse(side * 1.1, 0.2, 0.32, 0.9, side * 12), dark, 0.05)
    painter._lay(painter._outline(1.04), fur, 0.06)
    painter._lay(painter._ellipse(0, 0.75, 0.72, 0.62), face, 0.08)
    for side in (-1, 1):
        painter._lay(painter._ellipse(side * 0.42, 0.05, 0.34, 0.3), face, 0.1)
        painter._lay(painter._ellipse(side * 0.42, 0.05, 0.17, 0.15), (40, 24, 14), 0.01)
        painter._lay(painter._ellipse(side * 0.42, 0.05, 0.08, 0.1), (8, 6, 6), 0.01)
        painter._lay(painter._ellipse(side * 0.42 - 0.05, -0.01, 0.025, 0.025), (255, 255, 255))
    nose = 0.13 if kind == "monkey" else 0.22
    painter._lay(painter._ellipse(0, 0.55, nose, nose * 0.7), (30, 22, 22), 0.02)
    painter._lay(painter._stroke([(-0.4, 0.95), (0, 0.9), (0.4, 0.95)], 0.035), dark, 0.01)
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
