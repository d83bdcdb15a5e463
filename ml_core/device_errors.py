"""What a failure says about the device: short of memory, or lost for this process.

torch and ONNX Runtime are recognised without importing them: an error of theirs can only exist where
they are loaded already.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

_NO_MEMORY = (
    "out of memory",
    "can't allocate memory",
    "failed to allocate memory",
    "status_alloc_failed",  # cuBLAS and cuDNN
    "insufficient memory",  # OpenCV
    "outofmemoryerror",
)
_LOST = (
    "device-side assert",
    "illegal memory access",
    "misaligned address",
    "illegal instruction",
    "illegal address",
    "invalid program counter",
    "unspecified launch failure",
    "launch timed out",
    "uncorrectable",
    "hardware stack error",
    "device is lost",
    "gpu is lost",
    "fallen off the bus",
    "no cuda-capable device",
    "driver shutting down",
    "context is destroyed",
    "unknown error",
)
_HARMLESS = ("invalid configuration argument", "invalid argument", "invalid device ordinal")
"""CUDA errors of one call that leave the context usable."""
_RUNTIMES = ("onnxruntime", "torch")


def is_out_of_memory(error: BaseException) -> bool:
    """The device or the machine had no room; less at a time may fit."""
    return any(_no_memory(each) for each in _chain(error))


def is_device_lost(error: BaseException) -> bool:
    """No later call in this process can succeed: a sticky CUDA error (CUDA Runtime API, section 6.3)."""
    return any(_lost(each) for each in _chain(error))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it was raised from."""
    while error is not None:
        yield error
        error = error.__cause__


def _no_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError):
        return True
    return _of_runtime(error) and any(text in _text(error) for text in _NO_MEMORY)


def _lost(error: BaseException) -> bool:
    if not _of_runtime(error) or _no_memory(error):
        return False
    text = _text(error)
    if any(sign in text for sign in _LOST) and ("cuda" in text or _is_accelerator(error)):
        return True
    return _is_accelerator(error) and not any(sign in text for sign in _HARMLESS)


def _is_accelerator(error: BaseException) -> bool:
    torch = sys.modules.get("torch")
    accelerator = getattr(torch, "AcceleratorError", None)
    return accelerator is not None and isinstance(error, accelerator)


def _of_runtime(error: BaseException) -> bool:
    """Only what numerical libraries raise is read; a ValueError may quote a person's sentence."""
    module = type(error).__module__
    return (
        isinstance(error, RuntimeError)
        or module.startswith(_RUNTIMES)
        or (module == "cv2" and type(error).__name__ == "error")
    )


def _text(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".lower()
