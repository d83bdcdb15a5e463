"""Training of the moderation classifier from public comment data and plenty of harmless chat.

BEEP! alone calls most harmless chat offensive, because news comments are its whole world; harmless rows
from chat teach the model what ordinary talk looks like. Class offsets are then chosen on held-out BEEP!
training rows for macro-F1, and the blocking threshold on held-out harmless chat.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from ml_core.text.corpus import TemplateText
from ml_core.text.moderation import CLASSES
from ml_core.text.moderation.evaluation import macro_f1
from ml_core.text.moderation.features import hashed_features
from ml_core.training.sentence.card import moderation_card
from ml_core.training.sentence.sources import Shelf

BUCKETS = 1 << 17
_INVERSE_RIDGE = 6.0
_ITERATIONS = 60
_FOLDS = 4
"""Offsets and threshold are chosen on rows whose fold was left out, then everything is trained again."""
_BENIGN_BLOCKED = 0.002
"""Share of held-out harmless chat that may be blocked."""
_LOWEST_THRESHOLD = 0.75
_OFFSETS = np.arange(0.0, 1.3, 0.1)
_BEEP_ORDER = {"none": 0, "offensive": 1, "hate": 2}


@dataclass(frozen=True)
class Row:
    """A text, its class (index into CLASSES), its weight in training and where it comes from."""

    text: str
    label: int
    weight: float
    source: str


def training_rows(shelf: Shelf, templates: Sequence[TemplateText]) -> list[Row]:
    """BEEP! training rows at full weight, other comment sets at less, harmless chat and catalog messages."""
    rows = [Row(row[0], _BEEP_ORDER[row[3]], 1.0, "beep") for row in shelf.tsv("beep_train.tsv")]
    for line in shelf.lines("curse2runo.txt"):
        text, _, label = line.rpartition("|")
        if label.strip() in {"0", "1"}:
            rows.append(Row(text, int(label), 0.15, "curse"))
    rows += [Row(row[0], 2 if row[4] == "Spoiled" else 0, 0.3, "apeach") for row in shelf.csv("apeach.csv")]
    chat = dict.fromkeys(text for exchange in shelf.exchanges() for text in exchange)
    rows += [Row(text, 0, 0.4, "chat") for text in chat]
    rows += [Row(text, 0, 1.0, "catalog") for template in templates for text in template.messages]
    return [row for row in rows if row.text.strip() and shelf.keeps(row.text)]


def train_moderator(
    data_dir: Path, templates: Sequence[TemplateText], out_dir: Path, *, seed: int = 0
) -> dict[str, float]:
    """Write model.safetensors and model.json; returns held-out measures. Deterministic, some minutes."""
    rows = training_rows(Shelf(data_dir), templates)
    features = [hashed_features(row.text, BUCKETS) for row in rows]
    folds = np.random.default_rng(seed).permutation(len(rows)) % _FOLDS
    logits = np.zeros((len(rows), len(CLASSES)))
    for fold in range(_FOLDS):
        weights, bias = _fit(rows, features, np.flatnonzero(folds != fold))
        out = np.flatnonzero(folds == fold)
        logits[out] = _logits(features, out, weights, bias)
    labels = np.array([row.label for row in rows])
    beep = np.array([row.source == "beep" for row in rows])
    offset = _best_offset(logits[beep], labels[beep])
    harmless = np.array([row.source in {"chat", "catalog"} for row in rows])
    offence = 1.0 - _softmax(logits[harmless] + offset)[:, 0]
    threshold = max(float(np.quantile(offence, 1.0 - _BENIGN_BLOCKED)), _LOWEST_THRESHOLD)
    weights, bias = _fit(rows, features, np.arange(len(rows)))
    measures = {
        "threshold": round(threshold, 4),
        "held_out_beep_macro_f1": round(macro_f1((logits[beep] + offset).argmax(axis=1), labels[beep]), 4),
        "harmless_rows": float(sum(row.source in {"chat", "catalog"} for row in rows)),
        "rows": float(len(rows)),
    }
    out_dir.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, NDArray[np.generic]] = {
        "weights": weights.astype(np.float16),
        "bias": (bias + offset).astype(np.float32),
    }
    save_file(arrays, out_dir / "model.safetensors")
    (out_dir / "model.safetensors").chmod(0o644)  # safetensors writes 0600
    (out_dir / "model.json").write_text(json.dumps(measures, indent=2) + "\n", encoding="utf-8")
    (out_dir / "README.md").write_text(moderation_card(measures), encoding="utf-8")
    return measures


def _fit(
    rows: Sequence[Row], features: Sequence[NDArray[np.int64]], chosen: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    from scipy import sparse  # noqa: PLC0415 - training only
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    parts = [features[index] for index in chosen]
    lengths = np.array([len(part) for part in parts])
    values = np.repeat(1.0 / np.sqrt(np.maximum(lengths, 1)), lengths)
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    matrix = sparse.csr_matrix((values, np.concatenate(parts), indptr), shape=(len(parts), BUCKETS))
    model = LogisticRegression(C=_INVERSE_RIDGE, max_iter=_ITERATIONS, tol=1e-3)
    model.fit(
        matrix,
        [rows[index].label for index in chosen],
        sample_weight=np.array([rows[index].weight for index in chosen]),
    )
    return model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32)


def _logits(
    features: Sequence[NDArray[np.int64]],
    chosen: NDArray[np.int64],
    weights: NDArray[np.float32],
    bias: NDArray[np.float32],
) -> NDArray[np.float64]:
    rows = [
        weights[features[index]].sum(axis=0) / np.sqrt(max(len(features[index]), 1)) + bias
        for index in chosen
    ]
    return np.array(rows, np.float64)


def _best_offset(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Offsets of offensive and hate that give the best macro-F1 on rows not trained on."""
    candidates = [np.array([0.0, first, second]) for first in _OFFSETS for second in _OFFSETS]
    return max(candidates, key=lambda offset: macro_f1((logits + offset).argmax(axis=1), labels))


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return result
