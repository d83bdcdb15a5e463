"""An authored or captured motion played on a toon by LivePortrait, in the form the puppet gives: frames with
alpha and where the face is in them.

The networks know no transparency. The toon is animated twice, over black and over white, and what differs
is transparent (triangulation matting, Smith & Blinn 1996, section 4.4).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ml_core.animation.channels import INDEX
from ml_core.animation.liveportrait.animator import OUTER_EYES, LivePortraitAnimator, Source
from ml_core.animation.liveportrait.authored import YAW_SIGN
from ml_core.animation.liveportrait.capture import CapturedMotion
from ml_core.animation.liveportrait.drive import DriveOptions
from ml_core.animation.motion import Motion, Pose, loop_phases, rest_pose, sample
from ml_core.types import FaceFrame, Image, Points, ToonPortrait


def neural_frames(
    animator: LivePortraitAnimator,
    toon: ToonPortrait,
    motion: Motion,
    *,
    size: int,
    n: int | None = None,
    batch: int = 1,
    with_expression: bool = False,
) -> Iterator[tuple[NDArray[np.uint8], FaceFrame]]:
    """The ``n`` frames of one loop (default: the motion's own), as ``puppet_frames`` gives them.

    Premultiplied (size, size, 4) uint8 RGBA with the frame's face. Drawn exaggerations (heart eyes, tints)
    are the puppet's and are left out.
    """
    pose = sample(motion, loop_phases(n or motion.frames))
    white, black = _two_backdrops(animator, toon)
    points = animator.points_authored(white, pose, with_expression=with_expression)
    yield from _drawn(animator, (white, black), points, pose, toon, size=size, batch=batch)


def captured_frames(
    animator: LivePortraitAnimator,
    toon: ToonPortrait,
    captured: CapturedMotion,
    *,
    size: int,
    batch: int = 1,
    options: DriveOptions | None = None,
) -> Iterator[tuple[NDArray[np.uint8], FaceFrame]]:
    """A captured motion on the toon, frame by frame, in the same form. The end jumps back to the start."""
    white, black = _two_backdrops(animator, toon)
    points = animator.points_captured(white, captured, options)
    pose = head_of(captured, white.unit)
    yield from _drawn(animator, (white, black), points, pose, toon, size=size, batch=batch)


def head_of(captured: CapturedMotion, unit: float) -> Pose:
    """Where the head of a captured motion turns and moves against its first frame, in our channels.

    unit: outer-eye distance of the driven face in pixels of its 512 px crop.
    """
    pose = rest_pose(len(captured), len(captured) / captured.fps)
    first = captured.motions[0]
    for row, frame in zip(pose.values, captured.motions, strict=True):
        row[INDEX["head.pitch"]] = float(frame.pitch - first.pitch)
        row[INDEX["head.yaw"]] = YAW_SIGN * float(frame.yaw - first.yaw)
        row[INDEX["head.roll"]] = float(frame.roll - first.roll)
        row[[INDEX["head.x"], INDEX["head.y"]]] = (frame.t - first.t)[0, :2].cpu().numpy() * 256.0 / unit
    return pose


def _two_backdrops(animator: LivePortraitAnimator, toon: ToonPortrait) -> tuple[Source, Source]:
    landmarks = toon.analysis.landmarks
    white = animator.prepare(composed(toon.texture, 255), landmarks)
    black = animator.prepare(composed(toon.texture, 0), landmarks)
    # One motion for both, or the two pictures would not lie on each other.
    return white, replace(black, motion=white.motion, points=white.points)


def _drawn(
    animator: LivePortraitAnimator,
    sources: tuple[Source, Source],
    points: Tensor,
    pose: Pose,
    toon: ToonPortrait,
    *,
    size: int,
    batch: int,
) -> Iterator[tuple[NDArray[np.uint8], FaceFrame]]:
    """points: (F, 21, 3); pose: F rows, for the staging and the face's place."""
    landmarks = toon.analysis.landmarks
    pairs = zip(*(animator.frames(source, points, batch) for source in sources), strict=True)
    for index, (over_white, over_black) in enumerate(pairs):
        stage = stage_matrix(pose, index, landmarks, toon.texture.shape[0], size)
        still = matted(over_white, over_black)
        pixels = np.asarray(cv2.warpAffine(still, stage, (size, size), flags=cv2.INTER_LINEAR), np.uint8)
        yield pixels, face_frame(pose, index, landmarks, stage, pixels[..., 3], size)


def composed(texture: Image, backdrop: int) -> Image:
    """(S, S, 4) straight-alpha RGBA over a grey level 0..255 -> (S, S, 3) uint8."""
    alpha = texture[..., 3:].astype(np.float32) / 255.0
    mixed = texture[..., :3] * alpha + backdrop * (1.0 - alpha)
    return np.asarray(np.round(mixed), np.uint8)


def matted(over_white: Image, over_black: Image) -> NDArray[np.uint8]:
    """Two (H, W, 3) uint8 pictures of one scene -> premultiplied (H, W, 4) uint8 RGBA."""
    difference = over_white.astype(np.float32) - over_black
    alpha = np.clip(np.round(255.0 - difference.mean(2)), 0, 255).astype(np.uint8)
    colour = np.minimum(over_black, alpha[..., None])
    return np.dstack([colour, alpha])


def stage_matrix(pose: Pose, index: int, landmarks: Points, side: int, size: int) -> NDArray[np.float32]:
    """(2, 3) affine, portrait frame -> canvas, with the whole figure's shift, turn and scale."""
    row = pose.values[index]
    unit = outer_eyes(landmarks)
    middle = landmarks[:, :2].mean(0)
    turn = cv2.getRotationMatrix2D(
        (float(middle[0]), float(middle[1])), -float(row[INDEX["root.roll"]]), float(row[INDEX["scale"]])
    )
    turn[:, 2] += unit * row[[INDEX["root.x"], INDEX["root.y"]]]
    return np.asarray(turn * (size / side), np.float32)


def outer_eyes(landmarks: Points) -> float:
    """Distance between the outer eye corners, in the landmarks' pixels."""
    right, left = landmarks[list(OUTER_EYES), :2]
    return float(np.linalg.norm(left - right))


def face_frame(
    pose: Pose, index: int, landmarks: Points, stage: NDArray[np.float32], alpha: NDArray[np.uint8], size: int
) -> FaceFrame:
    """Where the face is: the mesh turned and shifted as a rigid body, then staged."""
    row = pose.values[index]
    placed = turned_mesh(landmarks, *(float(row[INDEX[f"head.{axis}"]]) for axis in ("yaw", "pitch", "roll")))
    placed += outer_eyes(landmarks) * row[[INDEX["head.x"], INDEX["head.y"]]]
    on_canvas = placed @ stage[:, :2].T + stage[:, 2]
    return FaceFrame(
        landmarks=np.asarray(on_canvas, np.float32),
        unit=outer_eyes(landmarks) * float(np.hypot(stage[0, 0], stage[1, 0])),
        roll=float(row[INDEX["head.roll"]] + row[INDEX["root.roll"]]),
        alpha=alpha,
        size=size,
    )


def turned_mesh(landmarks: Points, yaw: float, pitch: float, roll: float) -> NDArray[np.float64]:
    """(468, 2): the mesh turned about its middle; degrees as in ``HeadPose``."""
    a, b, c = np.radians([pitch, yaw, roll])
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_y = np.array([[np.cos(b), 0, -np.sin(b)], [0, 1, 0], [np.sin(b), 0, np.cos(b)]])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    middle = landmarks.astype(np.float64).mean(0)
    turned = (landmarks - middle) @ (about_z @ about_y @ about_x).T + middle
    return np.asarray(turned[:, :2], np.float64)
