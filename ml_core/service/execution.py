"""Runs one batch to the end: every item gets its own answer or its own error, whatever the batch does.

A failing batch is bisected, so that k bad items of n cost about 2 k log2(n) calls and nobody else an answer.
Without memory it is halved; an item that does not fit alone is tried once more after idle models have gone.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ml_core.device_errors import is_device_lost, is_out_of_memory
from ml_core.errors import OutOfMemory, OutputInvalid
from ml_core.model_store import ModelStore, release_cached_memory
from ml_core.service.backlog import Work
from ml_core.service.finiteness import is_finite
from ml_core.service.metrics import OperationMetrics, Outcome
from ml_core.service.operations import Batch, Operation
from ml_core.service.tickets import Cancelled

logger = logging.getLogger(__name__)


class DeviceLost(Exception):
    """Nothing can be computed in this process any more. The cause is the device's own error."""


@dataclass(frozen=True)
class Answer:
    """How one item ended: ``value`` when done, else ``error``."""

    work: Work
    outcome: Outcome
    value: Any = None
    error: BaseException | None = None


class Execution:
    """The runs of one operation. Used by the owner thread only; ``give`` takes each item's answer."""

    def __init__(
        self,
        operation: Operation,
        store: ModelStore,
        metrics: OperationMetrics,
        give: Callable[[Answer], None],
    ) -> None:
        self._operation = operation
        self._store = store
        self._metrics = metrics
        self._give = give

    def run(self, works: Sequence[Work]) -> None:
        """Give every item one answer. Raises DeviceLost when no answer can be had any more."""
        if not (works := self._still_wanted(works)):
            return
        with self._store.lease() as models:  # pinned until the last retry, so that no retry loads them again
            try:
                for name in self._operation.models:
                    models[name]
            except Exception as error:  # noqa: BLE001 - a loader may raise anything
                _raise_if_lost(error)
                for work in works:
                    self._give(Answer(work, Outcome.FAILED, error=error))
            else:
                self._divide(works)

    def _divide(self, works: Sequence[Work]) -> None:
        """Run, and after a failure run the halves, down to single items."""
        failure = self._attempt(works)
        if failure is None or not (works := self._still_wanted(works)):
            return
        if len(works) == 1:
            self._fail_alone(works[0], failure)
            return
        self._metrics.retries += 2
        half = (len(works) + 1) // 2
        for part in (works[:half], works[half:]):
            if part := self._still_wanted(part):
                self._divide(part)

    def _still_wanted(self, works: Sequence[Work]) -> Sequence[Work]:
        for work in works:
            if work.ticket.cancelled:
                self._give(Answer(work, Outcome.CANCELLED, error=Cancelled()))
        return [work for work in works if not work.ticket.cancelled]

    def _attempt(self, works: Sequence[Work]) -> BaseException | None:
        """Run and answer. Returns what went wrong, with the memory of a failed attempt given back."""
        began = time.monotonic()
        try:
            values = self._call(works)
        except BaseException as error:  # noqa: BLE001 - handed to the callers
            _raise_if_lost(error)
            if is_out_of_memory(error):
                traceback.clear_frames(error.__traceback__)
                release_cached_memory()
            return error
        finally:
            self._metrics.busy_s += time.monotonic() - began
        self._metrics.batches[len(works)] += 1
        for work, value in zip(works, values, strict=True):
            self._give(self._answer(work, value))
        return None

    def _call(self, works: Sequence[Work]) -> Sequence[Any]:
        with self._store.lease() as models:
            batch = Batch(tuple(work.item for work in works), models, tuple(work.ticket for work in works))
            values = self._operation.run(batch)
        if len(values) != len(works):
            raise RuntimeError(f"the operation returned {len(values)} results for {len(works)} items")
        return values

    def _answer(self, work: Work, value: Any) -> Answer:
        if work.ticket.cancelled:
            return Answer(work, Outcome.CANCELLED, error=Cancelled())
        if self._operation.finite and not is_finite(value):
            wrong = OutputInvalid(
                "result_not_finite", f"{work.operation} computed NaN or infinity for this item."
            )
            return Answer(work, Outcome.FAILED, error=wrong)
        return Answer(work, Outcome.DONE, value)

    def _fail_alone(self, work: Work, failure: BaseException) -> None:
        """A single item's failure is its own; without memory there is one thing left to try."""
        if is_out_of_memory(failure):
            logger.warning("%s: one item does not fit: %s", work.operation, failure)
            self._store.evict_idle()
            self._metrics.retries += 1
            again = self._attempt([work])
            if again is None:
                return
            failure = _too_large(work, again) if is_out_of_memory(again) else again
        self._give(Answer(work, Outcome.FAILED, error=failure))


def _raise_if_lost(error: BaseException) -> None:
    if is_device_lost(error):
        raise DeviceLost(str(error)) from error


def _too_large(work: Work, error: BaseException) -> OutOfMemory:
    failure = OutOfMemory("out_of_memory", f"{work.operation} needs more memory than there is: {error}")
    failure.__cause__ = error
    return failure
