"""The intent classifier: regularised least squares over sparse and dense features, and its honest scores.

Kernel RLS (Rifkin, Yeo, Poggio 2003, "Regularized Least-Squares Classification") has a closed form, so an
index is rebuilt in seconds, deterministically, and the scores a message would get if its whole fold had been
left out follow from the same inverse (their section 4; Pahikkala et al. 2006 for whole folds).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml_core.text.features import SparseRows

DENSE_WEIGHT = 1.0
"""Weight of the encoder's inner product beside that of the sparse features."""
RIDGE = 1.0
"""Best of 0.3, 1 and 3 on held-out registers of the catalog."""


@dataclass(frozen=True)
class IntentClassifier:
    """Linear scores per template. sparse: (F, T) float32; dense: (D, T) float32."""

    sparse: NDArray[np.float32]
    dense: NDArray[np.float32]

    def scores(
        self, columns: NDArray[np.int64], values: NDArray[np.float32], vector: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """(T,) float32: about 1 for the template meant, about -1 for the others."""
        result: NDArray[np.float32] = values @ self.sparse[columns] + vector @ self.dense
        return result


def train_classifier(
    rows: SparseRows,
    kernel: NDArray[np.float32],
    vectors: NDArray[np.float32],
    owners: NDArray[np.int64],
    folds: NDArray[np.int64],
) -> tuple[IntentClassifier, NDArray[np.float32]]:
    """Fit on all documents; score each document of fold >= 0 as if its fold had been left out.

    kernel: (N, N) float32 inner products of ``rows``; vectors: (N, D) unit rows; owners: (N,) template
    indices; folds: (N,), -1 for documents that are always in training. Returns the classifier and the
    (N, T) held-out scores (zero rows for fold -1).
    """
    count, templates = len(owners), int(owners.max()) + 1
    targets = np.full((count, templates), -1.0, np.float32)
    targets[np.arange(count), owners] = 1.0
    system = kernel + np.float32(DENSE_WEIGHT) * (vectors @ vectors.T)
    system[np.arange(count), np.arange(count)] += np.float32(RIDGE)
    inverse = np.linalg.inv(system)
    dual: NDArray[np.float32] = (inverse @ targets).astype(np.float32)
    held_out = np.zeros_like(targets)
    for fold in range(int(folds.max()) + 1):
        inside = np.flatnonzero(folds == fold)
        if len(inside):
            block = inverse[np.ix_(inside, inside)]
            held_out[inside] = targets[inside] - np.linalg.solve(block, dual[inside])
    dense: NDArray[np.float32] = np.float32(DENSE_WEIGHT) * (vectors.T @ dual)
    return IntentClassifier(rows.transposed_product(dual), dense), held_out
