"""The quick cases of the parity kit; ``python -m tests.parity`` runs all 51."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.parity import check
from tests.parity.adapter import factory

pytestmark = pytest.mark.torch

TOLERANCE = 1e-4
SLOW = {
    "stylegan2": {
        "real_256_config",
        "blend_r32_level0_widthNone",
        "blend_r16_level1_widthNone",
        "discriminator",
    },
    "liveportrait": {"warping", "warping_identity_motion", "spade_generator", "full_chain_image"},
    "animegan2": {"size_256_align"},
    "wav2lip": set(),
}
"""Cases of seconds and gigabytes each; the whole kit runs them."""


@cache
def cases(model: str) -> dict[str, Callable[[], dict[str, Any]]]:
    return dict(check.MODELS[model](factory(model)))


def quick_cases() -> list[tuple[str, str]]:
    return [(model, name) for model in SLOW for name in cases(model) if name not in SLOW[model]]


@pytest.fixture(scope="session", autouse=True)
def _networks_are_freed():
    yield
    cases.cache_clear()


@pytest.mark.parametrize(("model", "case"), quick_cases())
def test_network_answers_as_published(model, case):
    check.REFERENCE.clear()
    check.REFERENCE.update(np.load(Path(check.HERE) / model / "reference.npz"))

    with torch.no_grad():
        got = cases(model)[case]()

    within, _, worst, notes = check.compare(case, got, check.LOOSE.get(case, TOLERANCE))
    assert within, (worst, notes)


def test_there_are_fifty_one_cases():
    assert sum(len(cases(model)) for model in SLOW) == 51
