"""InsightFace's FaceAnalysis (buffalo_l): detection, 106 and 68 landmarks, gender, age, embedding.

Deng et al. 2019 (ArcFace), Guo et al. 2021 (SCRFD). The models are for non-commercial research; callers ask
``ml_core.weights.weights_path`` first. Of insightface 2.1, installed without its dependencies, everything
used here
imports: it needs onnx, onnxruntime, scikit-image and OpenCV, which ``requirements/full.txt`` installs. Its
mask renderer needs a compiled part that is not there, and insightface itself goes on without it.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.errors import WeightsUnavailable
from ml_core.types import FaceBox, Image

Floats = NDArray[np.float32]

FILES: Final = ("det_10g.onnx", "1k3d68.onnx", "2d106det.onnx", "genderage.onnx", "w600k_r50.onnx")
TASKS: Final = ("detection", "landmark_3d_68", "landmark_2d_106", "genderage", "recognition")
LEAST_SCORE: Final = 0.5
DETECTOR_SIDE: Final = 640


@dataclass(frozen=True)
class InsightFace:
    """One face in the photo frame.

    keypoints (5, 2): eyes, nose tip, mouth corners, from the picture's left. landmarks_106 (106, 2) and
    landmarks_68 (68, 3) float32 pixels. pose: pitch, yaw, roll in degrees. embedding (512,), not normalised.
    male: None when the model does not say. raw: what insightface's own models take as a face.
    """

    box: FaceBox
    keypoints: Floats
    landmarks_106: Floats
    landmarks_68: Floats
    pose: tuple[float, float, float]
    embedding: Floats
    male: bool | None
    age: int | None
    raw: Any


class InsightFaces:
    """buffalo_l from a folder that holds FILES; sessions are made here, on the CPU provider."""

    def __init__(self, folder: Path, *, providers: tuple[str, ...] = ("CPUExecutionProvider",)) -> None:
        """Raises WeightsUnavailable: weights_missing, weights_corrupt, insightface_missing."""
        missing = [name for name in FILES if not (folder / name).is_file()]
        if missing:
            raise WeightsUnavailable(
                "weights_missing", f"buffalo_l in {folder} is incomplete: {', '.join(missing)} is not there."
            )
        with insightface_speaking():
            from insightface.app import FaceAnalysis  # noqa: PLC0415 - heavy, only for this back end

            try:
                self._app = FaceAnalysis(str(folder), providers=list(providers))
            except Exception as error:
                raise WeightsUnavailable(
                    "weights_corrupt", f"buffalo_l in {folder} cannot be loaded: {error}"
                ) from error
            absent = [task for task in TASKS if task not in self._app.models]
            if absent:
                raise WeightsUnavailable(
                    "weights_corrupt", f"{folder} is not buffalo_l: nothing in it does {', '.join(absent)}."
                )
            self._app.prepare(ctx_id=0, det_thresh=LEAST_SCORE, det_size=(DETECTOR_SIDE, DETECTOR_SIDE))

    def faces(self, image: Image) -> tuple[InsightFace, ...]:
        """Every face of an (H, W, 3) uint8 RGB picture, the largest and most central first."""
        with insightface_speaking():
            found = self._app.get(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
        middle = np.array([image.shape[1] / 2, image.shape[0] / 2], np.float32)
        return tuple(sorted((_face(one) for one in found), key=lambda face: _rank(face, middle)))


def _rank(face: InsightFace, middle: Floats) -> float:
    x, y, w, h = face.box.box
    offset = float(np.hypot(*(np.array([x + w / 2, y + h / 2]) - middle)))
    return -(w * h - 2.0 * offset**2)  # FaceAnalysis's own order when it is asked for few faces


def _face(raw: Any) -> InsightFace:
    left, top, right, bottom = (float(value) for value in raw.bbox)
    pitch, yaw, roll = (float(value) for value in raw.pose)
    return InsightFace(
        box=FaceBox((left, top, right - left, bottom - top), float(raw.det_score)),
        keypoints=np.asarray(raw.kps, np.float32),
        landmarks_106=np.asarray(raw.landmark_2d_106, np.float32),
        landmarks_68=np.asarray(raw.landmark_3d_68, np.float32),
        pose=(pitch, yaw, roll),
        embedding=np.asarray(raw.embedding, np.float32),
        male=None if raw.gender is None else bool(raw.gender == 1),
        age=None if raw.age is None else int(raw.age),
        raw=raw,
    )


@contextlib.contextmanager
def insightface_speaking() -> Iterator[None]:
    """insightface prints to standard output and calls a deprecated scikit-image method; keep both to itself.

    Raises WeightsUnavailable ``insightface_missing`` when the package is not installed.
    """
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.filterwarnings("ignore", message=".*`estimate` is deprecated", category=FutureWarning)
        try:
            yield
        except ImportError as error:
            raise WeightsUnavailable(
                "insightface_missing",
                f"The insightface package is not usable here: {error}; run `make setup`.",
            ) from error
