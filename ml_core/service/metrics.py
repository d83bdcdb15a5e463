"""What the service has done, counted per operation, and the snapshot that ``status`` returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from ml_core.model_store import StoreStatus


class State(StrEnum):
    NEW = "new"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    QUARANTINED = "quarantined"


class Outcome(StrEnum):
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class OperationStatus:
    """Counts since the start. Every submitted item is waiting, in hand or in exactly one of the outcomes.

    batches: size -> how many batches of that size gave answers. retries: runs repeated with fewer items or
    after freeing memory. wait_s, busy_s: sums in seconds; longest_wait_s: of one item.
    """

    waiting: int
    limit: int
    submitted: int
    done: int
    failed: int
    expired: int
    cancelled: int
    batches: Mapping[int, int]
    retries: int
    wait_s: float
    longest_wait_s: float
    busy_s: float


@dataclass(frozen=True)
class ServiceStatus:
    """A snapshot. ``reason``: why the service is quarantined, else empty."""

    state: State
    reason: str
    operations: Mapping[str, OperationStatus]
    store: StoreStatus

    @property
    def running(self) -> bool:
        return self.state is State.RUNNING

    @property
    def waiting(self) -> int:
        return sum(each.waiting for each in self.operations.values())


@dataclass
class OperationMetrics:
    """``submitted`` and ``outcomes`` change under the service's lock, the rest in the owner thread only."""

    submitted: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    batches: Counter[int] = field(default_factory=Counter)
    retries: int = 0
    wait_s: float = 0.0
    longest_wait_s: float = 0.0
    busy_s: float = 0.0

    def waited(self, seconds: float) -> None:
        self.wait_s += seconds
        self.longest_wait_s = max(self.longest_wait_s, seconds)

    def snapshot(self, waiting: int, limit: int) -> OperationStatus:
        return OperationStatus(
            waiting=waiting,
            limit=limit,
            submitted=self.submitted,
            **{outcome.value: self.outcomes[outcome] for outcome in Outcome},
            batches=MappingProxyType(dict(sorted(self.batches.items()))),
            retries=self.retries,
            wait_s=self.wait_s,
            longest_wait_s=self.longest_wait_s,
            busy_s=self.busy_s,
        )
