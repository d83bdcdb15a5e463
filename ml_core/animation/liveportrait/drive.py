"""Which key points the warper is driven to, in the published order of rules (Guo 2024, section 3.3).

Source quantities have the suffix _s, the driving frame _d, the first driving frame _first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from scipy.spatial import ConvexHull
from torch import Tensor, nn

from ml_core.animation.liveportrait.pose import Motion, key_points, place
from ml_core.animation.liveportrait.retarget import retarget, stitch

Region = Literal["all", "pose", "exp", "lip", "eyes"]

LIP_POINTS = (6, 12, 14, 17, 19, 20)
EYE_POINTS = (11, 13, 15, 16, 18)
ABSOLUTE_POINTS = (1, 2, 6, *range(11, 21))
"""Points whose expression is taken whole in absolute mode; the rest only on some axes."""
ABSOLUTE_AXES = ((3, 1), (4, 1), (5, 2), (8, 2), (9, 1), (9, 2))
"""(point, axis) taken besides ABSOLUTE_POINTS."""
LIP_OPEN_THRESHOLD = 0.03
"""A source mouth less open than this needs no closing before it is driven."""


@dataclass(frozen=True)
class DriveOptions:
    """Defaults are the published ones. ``multiplier`` scales the motion away from the source."""

    relative: bool = True
    stitching: bool = True
    multiplier: float = 1.0
    expression_friendly: bool = False
    region: Region = "all"
    normalize_lip: bool = True
    eye_retarget: bool = False
    lip_retarget: bool = False
    driven_by_video: bool = True


@dataclass(frozen=True)
class Retargeters:
    """The three small networks of S."""

    stitching: nn.Module
    lip: nn.Module
    eye: nn.Module


@dataclass(frozen=True)
class Apertures:
    """Opening ratios. eyes: (1, 2) left, right; lips: (1, 1)."""

    eyes: Tensor
    lips: Tensor


@dataclass(frozen=True)
class _Source:
    """Per-source values that all frames share."""

    motion: Motion
    points: Tensor
    rotation: Tensor
    apertures: Apertures
    lip_delta: Tensor | None


def neutral_lips() -> Tensor:
    """(1, 21, 3) zeros: a usable stand-in for the published neutral-lip table (largest entry 0.0151)."""
    return torch.zeros(1, 21, 3)


def drive(
    networks: Retargeters,
    source: Motion,
    driving: Sequence[Motion],
    source_apertures: Apertures,
    driving_apertures: Sequence[Apertures],
    lip_array: Tensor,
    options: DriveOptions,
) -> list[Tensor]:
    """Key points (1, 21, 3) for the warper, one per driving frame.

    source and driving: one picture each; driving_apertures is read only when retargeting;
    lip_array: (1, 21, 3) neutral-lip expression, read only when driven by one picture.
    """
    about = _prepare(networks, source, source_apertures, options)
    first = driving[0]
    start = _moved(about, first, first, lip_array, options)
    friendly = options.expression_friendly and options.relative and options.driven_by_video
    gain = _hull_gain(about.points, start) if friendly else 1.0
    answers = []
    for frame, apertures in zip(driving, driving_apertures, strict=True):
        points = _moved(about, frame, first, lip_array, options)
        if friendly:
            points = about.points + gain * (points - start)
        points = _retargeted(networks, about, points, apertures, options)
        answers.append(about.points + options.multiplier * (points - about.points))
    return answers


def _prepare(networks: Retargeters, source: Motion, apertures: Apertures, options: DriveOptions) -> _Source:
    points = key_points(source)
    lip_delta = None
    if options.normalize_lip and options.relative and float(apertures.lips) >= LIP_OPEN_THRESHOLD:
        wanted = torch.cat([apertures.lips, torch.zeros_like(apertures.lips)], 1)
        lip_delta = retarget(networks.lip, points, wanted)
    return _Source(source, points, source.rotation(), apertures, lip_delta)


def _moved(about: _Source, frame: Motion, first: Motion, lip_array: Tensor, options: DriveOptions) -> Tensor:
    """Driving motion applied to the source, before stitching. (1, 21, 3)."""
    s = about.motion
    if options.relative and not options.driven_by_video:
        exp = _region_expression(s.exp, _picture_expression(s, frame, lip_array, options), options)
        return place(s.kp, about.rotation, exp, s.scale, s.t)
    if options.relative:
        rotation = frame.rotation() @ first.rotation().transpose(1, 2) @ about.rotation
        t = s.t + frame.t - first.t
        scale = s.scale * frame.scale / first.scale if options.region == "all" else s.scale
        wanted = s.exp + frame.exp - first.exp
    else:
        rotation, t, scale = frame.rotation(), frame.t, s.scale
        wanted = _absolute_expression(s.exp, frame.exp)
    if options.region not in ("all", "pose"):
        rotation, t = about.rotation, s.t
    return place(s.kp, rotation, _region_expression(s.exp, wanted, options), scale, t)


def _picture_expression(s: Motion, frame: Motion, lip_array: Tensor, options: DriveOptions) -> Tensor:
    """Driven by one picture there is no first frame: the neutral lips stand in for it."""
    moved = s.exp + frame.exp
    return moved if options.region == "eyes" else moved - lip_array.to(moved)


def _absolute_expression(exp_s: Tensor, exp_d: Tensor) -> Tensor:
    exp = exp_s.clone()
    exp[:, list(ABSOLUTE_POINTS)] = exp_d[:, list(ABSOLUTE_POINTS)]
    for point, axis in ABSOLUTE_AXES:
        exp[:, point, axis] = exp_d[:, point, axis]
    return exp


def _region_expression(exp_s: Tensor, wanted: Tensor, options: DriveOptions) -> Tensor:
    """The wanted expression on the points of the region, the source's elsewhere."""
    if options.region in ("all", "exp"):
        return wanted
    exp = exp_s.clone()
    points = {"pose": (), "lip": LIP_POINTS, "eyes": EYE_POINTS}[options.region]
    exp[:, list(points)] = wanted[:, list(points)]
    return exp


def _hull_gain(source: Tensor, start: Tensor) -> float:
    """Size of the source's head against the driver's: root of the ratio of convex hull volumes."""
    volumes = [ConvexHull(points[0].double().cpu().numpy()).volume for points in (source, start)]
    return float((volumes[0] / volumes[1]) ** 0.5)


def _retargeted(
    networks: Retargeters, about: _Source, points: Tensor, wanted: Apertures, options: DriveOptions
) -> Tensor:
    """Stitching, lip normalisation, and eye and lip retargeting, in the published order."""
    if not (options.eye_retarget or options.lip_retarget):
        if options.stitching:
            points = stitch(networks.stitching, about.points, points)
        return points if about.lip_delta is None else points + about.lip_delta
    # In relative mode the published code drops the driving motion here and keeps the offsets alone.
    points = about.points if options.relative else points
    if options.eye_retarget:
        # The driver's left eye speaks for both.
        ratios = torch.cat([about.apertures.eyes, wanted.eyes[:, :1]], 1)
        points = points + retarget(networks.eye, about.points, ratios)
    if options.lip_retarget:
        ratios = torch.cat([about.apertures.lips, wanted.lips], 1)
        points = points + retarget(networks.lip, about.points, ratios)
    return stitch(networks.stitching, about.points, points) if options.stitching else points
