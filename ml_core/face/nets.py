"""The four MediaPipe networks, as plain functions of pictures.

The ``.tflite`` files are data inside the wheel mediapipe 0.10.21 (Apache-2.0). The wheel is installed
without its dependencies and never imported: its pins conflict with numpy 2. ai-edge-litert runs them.
Models: BlazeFace short range (Bazarevsky et al. 2019), Face Mesh (Kartynnik et al. 2019), Iris
(Ablavatski et al. 2020), Selfie Segmentation (MediaPipe model card 2021).
"""

from __future__ import annotations

import importlib.util
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from ml_core.errors import WeightsUnavailable
from ml_core.types import Image, Mask

if TYPE_CHECKING:
    from ai_edge_litert.interpreter import Interpreter

Floats = NDArray[np.float32]

DETECTOR_SIDE: Final = 128
MESH_SIDE: Final = 192
IRIS_SIDE: Final = 64
MATTE_SIDE: Final = 256

_FILES: Final = {
    "detector": "face_detection/face_detection_short_range.tflite",
    "mesh": "face_landmark/face_landmark.tflite",
    "iris": "iris_landmark/iris_landmark.tflite",
    "matte": "selfie_segmentation/selfie_segmentation.tflite",
}
_OUTPUTS: Final = {
    "detector": ("regressors", "classificators"),
    "mesh": ("conv2d_21", "conv2d_31"),
    "iris": ("output_eyes_contours_and_brows", "output_iris"),
    "matte": ("activation_10",),
}


def model_folder() -> Path:
    """Where the wheel keeps its networks. Raises WeightsUnavailable when it is not installed."""
    spec = importlib.util.find_spec("mediapipe")
    if spec is None or not spec.submodule_search_locations:
        raise WeightsUnavailable(
            "mediapipe_missing",
            "The face networks are missing; install them with: "
            "pip install --no-deps mediapipe==0.10.21 (make run does it).",
        )
    return Path(spec.submodule_search_locations[0]) / "modules"


class FaceNets:
    """Loads each network on first use and runs it on one thread; safe to share between threads.

    An interpreter has one set of tensors, so every network has its own lock: two threads may run
    two networks, or wait for each other at the same one (calls last 1 to 3 ms).
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._locks = {name: threading.Lock() for name in _FILES}
        self._loaded: dict[str, Interpreter] = {}

    def detector(self, picture: Image) -> tuple[Floats, Floats]:
        """picture (128, 128, 3) uint8 RGB -> (896, 16) offsets in pixels, (896,) scores 0..1."""
        offsets, logits = self._run("detector", picture.astype(np.float32) * (2 / 255) - 1)
        return offsets[0], _sigmoid(logits[0, :, 0])

    def mesh(self, picture: Image) -> tuple[Floats, float]:
        """picture (192, 192, 3) uint8 RGB -> (468, 3) points in its pixels, presence 0..1."""
        points, logit = self._run("mesh", picture.astype(np.float32) * (1 / 255))
        return points.reshape(468, 3), float(_sigmoid(logit.reshape(1))[0])

    def iris(self, picture: Image) -> tuple[Floats, Floats]:
        """picture (64, 64, 3) uint8 RGB of a right eye -> (71, 2) lids and brow, (5, 2) iris, in pixels."""
        contour, iris = self._run("iris", picture.astype(np.float32) * (1 / 255))
        return contour.reshape(71, 3)[:, :2], iris.reshape(5, 3)[:, :2]

    def matte(self, picture: Image) -> Mask:
        """picture (256, 256, 3) uint8 RGB -> (256, 256) float32, probability of a person."""
        (person,) = self._run("matte", picture.astype(np.float32) * (1 / 255))
        return person[0, :, :, 0]

    def _run(self, name: str, picture: Floats) -> tuple[Floats, ...]:
        with self._locks[name]:
            net = self._loaded.get(name) or self._load(name)
            net.set_tensor(net.get_input_details()[0]["index"], picture[np.newaxis])
            net.invoke()
            by_name = {detail["name"]: detail["index"] for detail in net.get_output_details()}
            return tuple(net.get_tensor(by_name[output]) for output in _OUTPUTS[name])

    def _load(self, name: str) -> Interpreter:
        from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415 - 60 ms, only when a face is read

        path = (self._folder or model_folder()) / _FILES[name]
        if not path.is_file():
            raise WeightsUnavailable(
                "mediapipe_incomplete",
                f"The network {path} is missing; reinstall mediapipe 0.10.21.",
                path=str(path),
            )
        net = Interpreter(str(path), num_threads=1)
        net.allocate_tensors()
        self._loaded[name] = net
        return net


def _sigmoid(logits: Floats) -> Floats:
    return (1 / (1 + np.exp(-np.clip(logits, -60, 60)))).astype(np.float32)
