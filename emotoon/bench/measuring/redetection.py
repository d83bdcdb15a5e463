"""Faces found again on the finished cartoon: does the picture show what the puppet was told?

For measuring only; no stage of the engine detects landmarks on a cartoon.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml_core.animation.contours import EYES
from ml_core.animation.motion import Motion, Pose, loop_phases, rest_pose, sample
from ml_core.animation.neutral import openness
from ml_core.animation.puppet import Puppet
from ml_core.face import topology
from ml_core.face.landmarks import refine_eyes
from ml_core.face.nets import FaceNets
from ml_core.face.search import find_faces
from ml_core.types import FaceFrame, Image, ToonPortrait

Array = NDArray[np.float64]

PAPER = 200
"""Grey behind the puppet: darker than any skin highlight, lighter than any outline."""
LEAST_GAP = 0.12
"""Outer-eye distances that the mouth must open in a template for a correlation to mean anything: the mesh
network reads closed smiling lips as 0.02 to 0.08 apart, on photos too."""
LEAST_LID_TRAVEL = 0.12
"""Of lid opening over eye width, likewise."""
FEWEST = 5
"""Frames that a correlation needs."""
NO_LIDS = ("eye.heart", "eye.star", "eye.spiral", "eye.cross", "eyeHappyLeft", "eyeHappyRight")
"""Eyes drawn as symbols or as the arcs of a laugh: there are no lids to find."""
SHOWN = 0.05


@dataclass(frozen=True)
class Acted:
    """What was told and what was found over F frames, in outer-eye distances.

    told, found: (F, 468, 2) canvas pixels / unit; found is nan where no face was detected.
    lids: (F,) bool, whether the eyes are drawn with lids. open_lids: lid opening over eye width at rest.
    """

    told: Array
    found: Array
    lids: NDArray[np.bool_]
    open_lids: float

    @property
    def seen(self) -> NDArray[np.bool_]:
        """(F,) whether a face was detected."""
        return np.asarray(~np.isnan(self.found[:, 0, 0]))

    def error(self) -> float:
        """Mean distance between told and found landmarks."""
        if not self.seen.any():
            return float("inf")
        return float(np.linalg.norm(self.found[self.seen] - self.told[self.seen], axis=2).mean())

    def mouth_correlation(self) -> float | None:
        """Of the gap between the inner lips; None when the template hardly moves them."""
        return _correlation(_gaps(self.told), _gaps(self.found), self.seen, LEAST_GAP)

    def blink_correlation(self) -> float | None:
        """Of the closing of the lids, both eyes; None when the template does not blink.

        Wider than at rest is not blinking, and the iris network cannot see it: it stops at human eyes.
        """
        told, found = (np.minimum(_lids(points), self.open_lids) for points in (self.told, self.found))
        return _correlation(told, found, self.seen & self.lids, LEAST_LID_TRAVEL)

    def jitter(self) -> float:
        """Movement from frame to frame that nobody told the face to make, root mean square.

        Only meaningful for consecutive frames.
        """
        rest = (self.found - self.told)[self.seen]
        steps = np.diff(rest - rest.mean(axis=1, keepdims=True), axis=0)
        return float(np.sqrt((steps**2).sum(axis=2).mean() / 2))


class Redetector:
    def __init__(self) -> None:
        self._nets = FaceNets()

    def points(self, frame: Image) -> NDArray[np.float32] | None:
        """(468, 2) landmarks on a premultiplied (S, S, 4) uint8 frame, or None when there is no face."""
        free = 255 - frame[..., 3:].astype(np.int32)
        picture = np.clip(frame[..., :3] + free * PAPER // 255, 0, 255).astype(np.uint8)
        faces = find_faces(self._nets, picture, finest=4).faces
        if not faces:
            return None
        points, _ = refine_eyes(self._nets, picture, faces[0].fit.points)
        return points[:, :2]

    def neutral(self, toon: ToonPortrait, size: int) -> Acted:
        """The puppet at rest, in the person's own proportions."""
        puppet, pose = Puppet(toon, size=size, caricature=0.0), rest_pose()
        puppet.fit(pose)
        return self._acted(puppet, [puppet.render(pose)], pose, [0])

    def acted(self, toon: ToonPortrait, motion: Motion, frames: Sequence[int], size: int) -> Acted:
        """Some frames of a motion, in the person's own proportions."""
        puppet, pose = Puppet(toon, size=size, caricature=0.0), sample(motion, loop_phases(motion.frames))
        return self._acted(puppet, list(puppet.frames(pose, only=frames)), pose, frames)

    def _acted(
        self, puppet: Puppet, drawn: Sequence[tuple[Image, FaceFrame]], pose: Pose, frames: Sequence[int]
    ) -> Acted:
        told, found = [], []
        for picture, face in drawn:
            points = self.points(picture)
            told.append(face.landmarks[:, :2] / face.unit)
            found.append(np.full((topology.POINTS, 2), np.nan) if points is None else points / face.unit)
        without = np.max([pose.channel(name)[list(frames)] for name in NO_LIDS], axis=0)
        _, rest = puppet.render(rest_pose())
        return Acted(
            np.array(told, np.float64),
            np.array(found, np.float64),
            np.asarray(without < SHOWN),
            float(_lids(rest.landmarks[None].astype(np.float64))[0]),
        )


def _gaps(points: Array) -> Array:
    """(F, 468, 2) -> (F,)."""
    between = points[:, topology.INNER_LIP_LOWER] - points[:, topology.INNER_LIP_UPPER]
    return np.asarray(np.linalg.norm(between, axis=1))


def _lids(points: Array) -> Array:
    return np.array([np.mean([openness(face, eye) for eye in EYES]) for face in points])


def _correlation(told: Array, found: Array, where: NDArray[np.bool_], least: float) -> float | None:
    told, found = told[where], found[where]
    if len(told) < FEWEST or np.ptp(told) < least:
        return None
    if np.ptp(found) == 0:
        return 0.0
    return float(np.corrcoef(told, found)[0, 1])
