"""Clips: steadier than frame by frame, honest about lost faces."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest

from ml_core.errors import ClipInvalid, PhotoRejected
from ml_core.face.analyser import FaceAnalyser
from ml_core.face.geometry import rigid
from ml_core.face.nets import FaceNets
from ml_core.face.search import find_faces
from ml_core.face.topology import STABLE
from ml_core.face.tracking import FaceTracker
from ml_core.types import REGIONS, FaceAnalysis
from tests.faces import DrawnFace, Picture, astronaut, drawn_face

FRAMES = 8


@pytest.fixture(scope="module")
def clip() -> list[Picture]:
    """The astronaut drifting a little, with the noise of a phone camera."""
    rng = np.random.default_rng(0)
    photo, frames = astronaut(), []
    for index in range(FRAMES):
        shift = cv2.getRotationMatrix2D((256, 200), 2 * np.sin(index / 3), 1 + 0.004 * index)
        frame = cv2.warpAffine(photo, shift, (512, 512), borderMode=cv2.BORDER_REPLICATE)
        frames.append(np.clip(frame + rng.normal(0, 7, frame.shape), 0, 255).astype(np.uint8))
    return frames


@pytest.fixture(scope="module")
def analysed(clip: list[Picture]) -> tuple[FaceAnalysis, ...]:
    return FaceTracker().analyse(clip)


def test_every_frame_in_one_portrait_frame(clip: list[Picture], analysed: tuple[FaceAnalysis, ...]) -> None:
    assert len(analysed) == len(clip)
    for one in analysed:
        assert np.array_equal(one.to_portrait, analysed[0].to_portrait)
        total = one.regions.astype(np.float32).sum(axis=0) / 255
        assert total.max() < 1.05
        assert np.isfinite(one.landmarks).all()


def test_landmarks_jitter_less_than_frame_by_frame(clip: list[Picture]) -> None:
    nets = FaceNets()
    raw = np.stack([find_faces(nets, f).faces[0].fit.points for f in clip])
    smooth = np.stack([face.points for face in FaceTracker(nets).track(clip)])
    still = [1, 4, 5, 50, 280, 152, 10]  # points the iris network does not touch

    def jitter(track: np.ndarray) -> float:
        return float(np.abs(np.diff(track[:, still, :2], n=2, axis=0)).mean())

    assert jitter(smooth) < 0.8 * jitter(raw)


def test_masks_flicker_less_than_frame_by_frame(
    clip: list[Picture], analysed: tuple[FaceAnalysis, ...], analyser: FaceAnalyser
) -> None:
    alone = [analyser.analyse(frame) for frame in clip]
    for region in ("skin", "hair", "background"):
        layer = REGIONS.index(region)
        assert _flicker(analysed, layer) < 0.9 * _flicker(alone, layer), region


def _flicker(frames: tuple[FaceAnalysis, ...] | list[FaceAnalysis], layer: int) -> float:
    """Mean change of a head layer between frames, with the head held still."""
    changes = []
    for before, now in pairwise(frames):
        fit = rigid(before.landmarks[list(STABLE), :2], now.landmarks[list(STABLE), :2])
        step = np.column_stack([fit.scale * fit.rotation, fit.translation])
        along = cv2.warpAffine(before.regions[layer], step, (600, 600))
        changes.append(np.abs(along.astype(int) - now.regions[layer])[60:380, 120:480].mean())
    return float(np.mean(changes))


def test_a_short_gap_is_bridged_and_a_long_one_refused(clip: list[Picture]) -> None:
    grey = np.full_like(clip[0], 127)
    bridged = FaceTracker().track([*clip[:3], grey, *clip[4:]])
    assert [face.found for face in bridged] == [True] * 3 + [False] + [True] * 4
    with pytest.raises(ClipInvalid) as lost:
        FaceTracker().track([*clip[:3], *[grey] * 5])
    assert lost.value.code == "clip_face_lost"
    with pytest.raises(ClipInvalid) as none:
        FaceTracker().track([grey, grey])
    assert none.value.code == "clip_no_face"
    with pytest.raises(ClipInvalid) as empty:
        FaceTracker().track([])
    assert empty.value.code == "clip_empty"


def test_a_clip_is_judged_like_a_photo() -> None:
    frames = [drawn_face(DrawnFace(sunglasses=True))] * 2
    with pytest.raises(PhotoRejected) as refused:
        FaceTracker().analyse(frames)
    assert refused.value.code == "sunglasses"
