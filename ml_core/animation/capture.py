"""A driving video to a motion: landmarks of each frame in, a short, smooth, looping track file out.

Fitting blendshape weights by non-negative least squares follows Lewis et al. 2014 (see ``expressions``),
section 3.2; smoothing is Savitzky and Golay 1964. Lids, gaze and pose are measured, not fitted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml_core.animation.channels import CHANNELS
from ml_core.animation.contours import EYES, LOWER_LIP, UPPER_LIP
from ml_core.animation.expressions import expression_basis, lip_gap
from ml_core.animation.motion import Motion, channels_of
from ml_core.animation.neutral import openness
from ml_core.animation.tracks import Key, Track
from ml_core.errors import ClipInvalid
from ml_core.face import topology
from ml_core.face.geometry import rigid

Array = NDArray[np.float64]

FEWEST_FRAMES = 8
SMOOTHING_FRAMES, SMOOTHING_ORDER = 5, 2
"""At 24 to 30 frames a second a blink lasts 5 frames: a longer window would erase it."""
LOOP_BLEND = 0.12
"""Share of the loop over which the end is led back to the start."""
SIMPLIFY = 0.035
"""Share of a channel's range by which simplified keys may miss the measured curve."""
QUIET = 0.06
"""A channel whose curve stays within this share of its range is left out."""
START_FRAMES = 3
GAP_WEIGHT, WIDTH_WEIGHT = 2.0, 2.0
"""Against one median distance from the first frame: a film that starts laughing has its rest elsewhere."""
GAIN = {"brow": 1.8, "mouthSmile": 1.5, "mouthPucker": 1.6, "mouthFunnel": 1.4, "mouthFrown": 1.4}
"""The mesh network damps what it sees: measured on rendered faces of known acting, it finds 35 to 60 %."""
MOUTH_SHAPES = (
    "jawOpen", "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight", "mouthStretchLeft",
    "mouthStretchRight", "mouthPucker", "mouthFunnel", "mouthUpperUpLeft", "mouthUpperUpRight",
    "mouthLowerDownLeft", "mouthLowerDownRight", "mouthLeft", "mouthRight",
)  # fmt: skip
BROW_SHAPES = ("browInnerUp", "browDownLeft", "browDownRight", "browOuterUpLeft", "browOuterUpRight")
RIDGE = 0.06
"""Tikhonov weight: without it smile and stretch share one displacement at random."""
WIDTH_DEADBAND = 0.03
"""Relative change of mouth width that counts as neither smile nor pucker."""
BLINK_DEPTH = 0.72
"""A lid opening of 28 % of its usual is a closed eye."""
GAZE_GAIN = 5.0
"""Iris travel of 0.2 eye widths is a full look aside."""
MAX_TURN = {"head.yaw": 20.0, "head.pitch": 16.0, "head.roll": 25.0}


@dataclass(frozen=True)
class DrivingFrames:
    """A tracked face. landmarks: (F, 468, 3); irises: (F, 2, 5, 2), right then left; both in pixels."""

    landmarks: NDArray[np.float32]
    irises: NDArray[np.float32]
    fps: float


def _smoothed(values: Array) -> Array:
    from scipy.signal import savgol_filter  # noqa: PLC0415 - a second to import, for clips only

    return np.asarray(savgol_filter(values, SMOOTHING_FRAMES, SMOOTHING_ORDER, axis=0))


def _neutral_index(shapes: Array) -> int:
    """The frame at rest: closed mouth of usual width, like the first frame, where people take position."""
    gap = np.array([np.maximum(lip_gap(q), 0).max() for q in shapes])
    flat = shapes[..., :2].reshape(len(shapes), -1)
    from_start = np.linalg.norm(flat - flat[:START_FRAMES].mean(axis=0), axis=1)
    usual = np.abs(_mouth_width(shapes) / _mouth_width(topology.REFERENCE[None].astype(np.float64)) - 1)
    spread = np.median(from_start) + 1e-6
    return int(
        np.argmin(GAP_WEIGHT * gap / (np.median(gap) + 0.02) + from_start / spread + WIDTH_WEIGHT * usual)
    )


def _mouth_width(shapes: Array) -> Array:
    """(F, 468, 2 or 3) -> (F,)."""
    across = shapes[:, topology.MOUTH_RIGHT, :2] - shapes[:, topology.MOUTH_LEFT, :2]
    return np.asarray(np.linalg.norm(across, axis=1), np.float64)


def _fit(shapes: Array, neutral: Array, names: Sequence[str], weights: Array) -> Array:
    """(F, len(names)) non-negative weights of the named shapes that explain ``shapes`` - ``neutral``."""
    from scipy.optimize import nnls  # noqa: PLC0415 - a third of a second to import, for clips only

    basis = expression_basis(neutral)
    columns = np.stack([(basis[name][:, :2] * weights[:, None]).ravel() for name in names], axis=1)
    system = np.concatenate([columns, RIDGE * np.eye(len(names))])
    targets = ((shapes[..., :2] - neutral[:, :2]) * weights[:, None]).reshape(len(shapes), -1)
    return np.stack([nnls(system, np.concatenate([target, np.zeros(len(names))]))[0] for target in targets])


def _told_apart(curves: dict[str, Array], shapes: Array, neutral: Array) -> None:
    """Pucker and smile exclude each other by mouth width: least squares trades one against the other."""
    change = _mouth_width(shapes) / _mouth_width(neutral[None]) - 1
    narrow = np.clip((-change - WIDTH_DEADBAND) / WIDTH_DEADBAND, 0, 1)
    wide = np.clip((change + WIDTH_DEADBAND) / WIDTH_DEADBAND, 0, 1)
    for name in ("mouthPucker", "mouthFunnel"):
        curves[name] = curves[name] * narrow
    for name in ("mouthSmile", "mouthStretch"):
        for side in ("Left", "Right"):
            curves[name + side] = curves[name + side] * wide


def _lids(landmarks: Array, curves: dict[str, Array]) -> None:
    for eye in EYES:
        opening = np.array([openness(points, eye) for points in landmarks])
        usual = np.percentile(opening, 75)
        closed = np.clip((1 - opening / usual) / BLINK_DEPTH, 0, 1)
        smile = curves[f"mouthSmile{eye.side}"]
        happy = np.clip((smile - 0.35) / 0.4, 0, 1) * (closed > 0.3)
        curves[f"eyeBlink{eye.side}"] = closed * (1 - happy)
        curves[f"eyeHappy{eye.side}"] = closed * happy
        curves[f"eyeWide{eye.side}"] = np.clip((opening / usual - 1.08) / 0.3, 0, 1.2)


def _gaze(frames: DrivingFrames, curves: dict[str, Array]) -> None:
    looks = []
    for eye, iris in zip(EYES, frames.irises.transpose(1, 0, 2, 3), strict=True):
        outer, inner = (frames.landmarks[:, index, :2] for index in eye.corners)
        width = np.linalg.norm(outer - inner, axis=1, keepdims=True)
        looks.append((iris[:, 0] - (outer + inner) / 2) / width)
    look = np.mean(looks, axis=0, dtype=np.float64)
    look = GAZE_GAIN * (look - np.median(look, axis=0))
    curves["gaze.x"], curves["gaze.y"] = look[:, 0], look[:, 1]


def _pose(landmarks: Array, curves: dict[str, Array]) -> Array:
    """Head channels relative to the median pose; returns the (F, 468, 3) faces in their own head frames."""
    stable = list(topology.STABLE)
    fits = [rigid(topology.REFERENCE[stable], points[stable].astype(np.float32)) for points in landmarks]
    rotations = np.stack([fit.rotation for fit in fits]).astype(np.float64)
    U, _, Vt = np.linalg.svd(np.median(rotations, axis=0))
    relative = rotations @ (U @ Vt).T
    # types.HeadPose: yaw to the picture's right, pitch down, roll clockwise
    curves["head.yaw"] = -np.degrees(np.arctan2(relative[:, 0, 2], relative[:, 2, 2]))
    curves["head.pitch"] = -np.degrees(np.arcsin(np.clip(relative[:, 1, 2], -1, 1)))
    curves["head.roll"] = np.degrees(np.arctan2(relative[:, 1, 0], relative[:, 1, 1]))
    for name, most in MAX_TURN.items():
        curves[name] = most * np.tanh(curves[name] / most)
    unit = float(np.median([fit.scale for fit in fits]))
    centre = np.stack([fit.translation[:2] for fit in fits]).astype(np.float64) / unit
    shift = np.clip(0.6 * (centre - np.median(centre, axis=0)), -0.25, 0.25)
    curves["head.x"], curves["head.y"] = shift[:, 0], shift[:, 1]
    faces = [fit.undo(points.astype(np.float32)) for fit, points in zip(fits, landmarks, strict=True)]
    return np.stack(faces).astype(np.float64)


def _looped(curve: Array) -> Array:
    """The last part is led back to the first value by a cubic blend, so that the loop closes."""
    count = max(2, round(LOOP_BLEND * len(curve)))
    blend = np.zeros(len(curve) + 1)
    step = np.linspace(0, 1, count)
    blend[-count:] = step * step * (3 - 2 * step)
    closed = np.append(curve, curve[0])
    return np.asarray(closed * (1 - blend) + curve[0] * blend)


def _keys(curve: Array, tolerance: float) -> tuple[Key, ...]:
    """Ramer 1972, Douglas and Peucker 1973: the fewest of the samples that stay within ``tolerance``."""
    phases = np.linspace(0, 1, len(curve))
    kept = {0, len(curve) - 1}
    spans = [(0, len(curve) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        line = np.interp(phases[first:last], phases[[first, last]], curve[[first, last]])
        miss = np.abs(curve[first:last] - line)
        worst = first + int(miss.argmax())
        if miss.max() > tolerance:
            kept.add(worst)
            spans += [(first, worst), (worst, last)]
    rounded = [Key(round(float(phases[i]), 4), round(float(curve[i]), 3), "linear") for i in sorted(kept)]
    return tuple([*rounded[:-1], Key(1.0, rounded[0].value, "linear")])


def _gain(name: str) -> float:
    return next((gain for part, gain in GAIN.items() if name.startswith(part)), 1.0)


def _tracks(curves: Mapping[str, Array]) -> dict[str, Track]:
    tracks = {}
    for name, curve in curves.items():
        channel = CHANNELS[channels_of(name)[0]]
        # blendshapes span 1; angles, shifts and gaze span both directions
        span = 1.0 if channel.high > 1 and channel.low > -1 else channel.high - channel.low
        closed = np.clip(_looped(curve), channel.low, channel.high)
        if np.abs(closed - channel.rest).max() < QUIET * span:
            continue
        tracks[name] = Track(_keys(closed, SIMPLIFY * span))
    return tracks


def motion_from_landmarks(frames: DrivingFrames, motion_id: str) -> Motion:
    """A looping motion that repeats what the tracked face did.

    Raises ClipInvalid (``clip_too_short``) for fewer than 8 tracked frames.
    """
    count = len(frames.landmarks)
    if count < FEWEST_FRAMES:
        raise ClipInvalid(
            "clip_too_short",
            f"A face was found in only {count} frames; film at least half a second.",
            frames=count,
        )
    landmarks = _smoothed(frames.landmarks.astype(np.float64))
    curves: dict[str, Array] = {}
    shapes = _pose(landmarks, curves)
    first = _neutral_index(shapes)
    neutral = shapes[max(0, first - 1) : first + 2].mean(axis=0)
    mouth_weights = np.full(topology.POINTS, 0.15)
    mouth_weights[[*UPPER_LIP, *LOWER_LIP, topology.MOUTH_RIGHT, topology.MOUTH_LEFT]] = 1.0
    mouth_weights[[152, 148, 377, 176, 400]] = 0.8  # the chin tells jaw from lips
    brow_weights = np.zeros(topology.POINTS)
    brow_weights[[index for eye in EYES for index in eye.brow]] = 1.0
    for names, weights in ((MOUTH_SHAPES, mouth_weights), (BROW_SHAPES, brow_weights)):
        curves |= dict(zip(names, _fit(shapes, neutral, names, weights).T, strict=True))
    _told_apart(curves, shapes, neutral)
    _lids(landmarks, curves)
    _gaze(frames, curves)
    # lids are smoothed once, with the landmarks: twice would leave blinks half open
    smooth = {
        name: _gain(name) * (curve if name.startswith("eye") else _smoothed(curve))
        for name, curve in curves.items()
    }
    activity = np.sum([np.abs(curve) for name, curve in smooth.items() if name in MOUTH_SHAPES], axis=0)
    return Motion(
        id=motion_id,
        duration_s=round(count / frames.fps, 3),
        fps=round(frames.fps, 3),
        poster=round(float(activity.argmax()) / count, 3),
        loop=True,
        talking=False,
        tracks=_tracks(smooth),
    )
