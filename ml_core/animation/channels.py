"""Everything a motion can move, by name: ARKit's 52 blendshapes and the puppet's own channels.

The blendshape names are those of Apple's ``ARFaceAnchor.BlendShapeLocation``; left and right are the
subject's own. Names with a dot belong to the puppet: head and body in degrees and outer-eye distances,
gaze, squash, and the drawn exaggerations cartoons live on (heart eyes, a wavy mouth, a flushed face).
"""

from __future__ import annotations

from dataclasses import dataclass

ARKIT = (
    "eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft", "eyeSquintLeft",
    "eyeWideLeft", "eyeBlinkRight", "eyeLookDownRight", "eyeLookInRight", "eyeLookOutRight", "eyeLookUpRight",
    "eyeSquintRight", "eyeWideRight", "jawForward", "jawLeft", "jawRight", "jawOpen", "mouthClose",
    "mouthFunnel", "mouthPucker", "mouthLeft", "mouthRight", "mouthSmileLeft", "mouthSmileRight",
    "mouthFrownLeft", "mouthFrownRight", "mouthDimpleLeft", "mouthDimpleRight", "mouthStretchLeft",
    "mouthStretchRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper",
    "mouthPressLeft", "mouthPressRight", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft",
    "mouthUpperUpRight", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft",
    "browOuterUpRight", "cheekPuff", "cheekSquintLeft", "cheekSquintRight", "noseSneerLeft",
    "noseSneerRight", "tongueOut",
)  # fmt: skip
"""The 52 names, in ARKit's documented order."""


@dataclass(frozen=True)
class Channel:
    """One movable value: range it is clamped to, and what it is at rest."""

    low: float
    high: float
    rest: float = 0.0


_SHAPE = Channel(-0.6, 1.6)
"""Blendshapes may go beyond 0..1: cartoon acting overshoots."""
_AMOUNT = Channel(0.0, 1.0)

_PUPPET = {
    "head.yaw": Channel(-20.0, 20.0),  # beyond 20 degrees the painted far side would fold over
    "head.pitch": Channel(-20.0, 24.0),
    "head.roll": Channel(-40.0, 40.0),
    "head.x": Channel(-0.6, 0.6),
    "head.y": Channel(-0.6, 0.6),
    "body.roll": Channel(-20.0, 20.0),
    "body.x": Channel(-0.6, 0.6),
    "body.y": Channel(-0.6, 0.6),
    "root.x": Channel(-1.5, 1.5),
    "root.y": Channel(-1.5, 1.5),
    "root.roll": Channel(-60.0, 60.0),
    "scale": Channel(0.4, 1.6, 1.0),
    "squash": Channel(-0.35, 0.35),
    "gaze.x": Channel(-1.0, 1.0),
    "gaze.y": Channel(-1.0, 1.0),
    "iris.size": Channel(0.3, 1.4, 1.0),
    "eyeHappyLeft": _AMOUNT,
    "eyeHappyRight": _AMOUNT,
    "eye.heart": _AMOUNT,
    "eye.star": _AMOUNT,
    "eye.spiral": _AMOUNT,
    "eye.cross": _AMOUNT,
    "eye.blank": _AMOUNT,
    "eye.gloss": _AMOUNT,
    "mouth.wavy": _AMOUNT,
    "mouth.grit": _AMOUNT,
    "mouth.teeth": Channel(0.0, 1.0, 1.0),
    "mouth.drool": _AMOUNT,
    "tint.flush": _AMOUNT,
    "tint.pallor": _AMOUNT,
    "tint.sick": _AMOUNT,
}

CHANNELS: dict[str, Channel] = {**dict.fromkeys(ARKIT, _SHAPE), **_PUPPET}
"""Every channel a motion may name, in the column order of ``Pose.values``."""

INDEX: dict[str, int] = {name: column for column, name in enumerate(CHANNELS)}

PAIRS: dict[str, tuple[str, str]] = {
    name.removesuffix("Left"): (name, name.removesuffix("Left") + "Right")
    for name in CHANNELS
    if name.endswith("Left") and name not in {"jawLeft", "mouthLeft"}
}
"""Shorthand for both sides: ``mouthSmile`` means mouthSmileLeft and mouthSmileRight."""
