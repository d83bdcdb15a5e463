"""Where to look for faces: the whole photo first, then ever closer, then turned; the mesh network has
the last word.

BlazeFace sees 128 x 128 pixels and a face of a tenth of that, so a photo is searched as a pyramid of
square windows (Viola & Jones 2001, sec. 4.3, scan the same way). Most photos end after the first window:
a face that is certain upright and that the mesh network confirms ends the search. A find that the mesh
network denies does not, or a pattern on a curtain would hide the person who stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from ml_core.face.detection import Detection, faces_in, rank, same_face, turned_back
from ml_core.face.landmarks import MESH_ROI, MeshFit, fit_mesh, roi_of_detection
from ml_core.face.nets import FaceNets
from ml_core.types import Image

LEAST_PRESENCE: Final = 0.5
"""The mesh network's own opinion whether it looks at a face."""
DOUBTFUL_SCORE, SURE_PRESENCE = 0.65, 0.9
"""A weak detection needs a mesh without doubt: patterns reach 0.57 and 0.85, faces of 20 px 0.57 and 0.98."""
CERTAIN_SCORE: Final = 0.8
"""A face this certain is not searched for in turned photos or closer by."""
SMALL_FACE: Final = 0.12
"""Of a window's side: a smaller face has under 16 of the network's pixels and may be overlooked."""
OVERLAP, CLOSE_OVERLAP = 0.5, 1 / 3
"""Of neighbouring windows. A face that closer windows look for was too small for the windows before,
so it fills less than a third of one."""
SIDEWAYS: Final = (1, 3)
"""Quarter turns counterclockwise of photos taken with the telephone held upright."""
TURNED_MARGIN: Final = {1: 0.0, 2: 0.12, 3: 0.0}
"""By how much a turned find must be more certain than an upright one at the same place. Faces upside down
score 0.13 to 0.5 less than upright, masked ones up to 0.09 more."""
FINEST: Final = 8
"""Windows of an eighth of the photo's working side (256 px) see a face of 24 px."""
LEAST_WINDOW: Final = 96
"""Pixels: smaller windows are magnified so much that they show a blur."""
PART_INSIDE: Final = 0.4
"""Of the less certain of two finds: a chin that a window cut off from its face. Cheek to cheek is less."""
MAX_FACES: Final = 24
LEAST_SIDE: Final = 16
"""Pixels: no face fits into less."""


@dataclass(frozen=True)
class Candidate:
    """A detection with the mesh that was fitted to it, both in photo pixels."""

    face: Detection
    fit: MeshFit

    @property
    def confirmed(self) -> bool:
        sure = self.face.score >= DOUBTFUL_SCORE or self.fit.presence > SURE_PRESENCE
        return sure and self.fit.presence > LEAST_PRESENCE

    @property
    def place(self) -> tuple[float, float, float, float]:
        """x, y, width, height of the mesh: two detections may lead to one face."""
        side = self.fit.roi.side / MESH_ROI
        x, y = (float(value) - side / 2 for value in self.fit.roi.centre)
        return x, y, side, side


@dataclass(frozen=True)
class Found:
    """faces: confirmed by the mesh network. denied: what it takes for none, covered faces among them.
    Both best first (see rank)."""

    faces: tuple[Candidate, ...] = ()
    denied: tuple[Candidate, ...] = ()

    @property
    def certainty(self) -> float:
        return max((one.face.score for one in self.faces), default=0.0)

    @property
    def widest(self) -> float:
        """Width of the largest face that is certain, 0 without one."""
        certain = (one.face for one in self.faces if one.face.score >= CERTAIN_SCORE)
        return max((face.box[2] for face in certain), default=0.0)

    @property
    def certain(self) -> bool:
        return self.certainty >= CERTAIN_SCORE


def find_faces(nets: FaceNets, image: Image, *, finest: int = FINEST) -> Found:
    """Faces of an (H, W, 3) uint8 RGB photo. ``finest``: the smallest windows are this part of its side."""
    if min(image.shape[:2]) < LEAST_SIDE:
        return Found()
    ways = {0: _coarse(nets, image, 0)}
    if not ways[0].certain:
        ways |= {turns: _coarse(nets, image, turns) for turns in (*SIDEWAYS, 2)}
        ways = _look_closer(nets, image, _upheld(ways), finest)
    best = max(ways.values(), key=lambda found: found.certainty)
    denied = _once(tuple(one for found in ways.values() for one in found.denied))
    return Found(_ranked(best.faces, image), _ranked(denied, image))


def _ranked(finds: tuple[Candidate, ...], image: Image) -> tuple[Candidate, ...]:
    order = rank([one.face for one in finds], image.shape[1], image.shape[0])[:MAX_FACES]
    return tuple(one for face in order for one in finds if one.face is face)


def _upheld(ways: dict[int, Found]) -> dict[int, Found]:
    """Quarter turns: finds, without turned faces that are seen upright about as surely, if only to be
    denied there: a black mask passes for the hair of somebody who stands on his head."""
    upright = ways[0].faces + ways[0].denied

    def holds(one: Candidate, margin: float) -> bool:
        rivals = [other.face.score for other in upright if same_face(other.face.box, one.face.box)]
        return one.face.score > max(rivals, default=0.0) + margin

    def kept(finds: tuple[Candidate, ...], turns: int) -> tuple[Candidate, ...]:
        return tuple(one for one in finds if turns == 0 or holds(one, TURNED_MARGIN[turns]))

    return {turns: Found(kept(way.faces, turns), kept(way.denied, turns)) for turns, way in ways.items()}


def _look_closer(nets: FaceNets, image: Image, ways: dict[int, Found], finest: int) -> dict[int, Found]:
    """``ways`` with what smaller windows see: people far away, panoramas."""
    side = max(image.shape[:2])
    best = max(ways, key=lambda turns: ways[turns].certainty)
    looks = [(part, turns) for part in (4, 8) for turns in {0, best}]
    looks += [(4, turns) for turns in SIDEWAYS if turns != best]
    for part, turns in looks:
        if any(found.certain for found in ways.values()):
            break
        if part <= finest and side / part >= LEAST_WINDOW:
            ways[turns] = _together(ways[turns], _seen(nets, image, turns, side / part, CLOSE_OVERLAP))
    return _upheld(ways)


def _coarse(nets: FaceNets, image: Image, turns: int) -> Found:
    """The whole photo, then smaller windows for everybody who is half as large as the largest."""
    side = max(image.shape[:2])
    found = _seen(nets, image, turns, side, OVERLAP)
    if found.widest < 2 * SMALL_FACE * side:
        found = _together(found, _seen(nets, image, turns, side / 2, OVERLAP))
    if found.certain and found.widest < SMALL_FACE * side and side / 4 >= LEAST_WINDOW:
        found = _together(found, _seen(nets, image, turns, side / 4, CLOSE_OVERLAP))
    return found


def _seen(nets: FaceNets, image: Image, turns: int, part: float, overlap: float) -> Found:
    """Faces in windows of ``part`` pixels of the photo, turned counterclockwise by quarter turns."""
    faces = faces_in(nets, np.ascontiguousarray(np.rot90(image, turns)), part, overlap)
    if turns:
        faces = [turned_back(face, image.shape[1], image.shape[0], turns) for face in faces]
    return _confirmed(nets, image, faces)


def _confirmed(nets: FaceNets, image: Image, faces: Iterable[Detection]) -> Found:
    fits = [Candidate(face, fit_mesh(nets, image, roi_of_detection(face))) for face in faces]
    return Found(tuple(one for one in fits if one.confirmed), tuple(one for one in fits if not one.confirmed))


def _together(before: Found, closer: Found) -> Found:
    """Both, each face once: of two finds the more certain."""
    return Found(_once(before.faces + closer.faces), _once(before.denied + closer.denied))


def _once(finds: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    kept: list[Candidate] = []
    for one in sorted(finds, key=lambda one: -one.face.score):
        if not any(same_face(one.place, other.place, PART_INSIDE) for other in kept):
            kept.append(one)
    return tuple(kept)
