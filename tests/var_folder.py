"""A var/ folder of its own for every test process, so that no test touches the developer's data or another's.

Loaded with ``-p``: pytest-django reads the settings before any conftest.py is imported. A worker of
pytest-xdist inherits its parent's environment, so it sets its folder again.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

_VAR = Path(tempfile.mkdtemp(prefix="emotoon-tests-"))
if "EMOTOON_VAR" not in os.environ or "PYTEST_XDIST_WORKER" in os.environ:
    os.environ["EMOTOON_VAR"] = str(_VAR)
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Compiled kernels are shared between runs, or every run would compile them again.
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(__file__).parent.parent / "var" / "numba"))


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(_VAR, ignore_errors=True)
