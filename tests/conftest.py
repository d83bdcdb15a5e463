"""Shared ground of the tests; ``var_folder`` comes before it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


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


@pytest.fixture(autouse=True)
def korean_first() -> Iterator[None]:
    """Every test starts in the site's own language, whatever the test before it asked for."""
    from django.conf import settings
    from django.utils import translation

    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture(scope="module")
def site_var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A var/ folder with everything the site needs, for tests that start real processes."""
    from tests.site import prepared_var

    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    return prepared_var(shared, tmp_path_factory.mktemp("site") / "var")
