"""Pictures that come with Python packages: portraits, a group, a cat and medical masks."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image as Pil

from tests.faces.colours import Picture


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


def table() -> Picture:
    """A cup of coffee on a wooden table: round things that are no faces; 600 x 400 (scikit-image)."""
    return _read("skimage", "data/coffee.png")
