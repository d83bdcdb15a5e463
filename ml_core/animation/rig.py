"""From poses to vertices: blendshapes, head and body rotation, springs, for all frames of a loop at once.

Puppet space: the picture's own axes (x right, y down, z away from the camera), origin between eyes and nose,
unit = the frontal outer-eye distance. The photo's pose is the rest pose, so nothing has to be turned to the
front and back. Depth is a smoothed relief: it gives parallax and cannot fold a 2D mesh over itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml_core.animation import springs
from ml_core.animation.channels import INDEX
from ml_core.animation.expressions import expression_basis, mesh_neighbours, smoothstep
from ml_core.animation.motion import Pose
from ml_core.animation.neutral import neutral_face
from ml_core.animation.proportions import acting_gain, caricature, proportions
from ml_core.animation.sheets import Sheet
from ml_core.animation.untangle import doubled_areas, untangle
from ml_core.face import topology
from ml_core.face.geometry import rigid
from ml_core.types import ToonPortrait

Array = NDArray[np.float64]

NECK_PIVOT = np.array([0.0, 0.95, 0.40])
"""The head turns about the top of the spine: below the ears, behind the chin."""
HIP_PIVOT = np.array([0.0, 2.2, 0.4])
NECK_FOLLOWS = 0.55
"""The top of the neck goes this share of the head's way."""
BODY_FOLLOWS = {"yaw": 0.15, "roll": 0.12, "x": 0.40, "y": 0.35}
"""Shoulders give in to the head a little: nothing alive moves alone."""
LONG_HAIR = (1.25, 2.3)
"""Hair from here down (puppet space y) hangs on the shoulders more and more."""
LONG_HAIR_HOLDS = 0.7
FADE = 0.30
"""Expressions fade out beyond the oval with this length, in units."""
RELIEF_PASSES = 10
RELIEF_DEPTH = 0.24
"""Depth is compressed to at most this on either side: cheeks seen edge-on would fold at 10 degrees."""
MAX_TURN = 24.0
"""Degrees from the camera that head yaw of photo and motion together may reach."""
SQUASH_WIDENS = 0.75
"""Squash keeps most of the area: a full 1 reads as fat."""
SYMBOL_EYES = ("eye.heart", "eye.star", "eye.spiral", "eye.cross")
"""Drawn over closed lids, so that only skin shows around them."""


@dataclass(frozen=True)
class Solved:
    """Vertices of F frames before they are placed on a canvas: puppet space.

    head: (F, N, 2), face mesh first. body: (F, M, 2).
    """

    head: Array
    body: Array


def shape_weights(pose: Pose, names: tuple[str, ...]) -> Array:
    """(F, len(names)) weights; lids of one eye share a budget of 1 and a wide eye stops where it closes."""
    values = {name: pose.channel(name).astype(np.float64) for name in names}
    symbol = np.max([pose.channel(name) for name in SYMBOL_EYES], axis=0).astype(np.float64)
    for side in ("Left", "Right"):
        happy = np.clip(values[f"eyeHappy{side}"], 0, 1) * (1 - symbol)
        blink = np.clip(np.maximum(values[f"eyeBlink{side}"], symbol), 0, 1) * (1 - happy)
        open_part = 1 - np.clip(happy + blink, 0, 1)
        values[f"eyeHappy{side}"], values[f"eyeBlink{side}"] = happy, blink
        for name in ("eyeSquint", "eyeWide", "eyeLookDown"):
            values[f"{name}{side}"] = values[f"{name}{side}"] * open_part
    return np.stack([values[name] for name in names], axis=1)


def _rotations(yaw: Array, pitch: Array, roll: Array) -> Array:
    """(F,) degrees each -> (F, 2, 3): where x and y go; roll after pitch after yaw."""
    y, p, r = np.deg2rad(yaw), np.deg2rad(pitch), np.deg2rad(roll)
    cy, sy, cp, sp, cr, sr = np.cos(y), np.sin(y), np.cos(p), np.sin(p), np.cos(r), np.sin(r)
    pitched_y = np.stack([-sp * sy, cp, -sp * cy], axis=-1)
    turned_x = np.stack([cy, np.zeros_like(y), -sy], axis=-1)
    rolled = np.stack(
        [cr[:, None] * turned_x - sr[:, None] * pitched_y, sr[:, None] * turned_x + cr[:, None] * pitched_y],
        1,
    )
    return np.asarray(rolled)


@dataclass(frozen=True)
class _Affine:
    """Per frame: matrix (F, 2, 3) on (x, y, relief) about ``pivot``, then shift (F, 2)."""

    matrix: Array
    pivot: Array
    shift: Array

    def constant(self) -> Array:
        """(F, 2): what is added after the matrix when it is applied to unshifted points."""
        return np.asarray(self.shift + self.pivot[:2] - self.matrix @ self.pivot)


def _blended(points: Array, relief: Array, share: Array, first: _Affine, second: _Affine) -> Array:
    """(F, N, 2) or (N, 2) points -> (F, N, 2): ``first`` where share (N,) is 1, ``second`` where it is 0."""
    out = []
    c1, c2 = first.constant(), second.constant()
    x, y = points[..., 0], points[..., 1]
    for axis in (0, 1):
        a = second.matrix[:, axis, :, None] + share * (first.matrix - second.matrix)[:, axis, :, None]
        c = c2[:, axis, None] + share * (c1 - c2)[:, axis, None]
        out.append(a[:, 0] * x + a[:, 1] * y + a[:, 2] * relief + c)
    return np.stack(out, axis=-1)


class Rig:
    """The deformable geometry of one portrait.

    face: (468, 2) neutral and caricatured, puppet space. source: (468, 2) the photo's landmarks there.
    """

    def __init__(self, toon: ToonPortrait, head: Sheet, body: Sheet, amount: float) -> None:
        landmarks = toon.analysis.landmarks
        frame = rigid(topology.REFERENCE[list(topology.STABLE)], landmarks[list(topology.STABLE)])
        self.source_yaw = toon.analysis.pose.yaw

        def puppet_space(sheet: Sheet) -> Array:
            points = np.column_stack([sheet.points, sheet.depth]).astype(np.float64)
            return np.asarray((points - frame.translation) / frame.scale)

        raw_head, raw_body = puppet_space(head), puppet_space(body)
        self.source = raw_head[: topology.POINTS, :2].copy()
        neutral = raw_head.copy()
        neutral[: topology.POINTS] = neutral_face(raw_head[: topology.POINTS], toon.analysis.expression)
        wanted = proportions(amount, toon.eye_scale)
        face = neutral[: topology.POINTS].copy()
        warped = np.ascontiguousarray(caricature(neutral, face, wanted)[:, :2])
        photo = np.ascontiguousarray(raw_head[:, :2])
        self._triangles, self._areas = head.triangles, doubled_areas(photo, head.triangles)
        untangle(photo[None], warped[None], self._triangles, self._areas)
        self.head = warped
        self.body = caricature(raw_body, face, wanted)[:, :2]
        self.face = self.head[: topology.POINTS]
        self._relief = _relief(raw_head[:, 2])
        self._body_relief = np.minimum(raw_body[:, 2], RELIEF_DEPTH)
        basis = expression_basis(self.face)
        self.names = tuple(basis)
        acting = acting_gain(self.names, wanted.styled)
        self._shapes = np.stack([basis[name][:, :2].ravel() for name in self.names]) * acting[:, None]
        self._carry = self._expression_carry()
        self._head_share = 1 - LONG_HAIR_HOLDS * smoothstep(self.head[:, 1], *LONG_HAIR)
        self._head_share[: topology.POINTS] = 1.0
        chin = float(self.face[topology.CHIN, 1])
        self._neck_share = NECK_FOLLOWS * (1 - smoothstep(self.body[:, 1], chin - 0.1, chin + 0.75))
        self._softness = springs.softness(self.head, self.face[list(topology.FACE_OVAL)], self._head_share)

    def _expression_carry(self) -> Array:
        """(N - 468, 36) weights that carry the oval's displacement into rings and hair."""
        oval = self.face[list(topology.FACE_OVAL)]
        distance = np.linalg.norm(self.head[topology.POINTS :, None] - oval[None], axis=2)
        weights = np.exp(-((distance / 0.22) ** 2)) + 1e-9
        weights /= weights.sum(axis=1, keepdims=True)
        return np.asarray(weights * np.exp(-distance.min(axis=1) / FADE)[:, None])

    def _expressed(self, pose: Pose) -> Array:
        """(F, N, 2) head vertices with expressions, before any rotation."""
        weights = shape_weights(pose, self.names)
        frames = len(weights)
        delta = (weights @ self._shapes).reshape(frames, topology.POINTS, 2)
        out = np.empty((frames, len(self.head), 2))
        out[:, : topology.POINTS] = self.face + delta
        out[:, topology.POINTS :] = (
            self.head[topology.POINTS :] + self._carry @ delta[:, list(topology.FACE_OVAL)]
        )
        return out

    def solve(self, pose: Pose, spring: bool = False) -> Solved:
        """Vertices for every frame of ``pose``; ``spring``: they are one whole loop, so hair may swing."""

        def channel(name: str) -> Array:
            return pose.channel(name).astype(np.float64)

        yaw = np.clip(channel("head.yaw"), -MAX_TURN - self.source_yaw, MAX_TURN - self.source_yaw)
        shift = np.stack([channel("head.x"), channel("head.y")], axis=1)
        carried = np.array([BODY_FOLLOWS["x"], BODY_FOLLOWS["y"]]) * shift
        own = np.stack([channel("body.x"), channel("body.y")], axis=1)
        # the head rides on the body: what the body does, the head does too
        head = _Affine(_rotations(yaw, channel("head.pitch"), channel("head.roll")), NECK_PIVOT, shift + own)
        roll = BODY_FOLLOWS["roll"] * channel("head.roll") + channel("body.roll")
        lean = _rotations(BODY_FOLLOWS["yaw"] * yaw, np.zeros(len(pose)), roll)
        body = _Affine(lean, HIP_PIVOT, carried + own)
        heads = _blended(self._expressed(pose), self._relief, self._head_share, head, body)
        bodies = _blended(self.body, self._body_relief, self._neck_share, head, body)
        rigid_heads = _blended(self.head, np.zeros(len(self.head)), self._head_share, head, body)
        untangle(np.ascontiguousarray(rigid_heads), heads, self._triangles, self._areas)
        if spring:
            heads = springs.swing(heads, self._softness, pose.duration_s)
        return Solved(self._rooted(heads, pose), self._rooted(bodies, pose))

    def _rooted(self, points: Array, pose: Pose) -> Array:
        """Whole-figure scale, squash, roll and shift about the feet of the bust."""
        foot = np.array([0.0, float(self.body[:, 1].max()) * 0.9])
        squash = pose.values[:, INDEX["squash"]].astype(np.float64)
        scale = pose.values[:, INDEX["scale"]].astype(np.float64)
        stretch = np.stack([scale * (1 + SQUASH_WIDENS * squash), scale * (1 - squash)], axis=1)
        roll = np.deg2rad(pose.values[:, INDEX["root.roll"]].astype(np.float64))
        c, s = np.cos(roll), np.sin(roll)
        turn = np.stack([np.stack([c, s], -1), np.stack([-s, c], -1)], axis=1)
        shift = pose.values[:, [INDEX["root.x"], INDEX["root.y"]]].astype(np.float64)
        return np.asarray(((points - foot) * stretch[:, None]) @ turn + (foot + shift)[:, None])


def _relief(depth: Array) -> Array:
    """(N,) depth of the head sheet -> smoothed and compressed depth, in units."""
    neighbours = mesh_neighbours()
    out = depth.copy()
    for _ in range(RELIEF_PASSES):
        out[: topology.POINTS] = 0.5 * out[: topology.POINTS] + 0.5 * neighbours @ out[: topology.POINTS]
    return np.asarray(RELIEF_DEPTH * np.tanh(out / RELIEF_DEPTH))
