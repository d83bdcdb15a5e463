"""Decoding of raw motion into key points (Guo 2024, section 3.1, equation 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ml_core.animation.liveportrait.dense_motion import KEY_POINTS

BIN_DEGREES = 3.0
BIN_OFFSET = 97.5
"""Degrees of bin 0 below zero. The published constant is 97.5, not 99."""


@dataclass(frozen=True)
class Motion:
    """Motion of one or more pictures.

    pitch, yaw, roll: (B, 1) degrees; t: (B, 3); scale: (B, 1); kp, exp: (B, 21, 3), canonical key
    points and expression offsets.
    """

    pitch: Tensor
    yaw: Tensor
    roll: Tensor
    t: Tensor
    scale: Tensor
    kp: Tensor
    exp: Tensor

    def rotation(self) -> Tensor:
        """(B, 3, 3) for row vectors."""
        return rotation_matrix(self.pitch, self.yaw, self.roll)

    def with_expression(self, exp: Tensor) -> Motion:
        """The same with other offsets (B, 21, 3)."""
        return replace(self, exp=exp)


def headpose_degrees(logits: Tensor) -> Tensor:
    """(B, 66) bin logits -> (B,) expected angle in degrees; (B, 1) is taken as degrees already."""
    if logits.shape[1] == 1:
        return logits[:, 0]
    bins = torch.arange(logits.shape[1], device=logits.device, dtype=torch.float32)
    return BIN_DEGREES * (torch.softmax(logits.float(), 1) * bins).sum(1) - BIN_OFFSET


def refine(heads: Mapping[str, Tensor]) -> Motion:
    """Raw heads of the motion extractor -> :class:`Motion` in float32."""
    raw = {name: value.float() for name, value in heads.items()}
    return Motion(
        pitch=headpose_degrees(raw["pitch"]).unsqueeze(1),
        yaw=headpose_degrees(raw["yaw"]).unsqueeze(1),
        roll=headpose_degrees(raw["roll"]).unsqueeze(1),
        t=raw["t"],
        scale=raw["scale"],
        kp=raw["kp"].reshape(-1, KEY_POINTS, 3),
        exp=raw["exp"].reshape(-1, KEY_POINTS, 3),
    )


def rotation_matrix(pitch: Tensor, yaw: Tensor, roll: Tensor) -> Tensor:
    """Angles (B, 1) in degrees -> (B, 3, 3), transposed: key points are rows, kp @ R."""
    a, b, c = (torch.deg2rad(angle.reshape(-1)) for angle in (pitch, yaw, roll))
    one, zero = torch.ones_like(a), torch.zeros_like(a)

    def matrix(*rows: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        return torch.stack([torch.stack(row, -1) for row in rows], -2)

    about_x = matrix((one, zero, zero), (zero, a.cos(), -a.sin()), (zero, a.sin(), a.cos()))
    about_y = matrix((b.cos(), zero, b.sin()), (zero, one, zero), (-b.sin(), zero, b.cos()))
    about_z = matrix((c.cos(), -c.sin(), zero), (c.sin(), c.cos(), zero), (zero, zero, one))
    return (about_z @ about_y @ about_x).transpose(1, 2)


def place(kp: Tensor, rotation: Tensor, exp: Tensor, scale: Tensor, t: Tensor) -> Tensor:
    """scale * (kp @ R + exp) + t without its z. kp, exp: (B, 21, 3); scale: (B, 1); t: (B, 3)."""
    flat = torch.cat([t[:, :2], torch.zeros_like(t[:, 2:])], 1)
    return scale.reshape(-1, 1, 1) * (kp @ rotation + exp) + flat.unsqueeze(1)


def key_points(motion: Motion) -> Tensor:
    """(B, 21, 3) implicit key points of a picture."""
    return place(motion.kp, motion.rotation(), motion.exp, motion.scale, motion.t)
