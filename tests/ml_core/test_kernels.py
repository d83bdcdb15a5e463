"""Compiled loops are read from disk without numba's compiler, and compiled where there is nothing to read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

LOOPS = """
import json, sys
import numpy as np
from ml_core.kernels import kernel

@kernel(nogil=True)
def _squared(value):
    return value * value

@kernel(boundscheck=False, nogil=True)
def total(values):
    found = np.zeros(1, values.dtype)
    for index in range(len(values)):
        found[0] += _squared(values[index])
    return found[0]

told = []
for kind in sys.argv[1:]:
    answer = float(total(np.arange(4, dtype=kind)))
    told.append([answer, sum(total.stats.cache_hits.values()), "scipy.linalg" in sys.modules])
print(json.dumps(told))
"""


def sums(folder: Path, *kinds: str) -> list[list[object]]:
    """A fresh process sums squares: sum, kernels read so far, whether there is the compiler."""
    script = folder / "loops.py"
    script.write_text(LOOPS, encoding="utf-8")
    environment = os.environ | {
        "NUMBA_CACHE_DIR": str(folder / "kept"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    told = subprocess.run(
        [sys.executable, str(script), *kinds], env=environment, check=True, capture_output=True, text=True
    )
    answer: list[list[object]] = json.loads(told.stdout)
    return answer


def test_kept_code_needs_no_compiler_and_new_kinds_of_numbers_do(tmp_path: Path) -> None:
    assert sums(tmp_path, "float32") == [[14.0, 0, True]]
    assert sums(tmp_path, "float32", "int64") == [[14.0, 1, False], [14.0, 1, True]]
