"""Functions of ours called in a fresh process, so that imports, caches and memory count from nothing.

One JSON line in, one JSON line out; the process stays warm between calls until it is closed.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from emotoon.core.errors import InvalidInput
from ml_core.errors import MlError

ROOT = Path(__file__).parents[3]


class FreshProcess:
    """``with FreshProcess("emotoon.bench.measuring.stages") as process: process.call("from_photo", ...)``."""

    def __init__(self, module: str, *, folder: Path = ROOT, one_core: bool = False) -> None:
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        if one_core:
            environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, module],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, function: str, **arguments: Any) -> None:
        """Start a call without waiting for it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"function": function, "arguments": arguments}) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """What the last ``ask`` gave. Raises InvalidInput when ml_core refused the input."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(
                f"the measured process ended with {self._process.wait()}; see its output above"
            )
        answer: dict[str, Any] = json.loads(line)
        if "refused" in answer:
            raise InvalidInput(answer["refused"], answer["message"])
        return answer

    def call(self, function: str, **arguments: Any) -> dict[str, Any]:
        self.ask(function, **arguments)
        return self.answer()

    def __enter__(self) -> FreshProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._process.kill()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def memory_mb(field: str = "VmHWM") -> float:
    """Of this process, from /proc: VmHWM is the peak, VmRSS the present.

    getrusage() would count the peak of the parent too, whose memory a child shares until it starts Python.
    """
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"/proc/self/status has no {field}")


def main(name: str) -> None:
    """Answer calls to the functions of a module until standard input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print must not look like an answer
    module = importlib.import_module(name)
    for line in sys.stdin:
        call = json.loads(line)
        try:
            answer = getattr(module, call["function"])(**call["arguments"])
        except MlError as error:
            answer = {"refused": error.code, "message": str(error)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(sys.argv[1])
