"""First vectors of the pieces, from how they occur together.

Positive pointwise mutual information with context smoothing 0.75 in a window of five, reduced by a
truncated SVD with the square root of the singular values (Levy, Goldberg, Dagan 2015, "Improving
Distributional Similarity", sections 3 and 7), each vector weighted by smooth inverse frequency (Arora,
Liang, Ma 2017, equation 1), so that the plain mean of a sentence is already a fair sentence vector.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

WINDOW = 5
_CONTEXT_SMOOTHING = 0.75
_FREQUENCY_SMOOTHING = 1e-3
_POWER_ITERATIONS = 3
_TINY = 1e-6


def cooccurrence_vectors(
    sentences: Sequence[Sequence[int]], pieces: int, dimension: int, seed: int
) -> NDArray[np.float32]:
    """(pieces, dimension) float32 from sentences of piece ids; id 0 (unknown) is ignored. Deterministic."""
    from scipy import sparse  # noqa: PLC0415 - training only
    from sklearn.utils.extmath import randomized_svd  # noqa: PLC0415

    barrier = [-1] * WINDOW  # no pair reaches over the end of a sentence
    stream = np.concatenate([np.array([*sentence, *barrier], np.int64) for sentence in sentences])
    counts = sparse.csr_matrix((pieces, pieces), dtype=np.float32)
    for distance in range(1, WINDOW + 1):
        first, second = stream[:-distance], stream[distance:]
        both = (first > 0) & (second > 0)
        weights = np.full(int(both.sum()), distance**-0.5, np.float32)
        counts = counts + sparse.coo_matrix((weights, (first[both], second[both])), (pieces, pieces)).tocsr()
    pairs = (counts + counts.T).tocoo()
    totals = np.bincount(pairs.row, pairs.data, pieces)
    context = totals**_CONTEXT_SMOOTHING
    context /= context.sum()
    information = np.log(pairs.data / (totals[pairs.row] * context[pairs.col]))
    positive = information > 0
    matrix = sparse.csr_matrix(
        (information[positive].astype(np.float32), (pairs.row[positive], pairs.col[positive])),
        (pieces, pieces),
    )
    left, strengths, _ = randomized_svd(matrix, dimension, n_iter=_POWER_ITERATIONS, random_state=seed)
    vectors = left * np.sqrt(strengths)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + _TINY
    known = stream[stream > 0]
    share = np.bincount(known, minlength=pieces) / len(known)
    result: NDArray[np.float32] = (
        vectors * (_FREQUENCY_SMOOTHING / (_FREQUENCY_SMOOTHING + share))[:, None]
    ).astype(np.float32)
    return result
