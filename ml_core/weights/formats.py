"""Whether a file is of the form that its name promises: for weights without a published hash."""

from __future__ import annotations

import json
from pathlib import Path, PurePath
from typing import BinaryIO

from ml_core.errors import WeightsUnavailable
from ml_core.weights.pickles import NotTensors, check_torch_file

TORCH_SUFFIXES = (".pt", ".pth", ".bin", ".ckpt")
_MAX_HEADER_BYTES = 100_000_000
"""The limit of the safetensors format itself."""
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_ONNX_GRAPH = 7
"""Number of the field ``graph`` in onnx.proto's ModelProto."""


def check_format(path: Path, name: str = "") -> None:
    """Reads headers and pickles only: damaged numbers pass. ``name``: whose form is expected, if not its own.

    Raises WeightsUnavailable: ``weights_corrupt`` (not of that form, or damaged), ``weights_unsafe`` (a
    pickle with more than tensors in it).
    """
    name = name or str(path)
    suffix = PurePath(name).suffix
    try:
        if path.stat().st_size == 0:
            raise ValueError("it is empty")
        if suffix in TORCH_SUFFIXES:
            check_torch_file(path)
        elif suffix == ".safetensors":
            _check_safetensors(path)
        elif suffix == ".onnx":
            _check_onnx(path)
        elif suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"))
    except NotTensors as error:
        raise WeightsUnavailable(
            "weights_unsafe",
            f"{name} is refused: {error}. Convert it to safetensors where it was made.",
            path=name,
            reason=str(error),
        ) from error
    except (ValueError, OSError, LookupError, TypeError, OverflowError) as error:
        raise WeightsUnavailable(
            "weights_corrupt",
            f"{name} is damaged or of another kind: {error}.",
            path=name,
            why="form",
            reason=str(error),
        ) from error


def _check_safetensors(path: Path) -> None:
    """Eight bytes of length, a JSON header, and tensors that end where the file ends."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if not 2 <= length <= min(_MAX_HEADER_BYTES, size - 8):
            raise ValueError("there is no safetensors header")
        header = json.loads(stream.read(length))
    if not isinstance(header, dict):
        raise ValueError("the header is not an object")
    ends = [row["data_offsets"][1] for name, row in header.items() if name != "__metadata__"]
    if not ends or 8 + length + max(ends) != size:
        raise ValueError("the tensors do not end where the file ends")


def _check_onnx(path: Path) -> None:
    """Walks the outermost protobuf fields; a model has a graph, and the last field ends with the file."""
    size = path.stat().st_size
    graph = False
    with path.open("rb") as stream:
        while stream.tell() < size:
            key = _varint(stream)
            number, wire = key >> 3, key & 7
            if wire == _VARINT:
                _varint(stream)
            elif wire in {_FIXED64, _FIXED32}:
                stream.seek(8 if wire == _FIXED64 else 4, 1)
            elif wire == _BYTES:
                stream.seek(_varint(stream), 1)
                graph = graph or number == _ONNX_GRAPH
            else:
                raise ValueError("it is not an ONNX model")
        if not graph or stream.tell() != size:
            raise ValueError("it is not a whole ONNX model")


def _varint(stream: BinaryIO) -> int:
    value = 0
    for shift in range(0, 70, 7):
        byte = stream.read(1)
        if not byte:
            break
        value |= (byte[0] & 0x7F) << shift
        if not byte[0] & 0x80:
            return value
    raise ValueError("it is not an ONNX model")
