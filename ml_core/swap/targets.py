"""The faces of a target picture or clip: any face that is found, however small, dark or turned.

The gates of ``FaceAnalyser`` are for portraits that become stickers; a target may be worse, its face goes
away.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from ml_core.errors import ClipInvalid, PhotoRejected
from ml_core.face.crop import cut_portrait, portrait_transform
from ml_core.face.landmarks import MeshFit, refine_eyes
from ml_core.face.matte import frame_matte, others_in_portrait, person_matte
from ml_core.face.nets import FaceNets
from ml_core.face.regions import segment
from ml_core.face.search import Candidate, find_faces
from ml_core.face.tracking import FaceTracker, TrackedFace
from ml_core.swap.look import TargetFace, bare_face, forehead_without_fringe
from ml_core.types import FaceBox, Image, Points

LEAST_UNIT: Final = 14.0
"""Outer-eye distance in pixels: a smaller face has nothing to put features on."""
CARRIED: Final = 0.6
"""Share of the previous frame's mask, in the portrait frame that moves along with the face."""


class TargetFinder:
    """Finds faces and what lies over them. Networks are loaded on first use."""

    def __init__(self, nets: FaceNets | None = None) -> None:
        self._nets = nets or FaceNets()

    def boxes(self, image: Image) -> tuple[FaceBox, ...]:
        """The faces of an (H, W, 3) uint8 RGB picture that a face can be put into, best first."""
        return tuple(one.face.as_box() for one in self._meshes(image))

    def find(self, image: Image, chosen: Sequence[int] | None = None) -> tuple[TargetFace, ...]:
        """The chosen faces of a picture, counted best first as in ``boxes``; None is all of them.

        Raises PhotoRejected: target_no_face, target_face_out_of_range.
        """
        meshes = self._meshes(image)
        indices = chosen_of(len(meshes), chosen)
        boxes = [one.face.box for one in meshes]
        out = []
        for index in indices:
            points, _ = refine_eyes(self._nets, image, meshes[index].fit.points)
            others = [box for number, box in enumerate(boxes) if number != index]
            out.append(self._covered(image, points, others))
        return tuple(out)

    def follow(
        self, frames: Sequence[Image], chosen: Sequence[int] | None = None
    ) -> tuple[tuple[TargetFace, ...], ...]:
        """For every chosen face one TargetFace per frame, without jitter; faces are counted in the first
        frame that shows one.

        Raises PhotoRejected like ``find``, ClipInvalid (clip_empty, clip_face_lost).
        """
        if not frames:
            raise ClipInvalid("clip_empty", "The clip has no frames; give another one.")
        first = next((k for k, frame in enumerate(frames) if self._meshes(frame)), 0)
        meshes = self._meshes(frames[first])
        out = []
        for index in chosen_of(len(meshes), chosen):
            start = meshes[index].fit.roi
            tracked = FaceTracker(self._nets).track(frames[first:], start=start)
            out.append(self._steady(frames, (*tracked[:1] * first, *tracked)))
        return tuple(out)

    def _meshes(self, image: Image) -> list[Candidate]:
        return [one for one in find_faces(self._nets, image).faces if _unit(one.fit) >= LEAST_UNIT]

    def _covered(
        self, image: Image, points: Points, others: list[tuple[float, float, float, float]]
    ) -> TargetFace:
        to_portrait = portrait_transform(points)
        portrait = cut_portrait(image, to_portrait)
        inside = _into(points, to_portrait)
        matte = person_matte(self._nets, image, portrait, inside, others_in_portrait(others, to_portrait))
        layers = segment(portrait.image, matte, inside).layers
        bare = bare_face(layers, inside) * forehead_without_fringe(portrait.image, inside)
        return TargetFace(points, bare, to_portrait)

    def _steady(self, frames: Sequence[Image], tracked: Sequence[TrackedFace]) -> tuple[TargetFace, ...]:
        """Masks of every frame, mixed over time in the frame that moves along with the face."""
        out: list[TargetFace] = []
        for frame, face in zip(frames, tracked, strict=True):
            to_portrait = portrait_transform(face.points)
            portrait = cut_portrait(frame, to_portrait)
            inside = _into(face.points, to_portrait)
            matte = frame_matte(self._nets, frame, portrait, inside)
            bare = bare_face(segment(portrait.image, matte, inside).layers, inside)
            bare = bare * forehead_without_fringe(portrait.image, inside)
            before = out[-1].bare if out else None
            if before is not None:
                bare = bare + (before - bare) * np.float32(CARRIED)
            out.append(TargetFace(face.points, bare, to_portrait))
        return tuple(out)


def chosen_of(count: int, chosen: Sequence[int] | None) -> tuple[int, ...]:
    """The chosen of ``count`` faces, each once; None is all. Raises PhotoRejected."""
    if count == 0:
        raise PhotoRejected(
            "target_no_face",
            "There is no face in the target picture to put yours into; choose one that shows a face.",
        )
    wanted = tuple(range(count)) if chosen is None else tuple(dict.fromkeys(chosen))
    for index in wanted:
        if not 0 <= index < count:
            raise PhotoRejected(
                "target_face_out_of_range",
                f"The target picture has {count} faces, so face {index} is not there; "
                f"choose from 0 to {count - 1}.",
                count=count,
                face_index=index,
                last=count - 1,
            )
    return wanted


def _unit(fit: MeshFit) -> float:
    return float(np.linalg.norm(fit.points[263] - fit.points[33]))


def _into(points: Points, transform: Points) -> Points:
    """(468, 3) points into the portrait frame; depth is scaled along."""
    scale = np.float32(np.hypot(transform[0, 0], transform[1, 0]))
    flat = points[:, :2] @ transform[:, :2].T + transform[:, 2]
    return np.column_stack([flat, points[:, 2] * scale]).astype(np.float32)
