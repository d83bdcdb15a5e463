"""Training of the emotion classifier from KOTE and GoEmotions-Korean.

Both sets give several labels to a text; mapped to our emotions (emotions.toml) they are a distribution, and
the classifier is a softmax regression to it. GoEmotions-Korean is machine translated, so its rows count less.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from ml_core.text.emotions import EMOTIONS_DIR, MODEL_FILE, Emotion, hashed, read_emotions
from ml_core.text.features import raw_features
from ml_core.text.lexicon import Lexicon
from ml_core.text.normalise import normalise
from ml_core.training.sentence.card import emotions_card
from ml_core.training.sentence.sources import Shelf

BUCKETS = 1 << 14
_WEIGHTS = {"kote": 1.0, "goemotions": 0.3}
_RIDGE = 0.1
"""Of 1/3 and 1/10 the better for the search, judged by held-out messages of the catalog."""
_ITERATIONS = 50
_HELD_OUT = 5
"""One row in so many is kept out for the measures, then everything is trained again."""


@dataclass(frozen=True)
class Rows:
    """Texts with any of our emotions. targets: (N, E) float64, rows sum to 1; source: name of the set."""

    texts: list[str]
    targets: NDArray[np.float64]
    sources: NDArray[np.str_]

    @property
    def weights(self) -> NDArray[np.float64]:
        """(N,) how much each row counts."""
        return np.array([_WEIGHTS[source] for source in self.sources])


def training_rows(shelf: Shelf, emotions: Sequence[Emotion]) -> Rows:
    """KOTE and GoEmotions-Korean in our emotions; rows whose labels are none of ours are left out.

    Raises OSError when a file is missing, ValueError for an emotion's label that the set does not have.
    """
    named = shelf.goemotion_labels()
    columns = {
        "kote": [emotion.kote for emotion in emotions],
        "goemotions": [tuple(named.index(label) for label in emotion.goemotions) for emotion in emotions],
    }
    texts: list[str] = []
    targets, sources = [], []
    for source, (count, rows) in shelf.emotions().items():
        belongs = np.zeros((count, len(emotions)))
        for column, labels in enumerate(columns[source]):
            belongs[list(labels), column] = 1.0
        for row in rows:
            counts = belongs[list(row.labels)].sum(axis=0)
            if counts.any():
                texts.append(row.text)
                targets.append(counts / counts.sum())
                sources.append(source)
    return Rows(texts, np.array(targets), np.array(sources))


def train_emotions(data_dir: Path, out_dir: Path, *, seed: int = 0) -> dict[str, Any]:
    """Write model.safetensors, model.json and README.md; returns held-out measures. Deterministic."""
    emotions = read_emotions(EMOTIONS_DIR)
    rows = training_rows(Shelf(data_dir), emotions)
    features = _matrix(rows.texts)
    held = np.random.default_rng(seed).permutation(len(rows.texts)) % _HELD_OUT == 0
    weights, bias = _fit(features[~held], rows.targets[~held], rows.weights[~held])
    measures: dict[str, Any] = {"rows": len(rows.texts), "emotions": len(emotions)}
    for source in _WEIGHTS:
        chosen = held & (rows.sources == source)
        measures |= _measures(source, features[chosen] @ weights + bias, rows.targets[chosen])
    weights, bias = _fit(features, rows.targets, rows.weights)
    out_dir.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, NDArray[np.generic]] = {
        "weights": weights.astype(np.float16),
        "bias": bias.astype(np.float32),
    }
    save_file(arrays, out_dir / MODEL_FILE)
    (out_dir / MODEL_FILE).chmod(0o644)  # safetensors writes 0600
    (out_dir / "model.json").write_text(json.dumps(measures, indent=2) + "\n", encoding="utf-8")
    (out_dir / "README.md").write_text(emotions_card(measures), encoding="utf-8")
    return measures


def _matrix(texts: Sequence[str]) -> Any:
    """(N, BUCKETS) sparse hashed features."""
    from scipy import sparse  # noqa: PLC0415 - training only

    lexicon = Lexicon.load()
    parts = [hashed(raw_features(normalise(text, lexicon), lexicon.polarity), BUCKETS) for text in texts]
    indptr = np.cumsum([0, *(len(buckets) for buckets, _ in parts)])
    columns = np.concatenate([buckets for buckets, _ in parts])
    values = np.concatenate([values for _, values in parts])
    return sparse.csr_matrix((values, columns, indptr), shape=(len(texts), BUCKETS))


def _fit(
    features: Any, targets: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(BUCKETS, E) weights and (E,) bias of a softmax regression with a ridge, by L-BFGS."""
    from scipy.optimize import minimize  # noqa: PLC0415 - training only

    emotions = targets.shape[1]
    split = features.shape[1] * emotions
    transposed = features.T.tocsr()
    total = weights.sum()

    def loss(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        matrix, bias = values[:split].reshape(-1, emotions), values[split:]
        logs = _log_softmax(features @ matrix + bias)
        error = weights[:, None] * (np.exp(logs) - targets)
        gradient = transposed @ error + _RIDGE * matrix
        value = -float(np.sum(weights[:, None] * targets * logs)) + _RIDGE * float(np.sum(matrix**2)) / 2
        return value / total, np.concatenate([gradient.ravel(), error.sum(axis=0)]) / total

    found = minimize(
        loss, np.zeros(split + emotions), jac=True, method="L-BFGS-B", options={"maxiter": _ITERATIONS}
    ).x
    return found[:split].reshape(-1, emotions), found[split:]


def _measures(source: str, logits: NDArray[np.float64], targets: NDArray[np.float64]) -> dict[str, float]:
    """Cross-entropy, and how often the strongest emotion is one that the annotators named.

    ``usual``: the same for who always answers with the set's own average.
    """
    average = np.broadcast_to(targets.mean(axis=0), targets.shape)
    rows = np.arange(len(targets))
    return {
        f"{source}_cross_entropy": round(-float((targets * _log_softmax(logits)).sum(axis=1).mean()), 3),
        f"{source}_cross_entropy_usual": round(
            -float((targets * np.log(np.maximum(average, 1e-9))).sum(axis=1).mean()), 3
        ),
        f"{source}_strongest_named": round(float((targets[rows, logits.argmax(axis=1)] > 0).mean()), 3),
        f"{source}_strongest_named_usual": round(
            float((targets[rows, average.argmax(axis=1)] > 0).mean()), 3
        ),
    }


def _log_softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    shifted = logits - logits.max(axis=1, keepdims=True)
    result: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result
