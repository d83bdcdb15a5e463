"""BlazeFace over square windows of a photo; ``search`` says which windows, and in which order.

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
SAME_FACE_IOU: Final = 0.3
SAME_FACE_INSIDE: Final = 0.7
"""Share of the smaller box inside the larger: two windows find one face at two sizes."""

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


def faces_in(nets: FaceNets, image: Image, part: float, overlap: float) -> list[Detection]:
    """Faces of an (H, W, 3) uint8 RGB photo, seen through square windows of side ``part`` pixels that
    overlap by the share ``overlap``; the most certain first. One window may be larger than the photo."""
    height, width = image.shape[:2]
    found: list[Detection] = []
    for x, y in _windows(width, height, part, overlap):
        found += _window(nets, image, x, y, part)
    return _merged(found)


def _windows(width: int, height: int, part: float, overlap: float) -> Iterator[tuple[float, float]]:
    """Corners of squares of side ``part`` that cover the photo."""
    for y in _starts(height, part, overlap):
        for x in _starts(width, part, overlap):
            yield x, y


def _starts(length: int, part: float, overlap: float) -> list[float]:
    if length <= part:
        return [(length - part) / 2]
    steps = int(np.ceil((length - part) / (part * (1 - overlap)) - 1e-6))
    return [float(start) for start in np.linspace(0, length - part, steps + 1)]


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
    kept = []
    while left:
        first = left[0]
        group = [face for face in left if face is first or same_face(first.box, face.box)]
        weights = np.array([face.score for face in group], dtype=np.float32)
        weights /= weights.sum()
        box = weights @ np.array([face.box for face in group], dtype=np.float32)
        points = np.tensordot(weights, np.stack([face.keypoints for face in group]), axes=1)
        kept.append(
            Detection(
                box=(float(box[0]), float(box[1]), float(box[2]), float(box[3])),
                keypoints=points,
                score=first.score,
            )
        )
        left = [face for face in left if not any(face is one for one in group)]
    return kept


def same_face(
    a: tuple[float, float, float, float],
    b: tuple[float, float, float, float],
    inside: float = SAME_FACE_INSIDE,
) -> bool:
    """Do two boxes hold one face? ``inside``: from this share of the smaller one in the larger."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(0.0, width) * max(0.0, height)
    first, second = a[2] * a[3], b[2] * b[3]
    return shared > SAME_FACE_IOU * (first + second - shared) or shared > inside * max(
        min(first, second), 1e-6
    )


def turned_back(face: Detection, width: int, height: int, turns: int) -> Detection:
    """A find in np.rot90(photo, turns) as one in the photo (width, height)."""
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
