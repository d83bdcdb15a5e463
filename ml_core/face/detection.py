"""Finding faces: BlazeFace over the whole photo, over half windows when faces are small, and over
the photo turned by quarter turns when it stands on its side.

Boxes and key points are always in pixels of the photo as given, whatever window or turn found them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.face.nets import DETECTOR_SIDE, FaceNets
from ml_core.types import FaceBox, Image

MIN_SCORE: Final = 0.5
UPRIGHT_SCORE: Final = 0.8
"""A face this certain upright is not searched for in turned photos."""
SMALL_FACE: Final = 0.12
"""Of the longest side: below this the whole-photo pass sees under 16 px and half windows look again."""
SAME_FACE_IOU: Final = 0.3
SAME_FACE_INSIDE: Final = 0.7
"""Share of the smaller box inside the larger: two windows find one face at two sizes."""
MAX_FACES: Final = 24
LEAST_SIDE: Final = 16
"""Pixels: no face fits into less."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Detection:
    """box: x, y, width, height in photo pixels. keypoints (6, 2): right eye, left eye, nose tip,
    mouth, right ear, left ear (the subject's own right and left)."""

    box: tuple[float, float, float, float]
    keypoints: Floats
    score: float

    @property
    def frontality(self) -> float:
        """1 facing the camera, 0 in profile: how central the nose tip is between the ears."""
        right, left, nose = self.keypoints[4], self.keypoints[5], self.keypoints[2]
        axis = left - right
        along = float((nose - right) @ axis / max(float(axis @ axis), 1e-6))
        return float(np.clip(1 - abs(along - 0.5) * 2, 0, 1))

    @property
    def angle(self) -> float:
        """Roll in radians, clockwise positive, from the line between the eyes."""
        dx, dy = self.keypoints[1] - self.keypoints[0]
        return float(np.arctan2(dy, dx))

    def as_box(self) -> FaceBox:
        return FaceBox(box=self.box, score=self.score)


def _anchors() -> Floats:
    """(896, 2) anchor centres in 0..1: two on a 16 x 16 grid, six on an 8 x 8 grid (BlazeFace, sec. 3.1)."""
    grids = []
    for cells, repeats in ((16, 2), (8, 6)):
        y, x = np.mgrid[0:cells, 0:cells]
        centres = np.stack([(x + 0.5) / cells, (y + 0.5) / cells], axis=-1).reshape(-1, 2)
        grids.append(np.repeat(centres, repeats, axis=0))
    return np.concatenate(grids).astype(np.float32)


_ANCHORS: Final = _anchors()


def find_faces(nets: FaceNets, image: Image) -> list[Detection]:
    """Faces of an (H, W, 3) uint8 RGB photo, best first (see rank); empty when there are none."""
    if min(image.shape[:2]) < LEAST_SIDE:
        return []
    found = _upright(nets, image)
    if not found or found[0].score < UPRIGHT_SCORE:
        found = max([found, *(_turned(nets, image, turns) for turns in (1, 3, 2))], key=_certainty)
    if not found or found[0].score < UPRIGHT_SCORE:
        found = max(found, _closer(nets, image), key=_certainty)
    return rank(found, image.shape[1], image.shape[0])[:MAX_FACES]


def _certainty(found: list[Detection]) -> float:
    return max((face.score for face in found), default=0.0)


def rank(faces: list[Detection], width: int, height: int) -> list[Detection]:
    """Best first: large, near the middle, facing the camera, certain."""
    centre = np.array([width / 2, height / 2])
    reach = float(np.hypot(width, height)) / 2

    def worth(face: Detection) -> float:
        x, y, w, h = face.box
        offset = float(np.hypot(*(np.array([x + w / 2, y + h / 2]) - centre))) / reach
        return (
            float(np.sqrt(w * h))
            * (1 - 0.4 * offset)
            * (0.6 + 0.4 * face.frontality)
            * (0.5 + 0.5 * face.score)
        )

    return sorted(faces, key=worth, reverse=True)


def _upright(nets: FaceNets, image: Image) -> list[Detection]:
    height, width = image.shape[:2]
    side = max(height, width)
    found = _window(nets, image, (width - side) / 2, (height - side) / 2, side)
    if not found or max(face.box[2] for face in found) < SMALL_FACE * side:
        for x, y, part in _windows(width, height, side / 2):
            found += _window(nets, image, x, y, part)
    return sorted(_merged(found), key=lambda face: -face.score)


def _closer(nets: FaceNets, image: Image) -> list[Detection]:
    """Quarter windows: panoramas and people far away."""
    height, width = image.shape[:2]
    found = []
    for x, y, part in _windows(width, height, max(height, width) / 4):
        found += _window(nets, image, x, y, part)
    return sorted(_merged(found), key=lambda face: -face.score)


def _windows(width: int, height: int, part: float) -> Iterator[tuple[float, float, float]]:
    """Squares of side ``part``, overlapping by half."""
    for y in _starts(height, part):
        for x in _starts(width, part):
            yield x, y, part


def _starts(length: int, part: float) -> list[float]:
    if length <= part:
        return [(length - part) / 2]
    return [
        float(start)
        for start in np.linspace(0, length - part, int(np.ceil((length - part) / (part / 2))) + 1)
    ]


def _window(nets: FaceNets, image: Image, x0: float, y0: float, side: float) -> list[Detection]:
    """Faces in one square window, which may reach beyond the photo (black there)."""
    offsets, scores = nets.detector(_square(image, x0, y0, side))
    keep = scores > MIN_SCORE
    offsets, anchors, scores = offsets[keep] / np.float32(DETECTOR_SIDE), _ANCHORS[keep], scores[keep]
    centres, sizes = offsets[:, :2] + anchors, offsets[:, 2:4]
    keypoints = offsets[:, 4:].reshape(-1, 6, 2) + anchors[:, np.newaxis]
    origin = np.array([x0, y0], dtype=np.float32)
    corners = (centres - sizes / 2) * side + origin
    return [
        Detection(
            box=(float(corner[0]), float(corner[1]), float(size[0] * side), float(size[1] * side)),
            keypoints=(points * side + origin).astype(np.float32),
            score=float(score),
        )
        for corner, size, points, score in zip(corners, sizes, keypoints, scores, strict=True)
    ]


def _square(image: Image, x0: float, y0: float, side: float) -> Image:
    """The window as DETECTOR_SIDE squared, area averaged so that large photos do not alias."""
    height, width = image.shape[:2]
    left, top = max(0, int(x0)), max(0, int(y0))
    right, bottom = min(width, round(x0 + side)), min(height, round(y0 + side))
    scale = DETECTOR_SIDE / side
    size = (max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale)))
    small = cv2.resize(image[top:bottom, left:right], size, interpolation=cv2.INTER_AREA)
    canvas = np.zeros((DETECTOR_SIDE, DETECTOR_SIDE, 3), np.uint8)
    column, row = max(0, round((left - x0) * scale)), max(0, round((top - y0) * scale))
    part = small[: DETECTOR_SIDE - row, : DETECTOR_SIDE - column]
    canvas[row : row + part.shape[0], column : column + part.shape[1]] = part
    return canvas


def _merged(faces: list[Detection]) -> list[Detection]:
    """Weighted non-maximum suppression (BlazeFace, sec. 4): overlapping finds are averaged by score."""
    left = sorted(faces, key=lambda face: -face.score)
    merged = []
    while left:
        first = left[0]
        group = [face for face in left if face is first or _same_face(first.box, face.box)]
        weights = np.array([face.score for face in group], dtype=np.float32)
        weights /= weights.sum()
        box = weights @ np.array([face.box for face in group], dtype=np.float32)
        points = np.tensordot(weights, np.stack([face.keypoints for face in group]), axes=1)
        merged.append(
            Detection(
                box=(float(box[0]), float(box[1]), float(box[2]), float(box[3])),
                keypoints=points,
                score=first.score,
            )
        )
        left = [face for face in left if not any(face is one for one in group)]
    return merged


def _same_face(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(0.0, width) * max(0.0, height)
    first, second = a[2] * a[3], b[2] * b[3]
    return shared > SAME_FACE_IOU * (first + second - shared) or shared > SAME_FACE_INSIDE * max(
        min(first, second), 1e-6
    )


def _turned(nets: FaceNets, image: Image, turns: int) -> list[Detection]:
    """Faces found in the photo turned by ``turns`` quarter turns counterclockwise, in photo pixels."""
    found = _upright(nets, np.ascontiguousarray(np.rot90(image, turns)))
    return [_turned_back(face, image.shape[1], image.shape[0], turns) for face in found]


def _turned_back(face: Detection, width: int, height: int, turns: int) -> Detection:
    x, y, w, h = face.box
    corners = _unrotated(np.array([[x, y], [x + w, y + h]], dtype=np.float32), width, height, turns)
    low, high = corners.min(axis=0), corners.max(axis=0)
    return Detection(
        box=(float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])),
        keypoints=_unrotated(face.keypoints, width, height, turns),
        score=face.score,
    )


def _unrotated(points: Floats, width: int, height: int, turns: int) -> Floats:
    """Points (N, 2) of np.rot90(photo, turns) in pixels of the photo (width, height)."""
    x, y = points[:, 0], points[:, 1]
    back = {1: (width - y, x), 2: (width - x, height - y), 3: (y, height - x)}[turns]
    return np.stack(back, axis=1).astype(np.float32)
