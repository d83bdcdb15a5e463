"""What one search costs; called in fresh processes on one core by ``bench search``."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotoon.bench.measuring.fresh import memory_mb

SEED = 7
LABELS_PER_TEMPLATE = 100


def first_answer(folder: str, encoder: str, sentence: str) -> dict[str, Any]:
    """Import, load and answer once. memory_mb: what that added to a process that has numpy already."""
    before = memory_mb("VmRSS")
    began = time.perf_counter()
    from ml_core.text.encoder import load_encoder
    from ml_core.text.search import SearchIndex

    index = SearchIndex.load(Path(folder), load_encoder(encoder))
    best = index.search(sentence).hits[0]
    return {
        "seconds": time.perf_counter() - began,
        "memory_mb": memory_mb() - before,
        "found": best.template_id,
        "labels": len(index.documents),
        "templates": len(index.templates),
    }


def latency(folder: str, encoder: str, sentences: list[str]) -> dict[str, float]:
    """Milliseconds of whole searches, from typed text to explained hits; cpu_: of CPU time alone."""
    from ml_core.text.encoder import load_encoder
    from ml_core.text.search import SearchIndex

    index = SearchIndex.load(Path(folder), load_encoder(encoder))
    index.search(sentences[0])
    return _spread(index.search, sentences)


def moderation(sentences: list[str]) -> dict[str, float]:
    """Milliseconds to judge one sentence, rules and classifier together; cpu_: of CPU time alone."""
    from ml_core.text.moderation import Moderator

    moderator = Moderator.load()
    moderator.check(sentences[0])
    return _spread(moderator.check, sentences)


def matmul_and_loop(labels: int, dimension: int, runs: int, looped: int) -> dict[str, float]:
    """Milliseconds to the best label of every template, over ``labels`` random unit rows.

    matmul: ours. loop: one cosine per label, as the comparable project does it with a library call, here
    with numpy, over ``looped`` of the labels; matmul_looped: ours over as many.
    """
    from ml_core.text.matching import LabelMatrix

    random = np.random.default_rng(SEED)
    rows = random.standard_normal((labels, dimension), dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    owners = np.arange(labels) // LABELS_PER_TEMPLATE
    query = rows[labels // 2].copy()
    whole, part = LabelMatrix.build(rows, owners), LabelMatrix.build(rows[:looped], owners[:looped])
    times = [_milliseconds(lambda: whole.best(query)) for _ in range(runs)]
    return {
        "matmul": min(times),
        "matmul_median": float(np.median(times)),
        "matmul_looped": min(_milliseconds(lambda: part.best(query)) for _ in range(runs)),
        "loop": min(_milliseconds(lambda: _looped(rows[:looped], query)) for _ in range(min(runs, 3))),
    }


def _spread(work: Callable[[str], object], sentences: list[str]) -> dict[str, float]:
    times, cpu = [], []
    for sentence in sentences:
        since = time.process_time()
        times.append(_milliseconds(lambda: work(sentence)))  # noqa: B023 - called at once
        cpu.append(1000 * (time.process_time() - since))
    p50, p99 = (float(value) for value in np.percentile(times, (50, 99)))
    cpu_p50, cpu_p99 = (float(value) for value in np.percentile(cpu, (50, 99)))
    return {"p50": p50, "p99": p99, "cpu_p50": cpu_p50, "cpu_p99": cpu_p99}


def _looped(rows: NDArray[np.float32], query: NDArray[np.float32]) -> float:
    best = -1.0
    for row in rows:
        cosine = float(np.dot(row, query) / (np.linalg.norm(row) * np.linalg.norm(query)))
        best = max(best, cosine)
    return best


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)
