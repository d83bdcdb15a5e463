"""The caller's end of one piece of work: result, progress, cancelling."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from enum import IntEnum
from typing import Any

Report = Callable[[str, int], None]
"""``report(stage, percent)``; raises ``Cancelled`` when nobody waits any more."""


class Priority(IntEnum):
    INTERACTIVE = 0
    PACK = 1
    BATCH = 2


class Cancelled(Exception):
    """The caller has given the work up; an operation lets this pass through."""


class Ticket:
    """Made by ``GpuService.submit``. The public half is for callers, the rest for the service."""

    def __init__(self) -> None:
        self._future: Future[Any] = Future()
        self._events: queue.SimpleQueue[tuple[str, int] | None] = queue.SimpleQueue()
        self._cancelled = threading.Event()

    def events(self) -> Iterator[tuple[str, int]]:
        """Stages and percents as they happen; ends when the work has ended."""
        while (event := self._events.get()) is not None:
            yield event

    def result(self, timeout_s: float | None = None) -> Any:
        """What the operation returned; raises what it raised, ``Cancelled`` after ``cancel``."""
        return self._future.result(timeout_s)

    def cancel(self) -> None:
        """Work that has not begun never begins; what runs stops at its next report."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def tell(self, stage: str, percent: int) -> None:
        """Pass progress on to the caller."""
        self._events.put((stage, percent))

    def finish(self, value: Any = None, error: BaseException | None = None) -> None:
        """End the work, once."""
        if error is None:
            self._future.set_result(value)
        else:
            self._future.set_exception(error)
        self._events.put(None)
