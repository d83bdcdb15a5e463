from __future__ import annotations

import argparse
import collections
import contextlib
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from ml_core.errors import WeightsUnavailable
from ml_core.weights import check_format
from ml_core.weights.pickles import HARMLESS_GLOBALS, TENSOR_GLOBALS

ROOT = Path(__file__).parents[3]


class Bomb:
    """Unpickling it makes a file."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self):
        return Path.touch, (self.trace,)


def refusal(path: Path) -> WeightsUnavailable:
    with pytest.raises(WeightsUnavailable) as caught:
        check_format(path)
    return caught.value


def test_safetensors(tmp_path):
    path = tmp_path / "a.safetensors"
    save_file({"w": np.zeros((3, 4), np.float32)}, path)
    check_format(path)
    whole = path.read_bytes()
    for damaged in (whole[:-1], whole + b"0", b"PK" + whole, whole[:9], b""):
        path.write_bytes(damaged)
        assert refusal(path).code == "weights_corrupt"


def test_onnx(tmp_path):
    onnx = pytest.importorskip("onnx")
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Identity", ["x"], ["y"])],
        "g",
        [onnx.helper.make_tensor_value_info("x", 1, [1])],
        [onnx.helper.make_tensor_value_info("y", 1, [1])],
    )
    path = tmp_path / "a.onnx"
    onnx.save(onnx.helper.make_model(graph), path)
    check_format(path)
    whole = path.read_bytes()
    for damaged in (whole[:-1], whole + b"\xff", b"<!doctype html><html>", whole[:4], b"PK\x03\x04" + whole):
        path.write_bytes(damaged)
        assert refusal(path).code == "weights_corrupt"


def test_json(tmp_path):
    path = tmp_path / "config.json"
    path.write_text('{"a": 1}')
    check_format(path)
    path.write_text("<html>not found</html>")
    assert refusal(path).code == "weights_corrupt"


def test_a_pickle_with_code_is_refused_and_not_run(tmp_path):
    trace = tmp_path / "trace"
    path = tmp_path / "a.pth"
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        path.write_bytes(pickle.dumps({"state_dict": Bomb(trace)}, protocol))
        assert refusal(path).code in {"weights_unsafe", "weights_corrupt"}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({"state_dict": Bomb(trace)}, 2))
    error = refusal(path)
    assert error.code == "weights_unsafe"
    assert "safetensors" in str(error)
    assert not trace.exists()


def test_a_pickle_of_plain_values_is_not_a_torch_file(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(pickle.dumps({"a": 1}, 2))
    assert refusal(path).code == "weights_unsafe"
    path.write_bytes(b"<html>")
    assert refusal(path).code == "weights_corrupt"


def test_a_damaged_archive(tmp_path):
    path = tmp_path / "a.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "no weights")
    assert refusal(path).code == "weights_corrupt"
    path.write_bytes(path.read_bytes()[:-10])
    assert "ends early" in str(refusal(path))


@pytest.mark.torch
@pytest.mark.parametrize("zipped", [True, False])
def test_what_torch_writes_passes_unread(tmp_path, zipped):
    torch = pytest.importorskip("torch")
    path = tmp_path / "a.pth"
    content = {
        "g_ema": collections.OrderedDict(w=torch.zeros(3, 4), half=torch.zeros(2, dtype=torch.float16)),
        "parameter": torch.nn.Parameter(torch.ones(2)),
        "args": argparse.Namespace(size=256, names=["a"], rate=0.5, flag=True),
        "step": 123456789012,
        "optimizer": {
            "state": {0: {"step": torch.tensor(3)}},
            "param_groups": [{"lr": 1e-3, "betas": (0.9, 0.999)}],
        },
    }
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    check_format(path)
    with torch.serialization.safe_globals([argparse.Namespace]):
        assert torch.load(path, weights_only=True)["step"] == 123456789012


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_a_scripted_archive_is_code(tmp_path):
    torch = pytest.importorskip("torch")
    path = tmp_path / "a.pt"
    torch.jit.save(torch.jit.trace(torch.nn.Linear(2, 2), torch.zeros(1, 2)), path)
    assert "TorchScript" in str(refusal(path))


@pytest.mark.torch
def test_nothing_passes_that_torch_would_refuse():
    pytest.importorskip("torch")
    from torch._weights_only_unpickler import _get_allowed_globals

    from ml_core.torch_weights import HARMLESS

    allowed = set(_get_allowed_globals())
    assert {name.replace(" ", ".") for name in TENSOR_GLOBALS} <= allowed
    assert {name.replace(" ", ".") for name in HARMLESS_GLOBALS} == {
        f"{kind.__module__}.{kind.__qualname__}" for kind in HARMLESS
    }


@pytest.mark.torch
def test_any_damage_is_either_unseen_or_said(tmp_path):
    """Flipped, cut and repeated bytes of real files: nothing but the typed refusal comes out."""
    torch, onnx = pytest.importorskip("torch"), pytest.importorskip("onnx")
    save_file({"w": np.zeros((3, 4), np.float32)}, tmp_path / "a.safetensors")
    torch.save({"w": torch.zeros(4)}, tmp_path / "a.pth")
    torch.save({"w": torch.zeros(4)}, tmp_path / "b.pth", _use_new_zipfile_serialization=False)
    graph = onnx.helper.make_graph([], "g", [], [])
    onnx.save(onnx.helper.make_model(graph), tmp_path / "a.onnx")
    random = np.random.default_rng(7)
    unseen = 0
    for path in sorted(tmp_path.iterdir()):
        whole = path.read_bytes()
        for _ in range(150):
            damaged = bytearray(whole)
            for at in random.integers(0, len(whole), 3):
                damaged[at] = random.integers(0, 256)
            path.write_bytes(damaged[: random.integers(1, len(whole) + 1)] * random.integers(1, 3))
            with contextlib.suppress(WeightsUnavailable):
                check_format(path)
                unseen += 1
    assert unseen < 300


def test_checking_imports_no_torch():
    program = "import sys, ml_core.weights; assert not {'torch', 'onnx', 'requests'} & set(sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
