"""From signals to probabilities: a conditional logit whose few weights are fitted on held-out scores.

P(template | message) = softmax over templates of the weighted sum of its signals (McFadden 1974). The
weights are shared by all templates, so a new template needs no fitting of its own, and because they are
fitted on scores of messages whose fold was left out, the probabilities are those of unseen messages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Confidence = Literal["sure", "likely", "unsure"]
SURE_PROBABILITY = 0.6
"""From here the first template is picked by itself."""
LIKELY_PROBABILITY = 0.22
LIKELY_MASS = 0.5
"""Three templates are shown when one of them is the right one more often than not."""
_PRIOR_PRECISION = 0.02
_STEPS = 60
_TOLERANCE = 1e-6
_FLOOR = 1e-12


@dataclass(frozen=True)
class Fusion:
    """weights: one for each signal, in the order of ``names``."""

    names: tuple[str, ...]
    weights: tuple[float, ...]

    def contributions(self, signals: NDArray[np.float32]) -> NDArray[np.float32]:
        """(T, S) weighted signals; their sum over S is the logit."""
        result: NDArray[np.float32] = signals * np.array(self.weights, np.float32)
        return result

    def probabilities(self, signals: NDArray[np.float32]) -> NDArray[np.float64]:
        """(T, S) signals -> (T,) probabilities that sum to 1."""
        return softmax(self.contributions(signals).sum(axis=1).astype(np.float64))


def fit_fusion(names: tuple[str, ...], signals: NDArray[np.float32], owners: NDArray[np.int64]) -> Fusion:
    """Maximum likelihood by Newton's method. signals: (N, T, S) held-out; owners: (N,). Deterministic."""
    cube = signals.astype(np.float64)
    weights = np.ones(cube.shape[2])
    chosen = cube[np.arange(len(owners)), owners]
    for _ in range(_STEPS):
        logits = cube @ weights
        probabilities = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        mean = np.einsum("nt,nts->ns", probabilities, cube)
        gradient = (chosen - mean).mean(axis=0) - _PRIOR_PRECISION * weights / len(owners)
        second = np.einsum("nt,nts,ntr->sr", probabilities, cube, cube) - mean.T @ mean
        curvature = second / len(owners) + np.eye(len(weights)) * _PRIOR_PRECISION / len(owners)
        step = np.linalg.solve(curvature, gradient)
        weights = weights + step
        if np.abs(step).max() < _TOLERANCE:
            break
    return Fusion(names, tuple(float(weight) for weight in weights))


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Along the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result: NDArray[np.float64] = powers / np.maximum(powers.sum(axis=-1, keepdims=True), _FLOOR)
    return result


def confidence_of(probabilities: NDArray[np.float64]) -> Confidence:
    """``sure``: pick the first; ``likely``: show three; ``unsure``: ask."""
    best = np.sort(probabilities)[::-1][:3]
    if best[0] >= SURE_PROBABILITY:
        return "sure"
    return "likely" if best[0] >= LIKELY_PROBABILITY and best.sum() >= LIKELY_MASS else "unsure"
