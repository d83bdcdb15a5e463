"""The puppet on a real portrait: loops close, nothing leaves the canvas, nothing folds over."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from ml_core.animation.contours import EYES
from ml_core.animation.motion import Motion, loop_phases, rest_pose, sample
from ml_core.animation.neutral import openness
from ml_core.animation.puppet import CAPTION_BAND, Puppet, puppet_frames, puppet_loop
from ml_core.face.topology import CHIN, INNER_LIP_LOWER, INNER_LIP_UPPER
from ml_core.types import ToonPortrait
from tests.ml_core.animation.poses import posed


def test_a_frame_is_premultiplied_and_says_where_the_face_is(puppet: Puppet) -> None:
    puppet.fit(rest_pose())
    pixels, face = puppet.render(rest_pose())
    assert pixels.shape == (256, 256, 4)
    assert pixels.dtype == np.uint8
    assert (pixels[..., :3] <= pixels[..., 3:]).all()
    np.testing.assert_array_equal(face.alpha, pixels[..., 3])
    assert face.landmarks.shape == (468, 2)
    on_face = face.landmarks.round().astype(int)
    assert (face.alpha[on_face[:, 1], on_face[:, 0]] > 128).mean() > 0.95


def test_the_same_pose_gives_the_same_pixels(puppet: Puppet) -> None:
    pose = posed(jawOpen=0.6, head__yaw=10)
    np.testing.assert_array_equal(puppet.render(pose)[0], puppet.render(pose)[0])


def test_loops_close_exactly(puppet: Puppet, catalog_motions: dict[str, Motion]) -> None:
    frames = [frame.astype(int) for frame, _ in puppet_frames(puppet, catalog_motions["joy"], n=40)]
    steps = [np.abs(a - b).mean() for a, b in pairwise(frames)]
    closing = np.abs(frames[-1] - frames[0]).mean()
    assert closing <= np.median(steps) * 1.5 + 0.2


def test_a_loop_gives_its_frames_in_any_order(puppet: Puppet, catalog_motions: dict[str, Motion]) -> None:
    motion = catalog_motions["joy"]
    in_order = list(puppet_frames(puppet, motion))
    loop = puppet_loop(puppet, motion)
    assert len(loop) == len(in_order)
    for index in (7, 0, 3):
        np.testing.assert_array_equal(loop[index][0], in_order[index][0])
        np.testing.assert_array_equal(loop[index][1].landmarks, in_order[index][1].landmarks)
    assert len(loop[1:9:2]) == 4


@pytest.mark.parametrize("has_caption", [True, False])
def test_nothing_leaves_the_canvas(
    puppet: Puppet, catalog_motions: dict[str, Motion], has_caption: bool
) -> None:
    for motion in catalog_motions.values():
        frames = list(puppet_frames(puppet, motion, n=24, has_caption=has_caption, only=range(0, 24, 8)))
        for pixels, face in frames:
            border = [pixels[:2], pixels[-2:], pixels[:, :2], pixels[:, -2:]]
            assert not any(edge[..., 3].any() for edge in border), motion.id
            if has_caption:
                assert face.landmarks[CHIN, 1] <= (1 - CAPTION_BAND) * 256 + 1.0, motion.id


def test_no_catalog_motion_folds_the_mesh(puppet: Puppet, catalog_motions: dict[str, Motion]) -> None:
    folded = {name: puppet.fold_overs(sample(m, loop_phases(20))) for name, m in catalog_motions.items()}
    assert not {name: count for name, count in folded.items() if count}


def test_the_mouth_opens_as_the_jaw_says(puppet: Puppet) -> None:
    jaw = np.linspace(0, 1, 9)
    puppet.fit(posed(jawOpen=1.0))
    gaps = []
    for amount in jaw:
        points = puppet.render(posed(jawOpen=float(amount)))[1].landmarks
        gaps.append(points[INNER_LIP_LOWER, 1] - points[INNER_LIP_UPPER, 1])
    assert np.corrcoef(jaw, gaps)[0, 1] > 0.98
    assert gaps[0] < 1.0  # the open smile of the photo was closed first


@pytest.mark.parametrize("eye", EYES, ids=lambda eye: eye.side)
def test_lids_close_as_the_blink_says(puppet: Puppet, eye: object) -> None:
    weights = np.linspace(0, 1, 9)
    openings = []
    for amount in weights:
        points = puppet.render(posed(eyeBlinkLeft=float(amount), eyeBlinkRight=float(amount)))[1].landmarks
        openings.append(openness(points, eye))  # type: ignore[arg-type]
    assert np.corrcoef(weights, openings)[0, 1] < -0.98
    assert openings[-1] < 0.02


@pytest.mark.parametrize(("channel", "axis", "sign"), [("head.yaw", 0, 1), ("head.pitch", 1, 1)])
def test_turns_follow_the_sign_convention_of_head_pose(
    puppet: Puppet, channel: str, axis: int, sign: int
) -> None:
    puppet.fit(rest_pose())
    nose = [puppet.render(posed(**{channel: angle}))[1].landmarks[1, axis] for angle in (-12.0, 0.0, 12.0)]
    assert sign * (nose[2] - nose[1]) > 2
    assert sign * (nose[1] - nose[0]) > 2


def test_closed_eyes_are_opened_and_a_laugh_is_relaxed(astronaut: ToonPortrait) -> None:
    landmarks = astronaut.analysis.landmarks.copy()
    for eye in EYES:
        landmarks[list(eye.upper)] = landmarks[list(eye.lower)] - [0, 1, 0]
    asleep = replace(astronaut, analysis=replace(astronaut.analysis, landmarks=landmarks))
    points = Puppet(asleep, size=256).render(rest_pose())[1].landmarks
    assert all(openness(points, eye) > 0.2 for eye in EYES)


def test_glasses_are_drawn_when_asked_for(astronaut: ToonPortrait) -> None:
    bare, framed = (
        Puppet(replace(astronaut, analysis=replace(astronaut.analysis, glasses=worn)), size=256).render(
            rest_pose()
        )[0]
        for worn in (False, True)
    )
    assert np.abs(bare.astype(int) - framed).max() > 60


def test_caricature_enlarges_the_eyes(astronaut: ToonPortrait) -> None:
    def eye_share(amount: float) -> float:
        points = Puppet(astronaut, size=256, caricature=amount).render(rest_pose())[1].landmarks
        return float(np.ptp(points[list(EYES[0].ring), 0]) / np.ptp(points[:, 0]))

    assert eye_share(0.0) < eye_share(0.6) < eye_share(1.0)


def test_without_caricature_landmarks_stay_those_of_the_photo(astronaut: ToonPortrait) -> None:
    """Only the neutralised expression may differ: nose, brows and oval sit where the photo has them."""
    puppet = Puppet(astronaut, size=512, caricature=0.0)
    points = puppet.render(rest_pose())[1].landmarks
    photo = astronaut.analysis.landmarks[:, :2]
    rigid_part = [10, 168, 6, 4, 33, 133, 362, 263, 127, 356, 234, 454, 54, 284]
    a, b = points[rigid_part] - points[rigid_part].mean(0), photo[rigid_part] - photo[rigid_part].mean(0)
    scale = (a * b).sum() / (b * b).sum()
    error = np.linalg.norm(a - scale * b, axis=1) / np.linalg.norm(points[263] - points[33])
    assert error.max() < 0.03
