"""GpuService: the one place in a process where models run, fed by a bounded queue.

Many callers submit, one thread owns the device. A full queue refuses at once instead of growing; a
deadline is checked when work is taken out, because work nobody waits for any more is not worth starting.
Progress and cancelling pass through the ticket, so that callers never touch the owner's thread.
"""

from __future__ import annotations

import itertools
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType
from typing import Any

from ml_core.errors import ServiceBusy, ServiceDown

QUEUE_LIMIT = 64
"""Waiting items; at a second each, the last one waits a minute, and more would only time out."""

Report = Callable[[str, int], None]
Operation = Callable[[Any, Report], Any]
"""Takes one item and a ``report(stage, percent)`` that raises ``Cancelled`` when nobody waits any more."""


class Priority(IntEnum):
    INTERACTIVE = 0
    PACK = 1
    BATCH = 2


class Cancelled(Exception):
    """The caller has given the work up; an operation lets this pass through."""


class Ticket:
    """The caller's end of one piece of work."""

    def __init__(self) -> None:
        self._future: Future[Any] = Future()
        self._events: queue.SimpleQueue[tuple[str, int] | None] = queue.SimpleQueue()
        self._cancelled = threading.Event()

    def events(self) -> Iterator[tuple[str, int]]:
        """Stages and percents as they happen; ends when the work has ended."""
        while (event := self._events.get()) is not None:
            yield event

    def result(self, timeout_s: float | None = None) -> Any:
        """What the operation returned; raises what it raised."""
        return self._future.result(timeout_s)

    def cancel(self) -> None:
        """Stop at the next report; work that has not begun never begins."""
        self._cancelled.set()

    def _go_on(self) -> None:
        if self._cancelled.is_set():
            raise Cancelled

    def _report(self, stage: str, percent: int) -> None:
        self._go_on()
        self._events.put((stage, percent))

    def _finish(self, value: Any = None, error: BaseException | None = None) -> None:
        if error is None:
            self._future.set_result(value)
        else:
            self._future.set_exception(error)
        self._events.put(None)


@dataclass(order=True)
class _Work:
    priority: int
    number: int
    operation: str = field(compare=False)
    item: Any = field(compare=False)
    deadline: float | None = field(compare=False)
    submitted: float = field(compare=False)
    ticket: Ticket = field(compare=False)


@dataclass(frozen=True)
class ServiceStatus:
    """A snapshot. Times in seconds, summed over finished items of each operation."""

    running: bool
    waiting: int
    limit: int
    done: int
    failed: int
    expired: int
    wait_s: float
    busy_s: Mapping[str, float]


class GpuService:
    """Started once per process by ``start``; never at import. ``operations``: name -> Operation."""

    def __init__(self, operations: Mapping[str, Operation], *, queue_limit: int = QUEUE_LIMIT) -> None:
        self._operations = dict(operations)
        self._limit = queue_limit
        self._queue: queue.PriorityQueue[_Work] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._room = threading.Semaphore(queue_limit)
        self._accepting = False
        self._owner: threading.Thread | None = None
        self._counts = {"done": 0, "failed": 0, "expired": 0}
        self._wait_s = 0.0
        self._busy_s: dict[str, float] = dict.fromkeys(self._operations, 0.0)

    def start(self) -> None:
        if self._owner is not None:
            raise RuntimeError("the service has already been started")
        self._accepting = True
        self._owner = threading.Thread(target=self._serve, name="gpu-service", daemon=True)
        self._owner.start()

    def submit(
        self,
        operation: str,
        item: Any,
        *,
        priority: Priority = Priority.INTERACTIVE,
        deadline_s: float | None = None,
    ) -> Ticket:
        """Queue one item. ``deadline_s``: seconds after which it is no longer worth starting.

        Raises ServiceBusy (queue_full) at once when the queue is full, ServiceDown after ``stop``.
        """
        if operation not in self._operations:
            raise KeyError(f"no operation {operation!r}; there are {', '.join(self._operations)}")
        if not self._accepting:
            raise ServiceDown("service_down", "The rendering service is stopping; try again in a moment.")
        if not self._room.acquire(blocking=False):
            raise ServiceBusy("queue_full", f"{self._limit} items are waiting; try again in a moment.")
        now = time.monotonic()
        deadline = None if deadline_s is None else now + deadline_s
        ticket = Ticket()
        self._queue.put(_Work(priority, next(self._numbers), operation, item, deadline, now, ticket))
        return ticket

    def stop(self, *, drain: bool = True, timeout_s: float = 30.0) -> None:
        """Accept nothing more. ``drain`` finishes what waits; otherwise it is refused with ServiceDown."""
        self._accepting = False
        if not drain:
            self._refuse_waiting()
        number = next(self._numbers)
        last = _Work(max(Priority) + 1, number, "", None, None, time.monotonic(), Ticket())
        self._queue.put(last)
        if self._owner is not None:
            self._owner.join(timeout_s)

    def status(self) -> ServiceStatus:
        alive = self._owner is not None and self._owner.is_alive()
        return ServiceStatus(
            running=alive and self._accepting,
            waiting=self._queue.qsize(),
            limit=self._limit,
            wait_s=self._wait_s,
            busy_s=MappingProxyType(dict(self._busy_s)),
            **self._counts,
        )

    def _refuse_waiting(self) -> None:
        while True:
            try:
                work = self._queue.get_nowait()
            except queue.Empty:
                return
            self._room.release()
            work.ticket._finish(error=ServiceDown("service_down", "The service is stopping; try again."))

    def _serve(self) -> None:
        while (work := self._queue.get()).operation:
            self._room.release()
            self._wait_s += time.monotonic() - work.submitted
            if work.deadline is not None and time.monotonic() > work.deadline:
                self._counts["expired"] += 1
                late = ServiceBusy("deadline_passed", "It waited too long in the queue; try again.")
                work.ticket._finish(error=late)
            else:
                self._run(work)

    def _run(self, work: _Work) -> None:
        """One bad item costs nobody else anything: whatever it raises goes to its own caller."""
        began = time.monotonic()
        try:
            work.ticket._go_on()
            value = self._operations[work.operation](work.item, work.ticket._report)
        except BaseException as error:  # noqa: BLE001 - handed to the caller, who knows what it means
            self._counts["failed"] += 1
            work.ticket._finish(error=error)
        else:
            self._counts["done"] += 1
            work.ticket._finish(value)
        self._busy_s[work.operation] += time.monotonic() - began
