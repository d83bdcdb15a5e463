"""Makes ``mesh_data.py``: triangles, mirror pairs and the reference shape of the face mesh.

    python -m ml_core.face.reference PHOTO... > mesh_data.py

Triangles: every three consecutive edges of FACEMESH_TESSELATION (MediaPipe, Apache-2.0, read as text
from the installed wheel) go round one triangle. Mirror pairs and shape: generalised Procrustes
analysis (Gower 1975) over the faces found in the photos, each also seen in the mirror, so that the
shape is exactly symmetric. Run once by a developer; the product only reads the result.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from ml_core.face.geometry import rigid
from ml_core.face.nets import FaceNets, model_folder
from ml_core.face.photo import decode_photo
from ml_core.face.search import find_faces
from ml_core.types import Points

Ints = NDArray[np.int64]

_MIN_EYE_DISTANCE: Final = 30.0
"""Smaller faces have mesh noise above a hundredth of the eye distance."""
_MAX_DEPTH_SLOPE: Final = 0.35
"""Depth difference of the cheek edges over their distance: sin of about 20 degrees of yaw."""
_ROUNDS: Final = 5
_OUTER_EYES: Final = (33, 263)
_SEEDS: Final = (
    (33, 263), (133, 362), (61, 291), (234, 454), (127, 356), (93, 323), (54, 284), (67, 297), (105, 334),
    (70, 300), (159, 386), (145, 374), (50, 280), (10, 10), (1, 1), (152, 152), (168, 168), (17, 17),
)  # fmt: skip
"""Mirror pairs known by name; the assignment finds the other 450 points."""


def triangles(connections: str) -> Ints:
    """(852, 3) point indices from the text of face_mesh_connections.py."""
    match = re.search(r"FACEMESH_TESSELATION\s*=\s*frozenset\(\[(.*?)\]\)", connections, re.S)
    if match is None:
        raise ValueError("FACEMESH_TESSELATION is not in this text")
    edges = [(int(a), int(b)) for a, b in re.findall(r"\((\d+),\s*(\d+)\)", match.group(1))]
    rounds = [edges[i : i + 3] for i in range(0, len(edges), 3)]
    return np.array([[a, b, next(p for p in c if p not in (a, b))] for (a, b), _, c in rounds])


def gathered(photos: Iterable[Path]) -> list[Points]:
    """Meshes of all faces that are large and frontal enough."""
    nets, found = FaceNets(), []
    for path in photos:
        image = decode_photo(path.read_bytes())
        for face in find_faces(nets, image).faces:
            mesh = face.fit.points
            right, left = mesh[234], mesh[454]
            slope = abs(float(left[2] - right[2])) / float(np.linalg.norm(left - right))
            wide = float(np.linalg.norm(mesh[_OUTER_EYES[1]] - mesh[_OUTER_EYES[0]])) > _MIN_EYE_DISTANCE
            if wide and slope < _MAX_DEPTH_SLOPE:
                found.append(mesh)
    return found


def symmetric_mean(meshes: list[Points]) -> tuple[Points, Ints]:
    """(468, 3) reference in outer-eye distances, symmetric in x, and (468,) index of each mirror point."""
    mean = meshes[0] - meshes[0].mean(axis=0)
    mirror = np.arange(len(mean))
    for _ in range(_ROUNDS):
        aligned = [rigid(mesh, mean).apply(mesh) for mesh in meshes]
        mean = np.median(aligned, axis=0).astype(np.float32)
        flipped = mean * np.array([-1, 1, 1], np.float32)
        pairs = np.array(_SEEDS + tuple((b, a) for a, b in _SEEDS))
        seen = rigid(flipped[pairs[:, 0]], mean[pairs[:, 1]]).apply(flipped)
        for _ in range(3):
            cost = ((seen[:, np.newaxis] - mean[np.newaxis]) ** 2).sum(axis=-1)
            mirror = linear_sum_assignment(cost)[1]
            seen = rigid(flipped, mean[mirror]).apply(flipped)
        back = np.empty_like(seen)
        back[mirror] = seen
        mean = (mean + back) / 2
        mean = mean / np.linalg.norm(mean[_OUTER_EYES[1]] - mean[_OUTER_EYES[0]])
    return _upright(mean, mirror), mirror


def _upright(mean: Points, mirror: Ints) -> Points:
    """Axes: x along the mirror direction, y down from forehead to chin; origin at eyes and nose tip."""
    across = np.linalg.svd(mean - mean[mirror], full_matrices=False)[2][0]
    across = across * np.sign(across[0])
    down = mean[152] - mean[10]
    down = down - across * float(down @ across)
    down = down / np.linalg.norm(down)
    axes = np.stack([across, down, np.cross(across, down)])
    turned = (mean - mean[[33, 263, 1]].mean(axis=0)) @ axes.T
    even = (turned + turned[mirror] * np.array([-1, 1, 1])) / 2
    scaled: Points = (even / np.linalg.norm(even[_OUTER_EYES[1]] - even[_OUTER_EYES[0]])).astype(np.float32)
    return scaled


def written(faces: Ints, mirror: Ints, shape: Points, sources: int) -> str:
    """The text of mesh_data.py."""
    thousandths = np.round(shape * 1000).astype(np.int64)
    return f'''# ruff: noqa: SIM905 - rows of numbers read better than a list of strings
"""Data of the face mesh; written by ml_core.face.reference, not by hand.

Triangles: MediaPipe FACEMESH_TESSELATION (Apache-2.0). Shape: mean of {sources} meshes found on portraits
that come with packages (astronaut, Grace Hopper, insightface t1) and on faces drawn by us.
"""

import numpy as np

TRIANGLES = np.array(
    """
{_rows(faces)}
    """.split(),
    dtype=np.int32,
).reshape(-1, 3)
"""(852, 3) corners; the eyes and the inner mouth are holes."""

MIRROR = np.array(
    """
{_rows(mirror)}
    """.split(),
    dtype=np.int32,
)
"""(468,) the point that each point becomes in a mirror."""

REFERENCE = (
    np.array(
        """
{_rows(thousandths)}
        """.split(),
        dtype=np.float32,
    ).reshape(-1, 3)
    / 1000
).astype(np.float32)
"""(468, 3) mean face at rest: unit is the outer-eye distance, x right, y down, z away, frontal."""
'''


def _rows(values: Ints) -> str:
    words = [str(value) for value in values.ravel()]
    return "\n".join(" ".join(words[i : i + 24]) for i in range(0, len(words), 24))


def main(arguments: list[str]) -> int:
    text = (model_folder().parent / "python/solutions/face_mesh_connections.py").read_text("utf-8")
    meshes = gathered(Path(argument) for argument in arguments)
    shape, mirror = symmetric_mean(meshes)
    if not (mirror[mirror] == np.arange(len(mirror))).all():
        sys.stderr.write("the mirror pairs are not mutual; give more frontal faces\n")
        return 1
    sys.stdout.write(written(triangles(text), mirror, shape, len(meshes)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
