"""Speed and memory of finding a template (matmul, loop, warm latency, first answer), and of moderation."""

from __future__ import annotations

import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from emotoon.bench.measuring.fresh import FreshProcess
from emotoon.catalog.search import texts_of_files
from emotoon.core.errors import InvalidInput
from emotoon.ml import encoder_choice, search_index_version
from emotoon.ml.refusals import for_operators

SEARCHING = "emotoon.bench.measuring.searching"
SENTENCE = "생일 축하해!!"
DIMENSION = 128
"""Of the shipped encoder."""
BARS = {"matmul_ms": 10.0, "p99_ms": 5.0, "cold_answer_s": 1.5, "memory_mb": 150.0, "moderation_p99_ms": 3.0}


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--labels", type=int, default=100_000, help="rows of the label matrix")
    parser.add_argument("--looped", type=int, default=10_000, help="rows of the per-label loop")
    parser.add_argument("--sentences", type=int, default=500, help="messages searched for the latency")
    parser.add_argument("--runs", type=int, default=30, help="repetitions of the matmul")


def run(options: dict[str, Any]) -> dict[str, Any]:
    """On one core. Uses the index in place, or builds one in a temporary folder when there is none."""
    labels, looped = options["labels"], options["looped"]
    if not 100 <= looped <= labels or options["sentences"] < 1 or options["runs"] < 1:
        raise InvalidInput("bench_options", "Use 100 <= looped <= labels, and at least one run.")
    with TemporaryDirectory() as temporary:
        index = {"folder": str(_index_folder(Path(temporary))), "encoder": encoder_choice().source}
        began = time.perf_counter()
        with FreshProcess(SEARCHING, one_core=True) as process:
            cold = process.call("first_answer", **index, sentence=SENTENCE)
            whole = time.perf_counter() - began
            warm = process.call("latency", **index, sentences=_sentences(options["sentences"]))
            judged = process.call("moderation", sentences=_sentences(options["sentences"]))
        with FreshProcess(SEARCHING, one_core=True) as process:
            speed = process.call(
                "matmul_and_loop", labels=labels, dimension=DIMENSION, runs=options["runs"], looped=looped
            )
    found = {
        "matmul_ms": speed["matmul"],
        "p99_ms": warm["p99"],
        "cold_answer_s": cold["seconds"],
        "memory_mb": cold["memory_mb"],
        "moderation_p99_ms": judged["p99"],
    }
    return {
        "labels": labels,
        "dimension": DIMENSION,
        "matmul_ms": round(speed["matmul"], 3),
        "matmul_median_ms": round(speed["matmul_median"], 3),
        "looped_labels": looped,
        "loop_ms": round(speed["loop"], 2),
        "loop_ratio": round(speed["loop"] / speed["matmul_looped"], 1),
        "latency_ms": {name: round(value, 3) for name, value in warm.items()},
        "moderation_ms": {name: round(value, 3) for name, value in judged.items()},
        "cold_answer_s": round(cold["seconds"], 3),
        "cold_process_s": round(whole, 3),
        "memory_mb": round(cold["memory_mb"], 1),
        "index": {"templates": cold["templates"], "labels": cold["labels"]},
        "ok": {name: found[name] <= bar for name, bar in BARS.items()},
        "load": [round(load, 1) for load in os.getloadavg()],
    }


def _index_folder(temporary: Path) -> Path:
    if search_index_version() is not None:
        return Path(settings.SEARCH_INDEX_DIR)
    from ml_core.text.encoder import load_encoder
    from ml_core.text.search import SearchIndex

    with for_operators():
        SearchIndex.build(texts_of_files(), load_encoder(encoder_choice().source)).save(temporary)
    return temporary


def _sentences(count: int) -> list[str]:
    """Messages of the catalog, spread over all templates."""
    messages = [message for text in texts_of_files() for message in text.messages]
    return [messages[i * len(messages) // count % len(messages)] for i in range(count)]
