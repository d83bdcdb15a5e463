"""Our authored motions on a LivePortrait face: pose by rotation, eyes and lips by retargeting.

This is how the official editor poses a face (its rotation, eye-open and lip-open sliders), with our
channels in place of the sliders.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from ml_core.animation.liveportrait.drive import Apertures, Retargeters
from ml_core.animation.liveportrait.expression_offsets import expression_offsets
from ml_core.animation.liveportrait.pose import Motion, key_points, place, rotation_matrix
from ml_core.animation.liveportrait.retarget import retarget, stitch
from ml_core.animation.motion import Pose

YAW_SIGN: Final = -1.0
"""Our yaw turns to the picture's right, the network's to its left (its nose lies at negative z)."""
LIPS_OPEN: Final = 0.6
"""Aperture of a fully open jaw; the official editor's slider ends at 0.8."""
WIDE_EYES: Final = 0.35
"""Share by which eyeWide enlarges the aperture."""
WIDEST_EYES: Final = 0.8
SMALLEST_CHANGE: Final = 1e-3
"""A wanted aperture this close to the source's needs no retargeting."""


@dataclass(frozen=True)
class AuthoredSource:
    """What posing needs of the source. unit: outer-eye distance in crop pixels (512 wide)."""

    motion: Motion
    apertures: Apertures
    unit: float


def wanted_apertures(pose: Pose, source: Apertures) -> tuple[Tensor, Tensor]:
    """(F, 1) eye and (F, 1) lip ratios. The network moves both eyes alike, so the sides are averaged."""

    def both(name: str) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        sides = [pose.channel(f"{name}Left"), pose.channel(f"{name}Right")]
        return np.asarray(np.mean(sides, axis=0), np.float32)

    closed = np.clip(both("eyeBlink"), 0.0, 1.0)
    wide = np.clip(both("eyeWide"), 0.0, 1.0)
    rest = float(source.eyes.mean())
    eyes = np.clip(rest * (1.0 - closed) * (1.0 + WIDE_EYES * wide), 0.0, WIDEST_EYES)
    opened = np.clip(pose.channel("jawOpen"), 0.0, 1.0)
    closing = np.clip(pose.channel("mouthClose"), 0.0, 1.0)
    lips = (float(source.lips) + LIPS_OPEN * opened) * (1.0 - closing)
    device = source.eyes.device
    return (
        torch.from_numpy(eyes.astype(np.float32)).to(device).unsqueeze(1),
        torch.from_numpy(lips.astype(np.float32)).to(device).unsqueeze(1),
    )


def authored_points(
    networks: Retargeters, source: AuthoredSource, pose: Pose, *, with_expression: bool = False
) -> Tensor:
    """(F, 21, 3) key points for the warper. Root and scale channels move the whole figure, not the face.

    with_expression: also add the unproven blendshape offsets (see ``expression_offsets``).
    """
    s, frames = source.motion, len(pose)
    device = s.kp.device

    def channel(name: str) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(pose.channel(name))).to(device)

    turned = rotation_matrix(channel("head.pitch"), YAW_SIGN * channel("head.yaw"), channel("head.roll"))
    exp = s.exp.expand(frames, -1, -1)
    if with_expression:
        exp = exp + torch.from_numpy(expression_offsets(pose)).to(device)
    # The key points' frame spans -1..1 over the 512 px crop, so one unit is unit / 256.
    shift = torch.stack([channel("head.x"), channel("head.y"), torch.zeros_like(channel("head.x"))], 1)
    t = s.t + shift * (source.unit / 256.0)
    points = place(s.kp, turned @ s.rotation(), exp, s.scale.expand(frames, -1), t)
    still = key_points(s).expand(frames, -1, -1)
    eyes, lips = wanted_apertures(pose, source.apertures)
    points = points + _eye_offset(networks, still, source.apertures, eyes)
    points = points + _lip_offset(networks, still, source.apertures, lips)
    return stitch(networks.stitching, still, points)


def _eye_offset(networks: Retargeters, still: Tensor, source: Apertures, wanted: Tensor) -> Tensor:
    ratios = torch.cat([source.eyes.expand(len(wanted), -1), wanted], 1)
    needed = (wanted - source.eyes.mean()).abs() > SMALLEST_CHANGE
    return retarget(networks.eye, still, ratios) * needed.unsqueeze(2)


def _lip_offset(networks: Retargeters, still: Tensor, source: Apertures, wanted: Tensor) -> Tensor:
    ratios = torch.cat([source.lips.expand(len(wanted), -1), wanted], 1)
    needed = (wanted - source.lips).abs() > SMALLEST_CHANGE
    return retarget(networks.lip, still, ratios) * needed.unsqueeze(2)
