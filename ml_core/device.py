"""Where networks run and how: the device, the precision and form of execution, the threads of a CPU.

Importing this loads nothing heavy, and nothing here acts before it is called.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ml_core.errors import DeviceMissing

DeviceName = Literal["auto", "cpu", "cuda"]
Precision = Literal["fp32", "fp16", "bf16"]
Compilation = Literal["none", "default", "cuda_graphs"]

TOLERANCES: dict[Precision, float] = {"fp32": 1e-5, "fp16": 1e-2, "bf16": 6e-2}
"""Largest allowed difference from eager float32, as a share of the answer's own range (max - min).
A few units of the last place (2**-11 for fp16, 2**-8 for bf16) summed over tens of layers."""


@dataclass(frozen=True)
class ExecutionPlan:
    """How a torch network is executed. float32, eager and contiguous unless told otherwise.

    compilation: ``default`` fuses kernels, ``cuda_graphs`` also replays launches; both pad batches to powers
    of two, so that few shapes are compiled.
    """

    precision: Precision = "fp32"
    channels_last: bool = False
    compilation: Compilation = "none"

    @property
    def tolerance(self) -> float:
        """See TOLERANCES."""
        return TOLERANCES[self.precision]

    def batch_shape(self, items: int) -> int:
        """The batch that is really run for so many items."""
        return items if self.compilation == "none" else 1 << (items - 1).bit_length()


GPU_PLAN = ExecutionPlan("fp16", channels_last=True)
CPU_PLAN = ExecutionPlan()


def default_plan(device: str) -> ExecutionPlan:
    """float16 and channels last on tensor cores; float32 on a CPU, where half precision is emulated."""
    return GPU_PLAN if device == "cuda" else CPU_PLAN


def choose_device(wanted: DeviceName) -> Literal["cpu", "cuda"]:
    """``auto`` takes a CUDA device where torch sees one. torch is imported only where a driver is present.

    Raises DeviceMissing (``no_gpu``) when ``cuda`` is asked for and not there.
    """
    if wanted == "cpu":
        return "cpu"
    if _driver_present() and _torch_sees_cuda():
        return "cuda"
    if wanted == "cuda":
        raise DeviceMissing(
            "no_gpu", "EMOTOON_DEVICE=cuda, but torch sees no CUDA device here; check driver and torch build."
        )
    return "cpu"


def _driver_present() -> bool:
    devices = Path("/dev")
    return any(devices.glob("nvidia[0-9]*")) or (devices / "dxg").exists()  # dxg: WSL


def _torch_sees_cuda() -> bool:
    if importlib.util.find_spec("torch") is None:
        return False
    import torch  # noqa: PLC0415 - seconds to import, needed only beside a GPU

    return torch.cuda.is_available()


def usable_cores() -> int:
    """Cores this process may run on: containers and taskset show fewer than the machine has."""
    return len(os.sched_getaffinity(0))


M_ARENA_MAX = -8
"""glibc's name for the number of heaps (mallopt(3))."""


def share_one_heap() -> bool:
    """Let threads that start from now on allocate from the main heap; False where the C library is not glibc.

    glibc gives every thread a heap of its own, which hands freed pages back to the kernel at once. A network
    that runs in a thread frees its activations after every batch and pays for the same pages again: 2 to 5 %
    of the time on a CPU (``bench service``, ratio_to_ideal). An operator's MALLOC_ARENA_MAX goes before.
    """
    if "MALLOC_ARENA_MAX" in os.environ:
        return True
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    return mallopt is not None and mallopt(M_ARENA_MAX, 1) == 1


@dataclass(frozen=True)
class ThreadPlan:
    """Threads of numerical libraries in this process. MediaPipe's networks and our numba kernels use one."""

    threads: int

    @classmethod
    def for_process(cls, wanted: int = 0) -> ThreadPlan:
        """``wanted`` 0: all usable cores, for a process that has the machine to itself."""
        return cls(wanted or usable_cores())

    def apply(self) -> None:
        """Set what is loaded; called again after a model has loaded another library."""
        cv2, torch = sys.modules.get("cv2"), sys.modules.get("torch")
        if cv2 is not None and cv2.getNumThreads() != self.threads:
            cv2.setNumThreads(self.threads)
        if torch is not None and torch.get_num_threads() != self.threads:
            torch.set_num_threads(self.threads)
