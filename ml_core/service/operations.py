"""What the service can do: an operation over a batch of items, and the batch it is handed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from ml_core.model_store import Models
from ml_core.service.tickets import Cancelled, Report, Ticket

QUEUE_LIMIT = 64
"""Waiting items; at a second each, the last one waits a minute, and more would only time out."""

WINDOW_S = 0.005
"""How long a batch waits for callers that have just got an answer: far less than one pass of a network."""


@dataclass(frozen=True)
class Batch:
    """Items that are worked on together, and what the work may use."""

    items: tuple[Any, ...]
    models: Models
    _tickets: tuple[Ticket, ...]

    def report(self, stage: str, percent: int, *, item: int | None = None) -> None:
        """Tell every caller, or the one of ``items[item]``. Raises Cancelled when no caller is left."""
        if all(ticket.cancelled for ticket in self._tickets):
            raise Cancelled
        for ticket in self._tickets if item is None else (self._tickets[item],):
            ticket.tell(stage, percent)

    def wanted(self, item: int) -> bool:
        """Whether somebody still waits for ``items[item]``; what is returned for others is dropped."""
        return not self._tickets[item].cancelled


def _together(item: Any) -> Hashable:
    return None


@dataclass(frozen=True)
class Operation:
    """``run`` takes a Batch and returns one result per item, in order.

    It may be called again with fewer items after a failure, so it must not depend on being called once.

    batch_limit: most items in one call.
    batch_key: items with equal keys may share a batch (usually the shape); called in the caller's thread.
    window_s: how long after a batch its callers are waited for (see ml_core.service.backlog).
    queue_limit: most waiting items.
    models: loaded before ``run`` and by ``GpuService.warm_up``; ``batch.models`` may be asked for others.
    deadline_s: default of ``submit``.
    finite: a result with NaN or infinity in its arrays is refused with OutputInvalid.
    """

    run: Callable[[Batch], Sequence[Any]]
    batch_limit: int = 1
    batch_key: Callable[[Any], Hashable] = _together
    window_s: float = WINDOW_S
    queue_limit: int = QUEUE_LIMIT
    models: tuple[str, ...] = ()
    deadline_s: float | None = None
    finite: bool = False


def single(work: Callable[[Any, Report], Any], **options: Any) -> Operation:
    """An operation that takes items one by one: ``work(item, report)``. options: fields of Operation."""
    return Operation(lambda batch: [work(batch.items[0], batch.report)], **options)
