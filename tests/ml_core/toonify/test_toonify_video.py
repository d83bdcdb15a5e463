from __future__ import annotations

import dataclasses
import itertools

import cv2
import numpy as np
import pytest

from ml_core.toonify.look import ToonLook
from ml_core.toonify.renderer import toonify
from ml_core.toonify.video import toonify_frames
from ml_core.types import FaceAnalysis

FRAMES = 6
FLICKER_BOUND = 1.2
"""Mean 8-bit change from frame to frame of a still person filmed with noise: less than can be seen."""
OUTLINE_BOUND = 0.2
"""The same of the alpha channel: a fifth of a pixel all along an outline of some 1500 pixels."""


def filmed(analysis: FaceAnalysis, frames: int = FRAMES) -> list[FaceAnalysis]:
    """A person held still before a cheap camera: noise, wavering exposure, trembling landmarks and matte."""
    rng = np.random.default_rng(11)
    clip = []
    for _ in range(frames):
        noise = cv2.GaussianBlur(rng.normal(0, 7, analysis.image.shape).astype(np.float32), (0, 0), 0.7)
        image = np.clip(analysis.image * rng.uniform(0.98, 1.02) + noise, 0, 255).astype(np.uint8)
        tremble = cv2.GaussianBlur(rng.normal(0, 0.5, analysis.matte.shape).astype(np.float32), (0, 0), 3.0)
        clip.append(
            dataclasses.replace(
                analysis,
                image=image,
                landmarks=(analysis.landmarks + rng.normal(0, 0.15, analysis.landmarks.shape)).astype(
                    np.float32
                ),
                matte=np.clip(analysis.matte + tremble * (np.abs(analysis.matte - 0.5) < 0.45), 0, 1),
                skin_lab=tuple(float(v + rng.normal(0, 0.7)) for v in analysis.skin_lab),  # type: ignore[arg-type]
            )
        )
    return clip


def flicker(textures: list[np.ndarray]) -> float:
    opaque = np.min([t[..., 3] for t in textures], axis=0) > 250
    steps = [np.abs(a.astype(int) - b)[..., :3][opaque].mean() for a, b in itertools.pairwise(textures)]
    return float(np.mean(steps))


@pytest.mark.parametrize("style", ["cel", "ink"])
def test_a_still_person_does_not_flicker(astronaut: FaceAnalysis, style: str) -> None:
    clip = filmed(astronaut)
    look = ToonLook(style)
    textures = [p.texture for p in toonify_frames(clip, look)]
    together = flicker(textures)
    alone = flicker([toonify(frame, look, with_eyes=True).texture for frame in clip])
    bound = FLICKER_BOUND if style == "cel" else 3 * FLICKER_BOUND  # a dot of ink is all or nothing
    assert together < bound, (together, alone)
    assert together < 0.4 * alone, (together, alone)
    outlines = [t[..., 3].astype(int) for t in textures]
    assert np.mean([np.abs(a - b).mean() for a, b in itertools.pairwise(outlines)]) < OUTLINE_BOUND


def test_what_moves_leaves_no_trail(astronaut: FaceAnalysis) -> None:
    """A red ball passes over the shirt: where it was, the next frame shows shirt again."""
    still = astronaut.image.copy()
    x, y = 300, 540
    moving = still.copy()
    cv2.circle(moving, (x, y), 26, (230, 20, 30), -1)
    clip = [dataclasses.replace(astronaut, image=image) for image in (still, moving, still)]
    before, during, after = (p.texture for p in toonify_frames(clip, ToonLook("cel")))
    ball = (slice(y - 14, y + 14), slice(x - 14, x + 14))
    assert np.abs(during[ball].astype(int) - before[ball]).mean() > 25
    assert np.abs(after[ball].astype(int) - before[ball]).mean() < 6


def test_a_clip_has_one_palette_and_its_own_geometry(drawn: dict[str, FaceAnalysis]) -> None:
    clip = filmed(drawn["dark"], 3)
    portraits = toonify_frames(clip, ToonLook("flat"))
    assert len({p.palette for p in portraits}) == 1
    assert [p.analysis for p in portraits] == clip
    assert toonify_frames([], ToonLook()) == ()
