"""Nearest documents: all vectors in one matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class LabelMatrix:
    """All document vectors in one array, grouped by owner, so that a search is one matmul.

    vectors: (M, D) float32 unit rows sorted by owner; starts: (T,) first row of each owner (every owner
    has at least one row).
    """

    vectors: NDArray[np.float32]
    starts: NDArray[np.int64]

    @classmethod
    def build(cls, vectors: NDArray[np.float32], owners: NDArray[np.int64]) -> LabelMatrix:
        """``owners`` (M,) must be sorted and take every value from 0 up. Raises ValueError."""
        return cls(np.ascontiguousarray(vectors, np.float32), owner_starts(owners))

    def similarities(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """(M,) cosine similarities of a unit (D,) query."""
        result: NDArray[np.float32] = self.vectors @ query
        return result

    def best(self, query: NDArray[np.float32]) -> NDArray[np.float32]:
        """(T,) the highest similarity of each owner."""
        result: NDArray[np.float32] = np.maximum.reduceat(self.similarities(query), self.starts)
        return result


def owner_starts(owners: NDArray[np.int64]) -> NDArray[np.int64]:
    """First position of each owner in a sorted array of owners 0..T-1, none missing. Raises ValueError."""
    starts = np.searchsorted(owners, np.arange(int(owners[-1]) + 1))
    if np.any(np.diff(owners) < 0) or np.any(owners[starts] != np.arange(len(starts))):
        raise ValueError("owners must be sorted and none may be missing")
    return starts.astype(np.int64)


def held_out_best(
    similarities: NDArray[np.float32], owners: NDArray[np.int64], held: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """(H, T) best similarity per owner of the ``held`` documents (rows) to all others (N, N symmetric)."""
    seen = ~held
    result: NDArray[np.float32] = np.maximum.reduceat(
        similarities[np.ix_(held, seen)], owner_starts(owners[seen]), axis=1
    )
    return result
