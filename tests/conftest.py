"""Shared ground of the tests: an isolated var/ folder, so that no test touches the developer's data."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

# Before Django reads its settings: every test process writes into a folder of its own.
_VAR = Path(tempfile.mkdtemp(prefix="emotoon-tests-"))
if "EMOTOON_VAR" not in os.environ or "PYTEST_XDIST_WORKER" in os.environ:
    os.environ["EMOTOON_VAR"] = str(
        _VAR
    )  # a worker inherits its parent's: two would count each other's files
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Compiled kernels are shared between runs, or every run would compile them again.
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(__file__).parent.parent / "var" / "numba"))


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(_VAR, ignore_errors=True)


def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings
    from django.utils.translation import trans_real

    from emotoon.core.translations import translations_compile

    translations_compile()
    # pytest-django has set Django up already: forget what it read before the files were compiled.
    trans_real._translations = {}
    trans_real._default = None
    # The real hasher is slow on purpose; tests make hundreds of people.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="module")
def site_var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A var/ folder with everything the site needs, for tests that start real processes."""
    from tests.site import prepared_var

    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    return prepared_var(shared, tmp_path_factory.mktemp("site") / "var")
