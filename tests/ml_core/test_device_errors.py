from __future__ import annotations

import subprocess
import sys

import cv2
import pytest

from ml_core.device_errors import is_device_lost, is_out_of_memory
from ml_core.errors import ModelUnavailable


def caused(outer, inner):
    outer.__cause__ = inner
    return outer


LOST = [
    "CUDA error: device-side assert triggered",
    "CUDA error: an illegal memory access was encountered",
    "CUDA error: unspecified launch failure",
    "CUDA error: uncorrectable ECC error encountered",
    "CUDA error: no CUDA-capable device is detected",
    "CUDA error: misaligned address",
]
FULL = [
    "CUDA out of memory. Tried to allocate 2.00 GiB",
    "CUDA error: out of memory",
    "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
    "[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory",
]
NEITHER = [
    "CUDA error: invalid configuration argument",
    "mat1 and mat2 shapes cannot be multiplied (1x3 and 4x5)",
    "size mismatch for conv1.weight",
]


@pytest.mark.parametrize("text", LOST)
def test_a_sticky_error_means_the_device_is_lost(text):
    assert is_device_lost(RuntimeError(text))
    assert not is_out_of_memory(RuntimeError(text))


@pytest.mark.parametrize("text", FULL)
def test_a_full_device_is_not_lost(text):
    assert is_out_of_memory(RuntimeError(text))
    assert not is_device_lost(RuntimeError(text))


@pytest.mark.parametrize("text", NEITHER)
def test_other_errors_are_neither(text):
    assert not is_out_of_memory(RuntimeError(text))
    assert not is_device_lost(RuntimeError(text))


def test_memory_errors_of_python_and_opencv():
    assert is_out_of_memory(MemoryError())
    assert is_out_of_memory(cv2.error("(-4:Insufficient memory) Failed to allocate 400000000000 bytes"))


def test_words_of_a_person_are_not_read():
    sentence = ValueError("no motion named 'CUDA error: device-side assert triggered, out of memory'")
    assert not is_device_lost(sentence)
    assert not is_out_of_memory(sentence)


def test_the_cause_counts():
    wrapped = caused(ModelUnavailable("model_load_failed", "it failed"), RuntimeError(LOST[0]))
    assert is_device_lost(wrapped)
    assert is_out_of_memory(caused(ValueError("it failed"), MemoryError()))


@pytest.mark.torch
def test_torch_s_own_types():
    import torch

    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory."))
    assert is_device_lost(torch.AcceleratorError("CUDA error: something new"))
    assert not is_device_lost(torch.AcceleratorError("CUDA error: invalid argument"))
    assert is_out_of_memory(torch.AcceleratorError("CUDA error: out of memory"))
    with pytest.raises(RuntimeError) as real:
        torch.empty(1 << 60, dtype=torch.uint8)
    assert is_out_of_memory(real.value), real.value


def test_torch_is_not_loaded_to_tell():
    script = (
        "import sys; from ml_core.device_errors import is_device_lost, is_out_of_memory; "
        "assert is_out_of_memory(MemoryError()); "
        "assert is_device_lost(RuntimeError('CUDA error: misaligned address')); "
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
