"""How well the search and the encoder do, with intervals: what docs/quality.md reports."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml_core.text.encoder import Encoder
from ml_core.text.lexicon import Lexicon
from ml_core.text.search import SearchIndex, encode_documents

_BOOTSTRAP_ROUNDS = 2000
_BINS = 10
_SEED = 20260101
_RANKS = (1, 3, 5)


@dataclass(frozen=True)
class _Answer:
    """One judged query: rank of the first accepted base id (1 = best), confidence in the first hit."""

    text: str
    accept: tuple[str, ...]
    found: tuple[str, ...]
    rank: int
    probability: float
    milliseconds: float


def evaluate(index: SearchIndex, queries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Judge ``[{"text": str, "accept": [ids]}]``.

    Refined templates count as the base they cover. Returns ``n``, ``top1``, ``top3``, ``top5``, ``mrr``
    (fractions, each with a 95 % bootstrap interval in ``intervals``), ``ece`` (expected calibration error
    of the first hit, Guo et al. 2017, 10 bins), ``latency_ms`` {p50, p99}, ``confidence`` counts, ``misses``.
    """
    if not queries:
        raise ValueError("no queries to evaluate")
    base = {template.id: template.covers or template.id for template in index.templates}
    answers: list[_Answer] = []
    confidences: dict[str, int] = {}
    index.search(str(queries[0]["text"]))
    for query in queries:
        answer, confidence = _judge(index, base, str(query["text"]), tuple(query["accept"]))
        answers.append(answer)
        confidences[confidence] = confidences.get(confidence, 0) + 1
    ranks = np.array([answer.rank for answer in answers], np.float64)
    measures = {f"top{limit}": (ranks <= limit).astype(np.float64) for limit in _RANKS}
    measures["mrr"] = 1.0 / ranks
    times = np.array([answer.milliseconds for answer in answers])
    return {
        "n": len(answers),
        **{name: float(values.mean()) for name, values in measures.items()},
        "intervals": {name: _interval(values) for name, values in measures.items()},
        "ece": calibration_error(
            np.array([answer.probability for answer in answers]), (ranks == 1).astype(np.float64)
        ),
        "latency_ms": {"p50": float(np.percentile(times, 50)), "p99": float(np.percentile(times, 99))},
        "confidence": confidences,
        "misses": [
            {
                "text": a.text,
                "accept": list(a.accept),
                "found": list(a.found),
                "probability": round(a.probability, 3),
            }
            for a in answers
            if a.rank != 1
        ],
    }


def _judge(
    index: SearchIndex, base: Mapping[str, str], text: str, accept: tuple[str, ...]
) -> tuple[_Answer, str]:
    started = time.perf_counter()
    result = index.search(text)
    elapsed = (time.perf_counter() - started) * 1000
    everything = index.search(text, len(index.templates))
    found = list(dict.fromkeys(base[hit.template_id] for hit in everything.hits))
    wanted = {base.get(name, name) for name in accept}
    rank = next((place for place, name in enumerate(found, 1) if name in wanted), len(found) + 1)
    probability = everything.hits[0].probability
    return _Answer(text, accept, tuple(found[:3]), rank, probability, elapsed), result.confidence


def _interval(values: NDArray[np.float64]) -> tuple[float, float]:
    generator = np.random.default_rng(_SEED)
    picks = generator.integers(0, len(values), (_BOOTSTRAP_ROUNDS, len(values)))
    low, high = np.percentile(values[picks].mean(axis=1), (2.5, 97.5))
    return float(low), float(high)


def calibration_error(probabilities: NDArray[np.float64], correct: NDArray[np.float64]) -> float:
    """Expected calibration error with ten equal-width bins; both arrays (N,), probabilities in 0..1."""
    bins = np.minimum((probabilities * _BINS).astype(int), _BINS - 1)
    total = 0.0
    for number in range(_BINS):
        inside = bins == number
        if inside.any():
            total += float(inside.mean()) * abs(float(probabilities[inside].mean() - correct[inside].mean()))
    return total


def evaluate_sts(encoder: Encoder, path: Path) -> dict[str, float | int]:
    """Spearman correlation (fraction) of cosine similarity with the scores of a KorSTS file.

    The file is tab separated with a header naming ``score``, ``sentence1`` and ``sentence2``. Raises
    ValueError when a column is missing.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    header = lines[0].split("\t")
    columns = [header.index(name) for name in ("score", "sentence1", "sentence2")]
    rows = [line.split("\t") for line in lines[1:] if line]
    lexicon = Lexicon.load()
    first, second = (
        encode_documents(encoder, [row[column] for row in rows], lexicon) for column in columns[1:]
    )
    gold = np.array([float(row[columns[0]]) for row in rows])
    return {"spearman": _spearman((first * second).sum(axis=1).astype(np.float64), gold), "n": len(rows)}


def _spearman(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    return float(np.corrcoef(_ranks(first), _ranks(second))[0, 1])


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Average ranks, ties shared."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: NDArray[np.float64] = (ends - (counts - 1) / 2.0)[inverse]
    return ranks
