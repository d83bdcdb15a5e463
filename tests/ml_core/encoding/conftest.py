"""Small drawn clips, made once."""

from __future__ import annotations

import cv2
import pytest

from emotoon.bench.drawn_clips import DRAWN_CLIPS, draw_clip
from ml_core.types import Clip

cv2.setNumThreads(1)


@pytest.fixture(scope="session")
def nod() -> Clip:
    """12 frames of 128 px at 12 a second: one second."""
    return draw_clip("nod", frames=12, side=128, fps=12.0)


@pytest.fixture(scope="session")
def drawn() -> dict[str, Clip]:
    """Every drawn clip, 15 frames of 160 px at 10 a second."""
    return {name: draw_clip(name, frames=15, side=160, fps=10.0) for name in DRAWN_CLIPS}
