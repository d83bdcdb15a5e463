"""Whether an answer holds numbers only: NaN from a network is a failure, not a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def is_finite(value: Any) -> bool:
    """No NaN or infinity in any array, tensor or float of ``value``, containers and dataclasses included."""
    if isinstance(value, np.ndarray | np.generic | float):
        return not np.issubdtype(np.asarray(value).dtype, np.inexact) or bool(np.isfinite(value).all())
    if hasattr(value, "is_floating_point") and hasattr(value, "isfinite"):  # torch, without importing it
        return not value.is_floating_point() or bool(value.isfinite().all())
    if isinstance(value, Mapping):
        return all(is_finite(part) for part in value.values())
    if isinstance(value, list | tuple):
        return all(is_finite(part) for part in value)
    if is_dataclass(value):
        return all(is_finite(getattr(value, part.name)) for part in fields(value))
    return True
