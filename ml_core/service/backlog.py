"""What waits, and which of it forms the next batch. Knows no threads and no clock: times are handed in.

One lane per operation and batch key. The lane whose first item is the most urgent (priority, then age) is
served next. While a batch runs, the next one gathers by itself; only what comes *after* a batch needs a
window: its callers come back as soon as they have their answers, so a lane expects as many items as it had
in hand when its last batch ended, and a batch that is not full waits for them at most ``window_s`` from that
end. A caller who is alone is therefore never kept waiting, and a crowd is not cut into small batches.
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable
from dataclasses import dataclass, field
from math import inf
from typing import Any

from ml_core.service.operations import Operation
from ml_core.service.tickets import Ticket

LANES_KEPT = 64
"""Lanes that remember their callers; empty ones beyond it are forgotten."""


@dataclass(order=True)
class Work:
    """One submitted item. Ordered by urgency."""

    priority: int
    number: int
    operation: str = field(compare=False)
    item: Any = field(compare=False)
    key: Hashable = field(compare=False)
    deadline: float | None = field(compare=False)
    submitted: float = field(compare=False)
    ticket: Ticket = field(compare=False, default_factory=Ticket)

    def expired(self, now: float) -> bool:
        return self.deadline is not None and now > self.deadline


@dataclass
class _Lane:
    works: list[Work] = field(default_factory=list)  # a heap
    in_hand: int = 0
    expected: int = 1
    ended: float = -inf


@dataclass(frozen=True)
class Ready:
    """Take these now. They are of one operation and one key; some may be expired or cancelled."""

    works: tuple[Work, ...]


@dataclass(frozen=True)
class Later:
    """Nothing to do before ``at`` (None: before something is put in)."""

    at: float | None


class Backlog:
    """Bounded per operation. Not thread-safe: the service holds its lock around every call."""

    def __init__(self, operations: dict[str, Operation]) -> None:
        self._operations = operations
        self._lanes: dict[tuple[str, Hashable], _Lane] = {}
        self._waiting = dict.fromkeys(operations, 0)

    def __len__(self) -> int:
        return sum(self._waiting.values())

    def waiting(self, operation: str) -> int:
        return self._waiting[operation]

    def full(self, operation: str) -> bool:
        return self._waiting[operation] >= self._operations[operation].queue_limit

    def put(self, work: Work) -> None:
        lane = self._lanes.setdefault((work.operation, work.key), _Lane())
        heapq.heappush(lane.works, work)
        self._waiting[work.operation] += 1

    def take(self, now: float, *, in_a_hurry: bool = False) -> Ready | Later:
        """The next batch, or when to ask again. ``in_a_hurry``: nobody new will come, so wait for none."""
        busy = [(lane.works[0], lane_key) for lane_key, lane in self._lanes.items() if lane.works]
        if not busy:
            return Later(None)
        first, lane_key = min(busy)
        lane, operation = self._lanes[lane_key], self._operations[first.operation]
        wanted = min(operation.batch_limit, lane.expected)
        if len(lane.works) < wanted and not in_a_hurry:
            closes = _closing_time(lane, operation.window_s)
            if now < closes:
                return Later(closes)
        count = min(operation.batch_limit, len(lane.works))
        works = tuple(heapq.heappop(lane.works) for _ in range(count))
        self._waiting[first.operation] -= count
        lane.in_hand = count
        return Ready(works)

    def ended(self, works: tuple[Work, ...], now: float) -> None:
        """The batch has its answers: its callers are expected back beside those who wait already."""
        lane = self._lanes.setdefault((works[0].operation, works[0].key), _Lane())
        lane.expected, lane.in_hand, lane.ended = lane.in_hand + len(lane.works), 0, now
        if len(self._lanes) > LANES_KEPT:
            self._lanes = {key: lane for key, lane in self._lanes.items() if lane.works or lane.in_hand}

    def clear(self) -> list[Work]:
        """Take everything out, in no order; expect nobody."""
        works = [work for lane in self._lanes.values() for work in lane.works]
        self._lanes.clear()
        self._waiting = dict.fromkeys(self._operations, 0)
        return works


def _closing_time(lane: _Lane, window_s: float) -> float:
    """When the lane stops waiting for its callers; nobody's deadline passes because of it."""
    deadlines = [work.deadline for work in lane.works if work.deadline is not None]
    return min([lane.ended + window_s, *deadlines])
