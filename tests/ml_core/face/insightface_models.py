"""Tiny ONNX files with the inputs and outputs of buffalo_l's and inswapper_128's, for tests.

They compute next to nothing, but what they say is definite: the detector sees one face in the middle of its
picture, and the swapper draws a crop whose colour comes from the source's embedding.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

STRIDES, ANCHORS = (8, 16, 32), 2
DETECTOR = 640
KEYPOINTS = np.array([[240, 250], [400, 250], [320, 330], [255, 420], [385, 420]], np.float32)
"""Eyes, nose, mouth corners in the detector's 640 x 640 picture."""
BOX = (160.0, 120.0, 480.0, 520.0)


def buffalo(folder: Path) -> Path:
    """The five files of buffalo_l."""
    folder.mkdir(parents=True, exist_ok=True)
    _detector(folder / "det_10g.onnx")
    _constant(folder / "1k3d68.onnx", "data", (1, 3, 192, 192), _landmarks_68())
    _constant(folder / "2d106det.onnx", "data", (1, 3, 192, 192), np.linspace(-0.5, 0.5, 212)[np.newaxis])
    _constant(folder / "genderage.onnx", "data", (1, 3, 96, 96), np.array([[0.1, 0.9, 0.31]]))
    _embedder(folder / "w600k_r50.onnx")
    return folder


def inswapper(path: Path, half: float = 0.5) -> Path:
    """target (1, 3, 128, 128) and source (1, 512) -> output (1, 3, 128, 128); emap is last of all."""
    colour = np.zeros((512, 3), np.float32)
    colour[:3, :3] = np.eye(3)
    tensors = {
        "colour": colour,
        "half": np.array(half, np.float32),
        "shape": np.array([1, 3, 1, 1], np.int64),
        "emap": np.eye(512, dtype=np.float32),
    }
    nodes = [
        helper.make_node("MatMul", ["source", "colour"], ["tint"]),
        helper.make_node("Abs", ["tint"], ["bright"]),
        helper.make_node("Reshape", ["bright", "shape"], ["spread"]),
        helper.make_node("Mul", ["target", "half"], ["dim"]),
        helper.make_node("Mul", ["spread", "half"], ["share"]),
        helper.make_node("Add", ["dim", "share"], ["output"]),
    ]
    inputs = [_value("target", (1, 3, 128, 128)), _value("source", (1, 512))]
    _save(path, nodes, inputs, [_value("output", (1, 3, 128, 128))], tensors)
    return path


def _detector(path: Path) -> None:
    """SCRFD with three strides: scores, boxes and key points; only one anchor is sure of anything."""
    outputs, nodes, tensors = [], [], {}
    made: list[tuple[str, np.ndarray]] = []
    for part, width in (("score", 1), ("bbox", 4), ("kps", 10)):
        for stride in STRIDES:
            cells = DETECTOR // stride
            values = np.zeros((cells * cells * ANCHORS, width), np.float32)
            if stride == 32:
                row = (cells // 2 * cells + cells // 2) * ANCHORS
                x = y = cells // 2 * stride
                left, top, right, bottom = BOX
                told = {
                    "score": [0.98],
                    "bbox": np.array([x - left, y - top, right - x, bottom - y]) / stride,
                    "kps": ((KEYPOINTS - [x, y]) / stride).ravel(),
                }
                values[row] = told[part]
            made.append((f"{part}_{stride}", values))
    for name, values in made:
        tensors[f"{name}_value"] = values
        nodes.append(helper.make_node("Add", [f"{name}_value", "nothing"], [name]))
        outputs.append(_value(name, values.shape))
    nodes[:0] = [
        helper.make_node("ReduceMean", ["input.1"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
    ]
    tensors["zero"] = np.array(0, np.float32)
    _save(path, nodes, [_value("input.1", (1, 3, "?", "?"))], outputs, tensors)


def _embedder(path: Path) -> None:
    """The mean colour of the aligned face, repeated: different faces get different embeddings."""
    tensors = {"spread": np.tile(np.eye(3, dtype=np.float32), (1, 171))[:, :512]}
    nodes = [
        helper.make_node("ReduceMean", ["input.1"], ["mean"], axes=[2, 3], keepdims=0),
        helper.make_node("MatMul", ["mean", "spread"], ["683"]),
    ]
    _save(path, nodes, [_value("input.1", (1, 3, 112, 112))], [_value("683", (1, 512))], tensors, opset=11)


def _constant(path: Path, name: str, shape: tuple[int, ...], values: np.ndarray) -> None:
    tensors = {"value": values.astype(np.float32), "zero": np.array(0, np.float32)}
    nodes = [
        helper.make_node("ReduceMean", [name], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
        helper.make_node("Add", ["value", "nothing"], ["fc1"]),
    ]
    _save(path, nodes, [_value(name, shape)], [_value("fc1", values.shape)], tensors)


def _landmarks_68() -> np.ndarray:
    """3309 numbers: 1103 points, of which the last 68 are read; a curved sheet, so that a pose exists."""
    points = np.zeros((1103, 3), np.float32)
    index = np.arange(68)
    points[-68:, 0] = (index % 9) / 9 - 0.45
    points[-68:, 1] = (index // 9) / 9 - 0.4
    points[-68:, 2] = 0.2 * np.cos(index)
    return points.reshape(1, -1)


def _value(name: str, shape: tuple[int | str, ...]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _save(path: Path, nodes, inputs, outputs, tensors, opset: int = 11) -> None:  # type: ignore[no-untyped-def]
    initial = [numpy_helper.from_array(value, name) for name, value in tensors.items()]
    graph = helper.make_graph(nodes, path.stem, inputs, outputs, initial)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
