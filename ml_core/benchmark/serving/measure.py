"""Measures the service against no batching, against LitServe, and against its own network without a service.

Every contestant has the same network, batch limit, window and number of torch threads. Runs that are
compared are interleaved, and CPU time stands beside the clock: on a busy machine only that is to be trusted.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from ml_core.benchmark.serving.litserve import Refused, has_litserve, serving
from ml_core.benchmark.serving.load import Seen, closed_loop, in_a_row
from ml_core.benchmark.serving.subjects import (
    LIMIT,
    MeshItems,
    Network,
    motion_batches,
    motion_operation,
    pictures,
    poisoned,
)
from ml_core.device import choose_device
from ml_core.errors import MlError
from ml_core.service import GpuService, Operation, single
from ml_core.torch_batches import TorchBatches

CROWD = 32
"""Callers at whom the bar is measured."""
BARS = {"ratio_to_ideal": 0.95, "overhead_ms": 1.0}
POISONED_AMONG = 64
ECHOES = 2000


@dataclass(frozen=True)
class Extent:
    """How much is measured. rounds: repetitions of the pair that the bar is about."""

    callers: tuple[int, ...] = (1, 8, CROWD, 128)
    batches: int = 12
    rounds: int = 5
    mesh_calls: int = 1000

    def calls(self, callers: int, limit: int) -> int:
        """A whole number of batches, and at least three for every caller."""
        least = max(3 * callers, self.batches * min(callers, limit))
        return -(-least // limit) * limit


TINY = Extent(callers=(1, 4), batches=1, rounds=1, mesh_calls=20)


def measure(
    *,
    device: str = "cpu",
    threads: int = 1,
    extent: Extent | None = None,
    litserve_python: str = "",
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """threads: of torch, for every contestant; 1 leaves the other cores of a small machine to the callers."""
    extent = extent or Extent()
    torch.set_num_threads(threads)
    network = motion_batches(choose_device("cuda" if device == "cuda" else "cpu"))
    network(pictures(LIMIT))
    crowd = min(CROWD, max(extent.callers))
    say(f"against back-to-back batches, {crowd} callers")
    against_ideal = _against_ideal(network, crowd, extent)
    say("one by one")
    overhead = _overhead(network, extent)
    rows = []
    for callers in extent.callers:
        say(f"{callers} callers")
        rows.append(_row(network, callers, extent))
    say("a poisoned item")
    report: dict[str, Any] = {
        "network": "LivePortrait motion extractor, 64 px, random weights",
        "device": device,
        "torch_threads": threads,
        "batch_limit": LIMIT,
        **against_ideal,
        **overhead,
        "rows": rows,
        "poisoned": _poisoned(network),
        "unbatched_mesh": _mesh(extent, crowd),
    }
    say("LitServe")
    report["litserve"] = _litserve(litserve_python, extent, threads)
    report["ok"] = {
        "ratio_to_ideal": report["ratio_to_ideal"] >= BARS["ratio_to_ideal"],
        "overhead_ms": report["overhead_ms"] < BARS["overhead_ms"],
        "poisoned": report["poisoned"]["answered"] == POISONED_AMONG - 1,
    }
    return report


class _Metered:
    """A network that counts the CPU time of the thread it runs in."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.seconds = 0.0

    def __call__(self, items: Sequence[Any]) -> Sequence[Any]:
        began = time.thread_time()
        answers = self._network(items)
        self.seconds += time.thread_time() - began
        return answers


@contextmanager
def _served(operation: Operation) -> Iterator[GpuService]:
    service = GpuService({"work": operation})
    service.start()
    try:
        yield service
    finally:
        service.stop()


def _through(service: GpuService) -> Callable[[Any], Any]:
    return lambda item: service.submit("work", item).result()


def _against_ideal(network: TorchBatches, callers: int, extent: Extent) -> dict[str, Any]:
    """The service with a crowd beside full batches without a service; medians of interleaved pairs.

    cpu_in_network: how much of the process's CPU time the network had, the rest being the service and its
    callers. busy_share: how much of the time the owner worked. Both hold on a busy machine, too.
    """
    calls = extent.calls(callers, LIMIT)
    metered = _Metered(network)
    items = pictures(LIMIT)
    pairs: list[tuple[Seen, Seen]] = []
    with _served(motion_operation(metered, LIMIT)) as service:
        for _ in range(extent.rounds):
            ideal = in_a_row(network, [items] * (calls // LIMIT))
            served = closed_loop(_through(service), items, callers=callers, calls=calls)
            pairs.append((ideal, served))
        status = service.status().operations["work"]
    return {
        "cpu_in_network": metered.seconds / sum(served.cpu_ms * calls / 1000 for _, served in pairs),
        "busy_share": status.busy_s / sum(calls / served.items_per_s for _, served in pairs),
        "ratio_to_ideal": _median(served.items_per_s / ideal.items_per_s for ideal, served in pairs),
        "cpu_ratio_to_ideal": _median(ideal.cpu_ms / served.cpu_ms for ideal, served in pairs),
        "ideal_items_per_s": _median(ideal.items_per_s for ideal, _ in pairs),
        "batches_at_the_crowd": dict(status.batches),
    }


def _overhead(network: TorchBatches, extent: Extent) -> dict[str, float]:
    """What the way through the service adds for somebody who is alone."""
    with _served(single(lambda item, report: item)) as service:
        call = _through(service)
        call(0)
        taken = []
        for number in range(ECHOES):
            asked = time.perf_counter()
            call(number)
            taken.append((time.perf_counter() - asked) * 1000)
    p50, p99 = np.percentile(taken, [50, 99])
    (picture,) = pictures(1)
    differences = []
    with _served(motion_operation(network, LIMIT)) as service:
        call = _through(service)
        for _ in range(5 * extent.batches):
            times = []
            for work in (lambda: network([picture]), lambda: call(picture)):
                asked = time.perf_counter()
                work()
                times.append((time.perf_counter() - asked) * 1000)
            differences.append(times[1] - times[0])
    return {
        "overhead_ms": float(p50),
        "overhead_p99_ms": float(p99),
        "overhead_with_network_ms": _median(differences),
    }


def _row(network: TorchBatches, callers: int, extent: Extent) -> dict[str, Any]:
    items = pictures(LIMIT)
    calls = extent.calls(callers, LIMIT)
    row: dict[str, Any] = {"callers": callers}
    for name, limit in (("service", LIMIT), ("no_batching", 1)):
        with _served(motion_operation(network, limit)) as service:
            row[name] = asdict(closed_loop(_through(service), items, callers=callers, calls=calls))
    row["gain"] = row["service"]["items_per_s"] / row["no_batching"]["items_per_s"]
    return row


def _poisoned(network: TorchBatches) -> dict[str, Any]:
    """64 callers at once, one with an item that breaks every batch it is in."""
    items = pictures(POISONED_AMONG)
    clean = np.concatenate([network(items[start : start + LIMIT]) for start in range(0, len(items), LIMIT)])
    items[POISONED_AMONG // 2] = poisoned()
    with _served(motion_operation(network, LIMIT)) as service:
        tickets = [service.submit("work", item) for item in items]
        answers: dict[int, Any] = {}
        failures: dict[int, str] = {}
        for number, ticket in enumerate(tickets):
            try:
                answers[number] = ticket.result()
            except (MlError, RuntimeError) as error:
                failures[number] = f"{type(error).__name__}: {str(error)[:80]}"
        status = service.status().operations["work"]
    largest = max(float(np.abs(answer - clean[number]).max()) for number, answer in answers.items())
    return {
        "items": POISONED_AMONG,
        "answered": len(answers),
        "failed": len(failures),
        "largest_difference": largest,
        "repeated_runs": status.retries,
    }


def _mesh(extent: Extent, callers: int) -> dict[str, float]:
    """The default engine's face mesh, which takes items singly, with a crowd and without a service."""
    mesh = MeshItems()
    mesh(mesh.picture)
    direct = in_a_row(lambda batch: mesh(batch[0]), [[mesh.picture]] * extent.mesh_calls)
    with _served(single(lambda picture, report: mesh(picture))) as service:
        served = closed_loop(_through(service), [mesh.picture], callers=callers, calls=extent.mesh_calls)
    return {
        "direct_ms": direct.p50_ms,
        "ratio_to_direct": served.items_per_s / direct.items_per_s,
        "cpu_ratio_to_direct": direct.cpu_ms / served.cpu_ms,
    }


def _litserve(python: str, extent: Extent, threads: int) -> dict[str, Any]:
    """The same rows and the same poisoned item through LitServe, or why it was skipped."""
    if not python or not has_litserve(python):
        return {"skipped": "LitServe is not installed; name an interpreter that has it with --litserve"}
    items = pictures(LIMIT)
    rows = []
    with serving(python, limit=LIMIT, threads=threads) as client:
        closed_loop(client, items, callers=4, calls=LIMIT)
        for callers in extent.callers:
            calls = extent.calls(callers, LIMIT)
            seen = closed_loop(client, items, callers=callers, calls=calls)
            row = asdict(seen)
            del row["cpu_ms"]  # the work is done in another process
            rows.append({"callers": callers, **row})
        failed: list[str] = []

        def patient(item: Any) -> None:
            try:
                client(item)
            except Refused as refusal:
                failed.append(str(refusal))

        sick = pictures(POISONED_AMONG)
        sick[POISONED_AMONG // 2] = poisoned()
        closed_loop(patient, sick, callers=POISONED_AMONG, calls=POISONED_AMONG)
    return {"rows": rows, "poisoned": {"items": POISONED_AMONG, "failed": len(failed)}}


def _median(values: Iterator[float] | Sequence[float]) -> float:
    return statistics.median(values)
