"""Nearest documents: one matrix for the encoder, one inverted file for the jamo n-grams."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml_core.text.features import SparseRows


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


@dataclass(frozen=True)
class Postings:
    """Inverted file: column c occurs in ``documents[indptr[c]:indptr[c + 1]]`` with ``values``."""

    indptr: NDArray[np.int64]
    documents: NDArray[np.int32]
    values: NDArray[np.float32]
    count: int

    @classmethod
    def build(cls, rows: SparseRows) -> Postings:
        """Transpose sparse document rows."""
        count = len(rows.indptr) - 1
        documents = np.repeat(np.arange(count, dtype=np.int32), np.diff(rows.indptr))
        order = np.argsort(rows.indices, kind="stable")
        sizes = np.bincount(rows.indices, minlength=rows.width)
        indptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        return cls(indptr, documents[order], rows.values[order], count)

    def similarities(self, columns: NDArray[np.int64], values: NDArray[np.float32]) -> NDArray[np.float32]:
        """(count,) inner products of a sparse query with every document."""
        if not len(columns):
            return np.zeros(self.count, np.float32)
        starts, ends = self.indptr[columns], self.indptr[columns + 1]
        sizes = ends - starts
        total = int(sizes.sum())
        # Row numbers of all postings touched, without a Python loop over the columns.
        offsets = np.repeat(starts - np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes)
        touched = offsets + np.arange(total)
        weights = self.values[touched] * np.repeat(values, sizes)
        return np.bincount(self.documents[touched], weights, minlength=self.count).astype(np.float32)


def owner_starts(owners: NDArray[np.int64]) -> NDArray[np.int64]:
    """First position of each owner in a sorted array of owners 0..T-1, none missing. Raises ValueError."""
    starts = np.searchsorted(owners, np.arange(int(owners[-1]) + 1))
    if np.any(np.diff(owners) < 0) or np.any(owners[starts] != np.arange(len(starts))):
        raise ValueError("owners must be sorted and none may be missing")
    return starts.astype(np.int64)


def held_out_best(
    similarities: NDArray[np.float32], starts: NDArray[np.int64], folds: NDArray[np.int64]
) -> NDArray[np.float32]:
    """(N, T) best similarity per owner, where documents of the same fold (>= 0) do not see each other."""
    hidden = (folds[:, None] == folds[None, :]) & (folds[:, None] >= 0)
    np.fill_diagonal(hidden, True)
    result: NDArray[np.float32] = np.maximum.reduceat(np.where(hidden, 0, similarities), starts, axis=1)
    return result
