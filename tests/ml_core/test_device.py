from __future__ import annotations

import os
import subprocess
import sys

import pytest

from ml_core import device
from ml_core.device import TOLERANCES, ExecutionPlan, ThreadPlan, choose_device, default_plan, usable_cores
from ml_core.errors import DeviceMissing


def test_a_cpu_is_chosen_without_loading_torch():
    script = (
        "import sys; from ml_core.device import choose_device, ThreadPlan; "
        "assert choose_device('cpu') == 'cpu'; ThreadPlan.for_process(1).apply(); "
        "assert not {'torch', 'cv2', 'numba'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize(("before", "heaps"), [("", 2), ("device.share_one_heap();", 1)])
def test_a_thread_allocates_from_the_main_heap(before, heaps):
    script = (
        "import ctypes, threading; from ml_core import device; "
        f"{before} thread = threading.Thread(target=lambda: bytes(100_000)); thread.start(); thread.join(); "
        "ctypes.CDLL(None).malloc_stats()"
    )
    environment = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"}
    seen = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, env=environment
    )
    assert seen.stderr.count("Arena ") == heaps


def test_cuda_that_is_not_there_is_refused_with_words(monkeypatch):
    monkeypatch.setattr(device, "_driver_present", lambda: False)
    assert choose_device("auto") == "cpu"
    with pytest.raises(DeviceMissing, match="EMOTOON_DEVICE=cuda") as caught:
        choose_device("cuda")
    assert caught.value.code == "no_gpu"


def test_batches_are_padded_to_powers_of_two_only_where_shapes_are_compiled():
    graphs = ExecutionPlan(compilation="cuda_graphs")
    assert [graphs.batch_shape(n) for n in (1, 2, 3, 5, 8, 9)] == [1, 2, 4, 8, 8, 16]
    assert [ExecutionPlan().batch_shape(n) for n in (1, 3, 9)] == [1, 3, 9]


def test_half_precision_on_a_gpu_only_and_its_tolerance_is_stated():
    assert default_plan("cpu").precision == "fp32"
    assert default_plan("cuda").channels_last
    assert default_plan("cuda").tolerance == TOLERANCES["fp16"]


def test_threads_are_set_where_libraries_are_loaded():
    script = (
        "import cv2, torch; from ml_core.device import ThreadPlan; ThreadPlan.for_process(1).apply(); "
        "assert (cv2.getNumThreads(), torch.get_num_threads()) == (1, 1)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_alone_a_process_takes_every_core_it_may_use():
    assert ThreadPlan.for_process().threads == usable_cores()
    assert ThreadPlan.for_process(3).threads == 3
