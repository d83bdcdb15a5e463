"""Whom the quality is measured on: package portraits, these in other skin tones, and drawn faces.

What is drawn twice before different walls has a known silhouette: that is how leaks are seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil

from emotoon.bench.portraits import portrait_bytes
from ml_core.face.exposure import lab_of
from ml_core.face.geometry import inverse
from ml_core.face.photo import decode_photo
from ml_core.training.style.drawn_faces import draw_face, person
from ml_core.types import REGIONS, FaceAnalysis, Image, Rgb

SKIN_TONES: Mapping[str, Rgb] = {"light": (240, 204, 180), "mid": (198, 146, 110), "dark": (112, 74, 54)}
"""Towards Fitzpatrick I, III and VI; on a darker skin the lips that we draw can no longer be seen."""
DRAWN_SEEDS = {"light": 1, "mid": 2, "dark": 6}
"""Persons who differ in face shape and hair, not only in skin."""
DRAWN_SIDE = 640
OTHER_WALL: Rgb = (30, 140, 60)
WALL_SHARE = 0.6
"""Share of the wall's own change from which a pixel is wall: edges are soft, and the light is uneven."""


@dataclass(frozen=True)
class Subject:
    """photo: (H, W, 3) uint8 RGB. tone: light, mid, dark, or empty when nobody said.

    wall: (H, W) bool, true where the background is known to be; None for photos.
    """

    name: str
    photo: Image
    tone: str = ""
    wall: NDArray[np.bool_] | None = None


def given_subjects(paths: list[Path]) -> list[Subject]:
    return [Subject(name, decode_photo(data)) for name, data in portrait_bytes(paths).items()]


def package_portraits() -> list[Subject]:
    """The astronaut, and Grace Hopper where Matplotlib is installed; both public domain."""
    (astronaut,) = given_subjects([])
    subjects = [replace(astronaut, tone="light")]
    spec = find_spec("matplotlib")
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent / "mpl-data/sample_data/grace_hopper.jpg"
        with Pil.open(path) as photo:
            subjects.append(Subject("grace_hopper", np.array(photo.convert("RGB"), np.uint8), "light"))
    return subjects


def drawn_subjects() -> list[Subject]:
    """One drawn person for each skin tone, with the truth about the background."""
    return [_drawn(tone, seed) for tone, seed in DRAWN_SEEDS.items()]


def _drawn(tone: str, seed: int) -> Subject:
    who = replace(
        person(seed), skin=SKIN_TONES[tone], turn=0.05, opening=0.0, smile=0.2, glasses=False
    )  # frontal and at rest
    photo = draw_face(who, "portrait", DRAWN_SIDE)
    other = draw_face(replace(who, wall=OTHER_WALL), "portrait", DRAWN_SIDE)
    change = cv2.absdiff(photo, other).max(axis=2)
    wall = change > WALL_SHARE * np.percentile(change, 95)
    return Subject(f"drawn_{tone}", photo, tone, np.asarray(wall))


def recoloured(subject: Subject, analysis: FaceAnalysis, tone: str) -> Subject:
    """The same photo with the skin moved to another tone in Lab; light and texture are kept."""
    skin = sum(analysis.regions[REGIONS.index(name)].astype(np.float32) / 255 for name in ("skin", "neck"))
    height, width = subject.photo.shape[:2]
    mask = cv2.warpAffine(np.asarray(skin, np.float32), inverse(analysis.to_portrait), (width, height))
    lab = lab_of(subject.photo)
    now = np.median(lab[mask > 0.5], axis=0)
    wanted = lab_of(np.array([[SKIN_TONES[tone]]], np.uint8))[0, 0]
    moved = lab + (wanted - now)
    moved[..., 0] = lab[..., 0] * (wanted[0] / max(float(now[0]), 1.0))
    mixed = lab + (moved - lab) * np.clip(mask, 0, 1)[..., None]
    rgb = cv2.cvtColor(mixed.astype(np.float32), cv2.COLOR_LAB2RGB)
    photo = np.asarray(np.clip(255 * rgb, 0, 255).round(), np.uint8)
    return Subject(f"{subject.name}_{tone}", photo, tone)
