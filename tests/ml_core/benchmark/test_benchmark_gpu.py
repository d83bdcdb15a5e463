"""The measurement runs on a CPU with tiny networks, and refuses clearly where no GPU is."""

from __future__ import annotations

import pytest
import torch

from ml_core.benchmark.floor import Floor, gflop_of
from ml_core.benchmark.gpu import measure
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
