"""Callers that each wait for an answer before they ask again (a closed loop), and what they saw."""

from __future__ import annotations

import itertools
import resource
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Seen:
    """items_per_s over the whole run; latencies of single calls; cpu_ms: of this process, per item."""

    items_per_s: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float


def closed_loop(call: Callable[[Any], Any], items: Sequence[Any], *, callers: int, calls: int) -> Seen:
    """``callers`` threads make ``calls`` calls in all. Whatever a call raises is raised here."""
    numbers = itertools.count()
    taken: list[float] = []
    failures: list[BaseException] = []
    begin = threading.Barrier(callers + 1)

    def work() -> None:
        begin.wait()
        while (number := next(numbers)) < calls and not failures:
            asked = time.perf_counter()
            try:
                call(items[number % len(items)])
            except BaseException as error:  # noqa: BLE001 - a thread's failure is the measurement's
                failures.append(error)
            taken.append(time.perf_counter() - asked)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(callers)]
    for thread in threads:
        thread.start()
    begin.wait()
    began, cpu = time.perf_counter(), cpu_seconds()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - began
    if failures:
        raise failures[0]
    return _seen(taken, elapsed, cpu_seconds() - cpu)


def in_a_row(call: Callable[[Any], Any], batches: Sequence[Sequence[Any]]) -> Seen:
    """No service, no waiting: batch after batch from one thread. Latencies are those of whole batches."""
    taken = []
    cpu = cpu_seconds()
    for batch in batches:
        asked = time.perf_counter()
        call(batch)
        taken.append(time.perf_counter() - asked)
    count = sum(len(batch) for batch in batches)
    seen = _seen(taken, sum(taken), cpu_seconds() - cpu)
    return Seen(count / sum(taken), seen.p50_ms, seen.p99_ms, seen.cpu_ms * len(taken) / count)


def cpu_seconds() -> float:
    """User and system time of this process, all threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _seen(taken: list[float], elapsed: float, cpu: float) -> Seen:
    p50, p99 = np.percentile(np.array(taken) * 1000, [50, 99])
    return Seen(len(taken) / elapsed, float(p50), float(p99), cpu * 1000 / len(taken))
