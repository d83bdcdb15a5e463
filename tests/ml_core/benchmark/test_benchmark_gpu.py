"""The measurement runs on a CPU with tiny networks, and refuses clearly where no GPU is."""

from __future__ import annotations

import pytest
import torch

from ml_core.benchmark.floor import Floor, gflop_of
from ml_core.benchmark.forms import channels_last, fitting_chunk, in_chunks
from ml_core.benchmark.gpu import measure
from ml_core.benchmark.networks import Subject
from ml_core.errors import DeviceMissing

pytestmark = pytest.mark.torch


def test_every_row_stands_beside_its_floor():
    report = measure("cpu", tiny=True, only=("stylegan2", "animegan2"))
    assert [row["network"] for row in report["rows"]] == ["stylegan2_64", "animegan2_64"]
    for row in report["rows"]:
        assert row["images_per_s"] == pytest.approx(1000 / row["best_ms"])
        assert row["floor_ms"] > 0
        assert row["gflop_per_item"] > 0
    assert report["floor"]["gbytes"] > 0


def test_every_form_is_held_against_eager_float32():
    (row,) = measure("cpu", tiny=True, only=("animegan2",))["rows"]
    assert [form["form"] for form in row["forms"]] == [
        "eager fp32, channels last",
        "eager bf16, channels last",
    ]
    assert row["failed_forms"] == {}
    for form in row["forms"]:
        assert form["within_tolerance"] == (form["deviation"] <= form["tolerance"])
    assert row["forms"][0]["deviation"] < 1e-5 < row["forms"][1]["deviation"]


def test_weights_of_both_ranks_become_channels_last():
    layers = torch.nn.Sequential(torch.nn.Conv2d(4, 4, 3), torch.nn.Conv3d(4, 4, 3))
    channels_last(layers)
    assert layers[0].weight.is_contiguous(memory_format=torch.channels_last)
    assert layers[1].weight.is_contiguous(memory_format=torch.channels_last_3d)


class _Small(torch.nn.Module):
    """Has memory for three items a call."""

    def forward(self, x):
        if len(x) > 3:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return x


def test_a_batch_that_does_not_fit_is_taken_in_halves():
    said: list[str] = []
    subject = Subject("x", "items", _Small(), (torch.zeros(16, 1),), 16)
    assert fitting_chunk(subject, said.append) == 2
    assert said == [
        "x: out of memory, 8 at a time",
        "x: out of memory, 4 at a time",
        "x: out of memory, 2 at a time",
    ]
    assert [len(part) for part in in_chunks(_Small(), (torch.zeros(5, 1),), 2)] == [2, 2, 1]


def test_without_a_gpu_it_says_so():
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    with pytest.raises(DeviceMissing, match="no CUDA device"):
        measure("cuda")


def test_the_floor_is_the_slower_of_arithmetic_and_memory():
    floor = Floor("x", "float16", tflops=100.0, tflops_fp32=50.0, gbytes=1000.0)
    assert floor.milliseconds(gflop=200.0, mbytes=1.0) == 2.0
    assert floor.milliseconds(gflop=1.0, mbytes=5000.0) == 5.0


def test_flops_are_twice_the_multiply_adds():
    layer = torch.nn.Linear(100, 50, bias=False)
    assert gflop_of(lambda: layer(torch.zeros(3, 100))) == pytest.approx(2 * 3 * 100 * 50 / 1e9)
