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
SURE = 0.7
"""From here the first template is picked by itself."""
LIKELY = 0.45
"""From here three templates are shown; below, the person is asked."""
ACCEPTED_ANYWAY = 0.35
"""Share of near misses that a person accepts: catalog messages belong to one template, but a message can
be acted out in several ways. Set on the development queries, whose writer listed all acceptable ones."""
ACCEPTED_AT_MOST = 0.97
"""People type what no catalog has; no answer is surer than this. Set on the same queries."""
_PRIOR_PRECISION = 0.02
_STEPS = 60
_TOLERANCE = 1e-6
_FLOOR = 1e-12


@dataclass(frozen=True)
class Fusion:
    """weights: one for each signal, in the order of ``names``."""

    names: tuple[str, ...]
    weights: tuple[float, ...]

    def without(self, name: str) -> Fusion:
        """The same with the weight of one signal at 0. Raises ValueError for a name it does not have."""
        if name not in self.names:
            raise ValueError(f"there is no signal {name}; there are {', '.join(self.names)}")
        weights = tuple(
            0.0 if own == name else weight for own, weight in zip(self.names, self.weights, strict=True)
        )
        return Fusion(self.names, weights)

    def contributions(self, signals: NDArray[np.float32]) -> NDArray[np.float32]:
        """(T, S) weighted signals; their sum over S is the logit."""
        result: NDArray[np.float32] = signals * np.array(self.weights, np.float32)
        return result

    def probabilities(self, signals: NDArray[np.float32]) -> NDArray[np.float64]:
        """(T, S) signals -> (T,) probabilities that sum to 1."""
        return softmax(self.contributions(signals).sum(axis=1).astype(np.float64))


def fit_fusion(names: tuple[str, ...], signals: NDArray[np.float32], owners: NDArray[np.int64]) -> Fusion:
    """Maximum likelihood with weights of at least 0. signals: (N, T, S) held-out; owners: (N,).

    A signal that would count against its template only says what another says already: it is left out and
    the others are fitted again. Deterministic.
    """
    cube = signals.astype(np.float64)
    used = list(range(len(names)))
    while True:
        fitted = _newton(cube[:, :, used], owners)
        if fitted.min() >= 0 or len(used) == 1:
            break
        del used[int(fitted.argmin())]
    weights = np.zeros(len(names))
    weights[used] = np.maximum(fitted, 0.0)
    return Fusion(names, tuple(float(weight) for weight in weights))


def _newton(cube: NDArray[np.float64], owners: NDArray[np.int64]) -> NDArray[np.float64]:
    weights: NDArray[np.float64] = np.ones(cube.shape[2])
    chosen = cube[np.arange(len(owners)), owners]
    prior = np.eye(len(weights)) * _PRIOR_PRECISION
    for _ in range(_STEPS):
        probabilities = softmax(cube @ weights)
        mean = np.einsum("nt,nts->ns", probabilities, cube)
        gradient = (chosen - mean).sum(axis=0) - _PRIOR_PRECISION * weights
        second = np.einsum("nt,nts,ntr->sr", probabilities, cube, cube, optimize=True) - mean.T @ mean
        step = np.linalg.solve(second + prior, gradient)
        weights = weights + step
        if np.abs(step).max() < _TOLERANCE:
            break
    return weights


def acceptability(probabilities: NDArray[np.float64], families: NDArray[np.int64]) -> NDArray[np.float64]:
    """(T,) chance that a person accepts a template, from the chance that it is the one meant.

    families: (T,) the same number for a base template and its refinements. A family's chance goes to its
    best member, the others keep their proportion to it; and part of what is not the one meant is accepted
    all the same, the more the closer it is to the best. Values do not sum to 1.
    """
    totals = np.bincount(families, probabilities)
    best = np.zeros(len(totals))
    np.maximum.at(best, families, probabilities)
    shared = totals[families] * probabilities / np.maximum(best[families], _FLOOR)
    closeness = shared / max(float(shared.max()), _FLOOR)
    result: NDArray[np.float64] = ACCEPTED_AT_MOST * (shared + ACCEPTED_ANYWAY * (1.0 - shared) * closeness)
    return result


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Along the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result: NDArray[np.float64] = powers / np.maximum(powers.sum(axis=-1, keepdims=True), _FLOOR)
    return result


def confidence_of(accepted: NDArray[np.float64]) -> Confidence:
    """From ``acceptability``. ``sure``: pick the first; ``likely``: show three; ``unsure``: ask."""
    first = float(accepted.max())
    if first >= SURE:
        return "sure"
    return "likely" if first >= LIKELY else "unsure"
