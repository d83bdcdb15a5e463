from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan

import numpy as np
import pytest

from ml_core.service.finiteness import is_finite


@dataclass(frozen=True)
class Drawing:
    pixels: np.ndarray
    name: str = "me"


GOOD = [
    1,
    1.5,
    "nan",
    None,
    b"x",
    np.zeros(3, np.uint8),
    np.array(["nan"]),
    Drawing(np.ones(2)),
    (),
    {},
    True,
]
BAD = [
    nan,
    -inf,
    np.float32("nan"),
    np.array([1.0, nan]),
    np.array([1, inf], np.float16),
    np.array([1 + 1j * nan]),
    [0.0, nan],
    (1, {"deep": [np.full((2, 2), nan)]}),
    Drawing(np.array([nan])),
]


@pytest.mark.parametrize("value", GOOD, ids=repr)
def test_numbers_pass(value):
    assert is_finite(value)


@pytest.mark.parametrize("value", BAD, ids=repr)
def test_nan_and_infinity_are_found_anywhere(value):
    assert not is_finite(value)


@pytest.mark.torch
def test_tensors():
    import torch

    assert is_finite(torch.ones(2, dtype=torch.int64))
    assert is_finite([torch.ones(2)])
    assert not is_finite([torch.tensor([1.0, nan], dtype=torch.bfloat16)])
