"""GpuService: the one place in a process where models run, fed by bounded queues.

Many callers submit, one thread owns the device. A full queue refuses at once instead of growing; a
deadline is checked when work is taken out, because work nobody waits for any more is not worth starting.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from ml_core.device import ThreadPlan, share_one_heap
from ml_core.errors import ServiceBusy, ServiceDown
from ml_core.model_store import ModelStore
from ml_core.service.backlog import Backlog, Later, Work
from ml_core.service.execution import Answer, Execution
from ml_core.service.metrics import OperationMetrics, Outcome, ServiceStatus, State
from ml_core.service.operations import Batch, Operation
from ml_core.service.tickets import Cancelled, Priority, Ticket

logger = logging.getLogger(__name__)

WARM_UP = "warm_up"
"""The service's own operation: loads the model that the item names."""


class GpuService:
    """Started once per process by ``start``; never at import.

    operations: name -> Operation. store: the models they may ask for. on_quarantine: called once, in the
    owner thread, when the device is lost and every ticket has been refused; a process that can be restarted
    ends itself there, the service never does. threads: set when the owner thread starts.
    """

    def __init__(
        self,
        operations: Mapping[str, Operation],
        *,
        store: ModelStore | None = None,
        threads: ThreadPlan | None = None,
        on_quarantine: Callable[[BaseException], None] | None = None,
    ) -> None:
        self._store = store or ModelStore({})
        self._operations = {**operations, WARM_UP: Operation(self._warm_up_run)}
        self._threads = threads
        self._on_quarantine = on_quarantine
        self._metrics = {name: OperationMetrics() for name in self._operations}
        self._answers: list[Answer] = []
        self._executions = {
            name: Execution(operation, self._store, self._metrics[name], self._answers.append)
            for name, operation in self._operations.items()
        }
        self._backlog = Backlog(self._operations)
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        self._state = State.NEW
        self._reason = ""
        self._owner: threading.Thread | None = None

    def start(self) -> None:
        with self._changed:
            if self._owner is not None:
                raise RuntimeError("the service has already been started")
            self._state = State.RUNNING
            share_one_heap()
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

        Raises ServiceBusy (queue_full) at once when the queue is full, ServiceDown after ``stop`` or when the
        device is lost. Never call it from inside an operation: the owner would wait for itself.
        """
        if operation not in self._operations:
            raise KeyError(f"no operation {operation!r}; there are {', '.join(self._operations)}")
        if threading.current_thread() is self._owner:
            raise RuntimeError("an operation cannot submit work to the service that runs it")
        spec = self._operations[operation]
        key = spec.batch_key(item)
        now = time.monotonic()
        patience = spec.deadline_s if deadline_s is None else deadline_s
        deadline = None if patience is None else now + patience
        with self._changed:
            if self._state is not State.RUNNING:
                raise _down(self._state)
            if self._backlog.full(operation):
                raise ServiceBusy(
                    "queue_full", f"{spec.queue_limit} items are waiting; try again in a moment."
                )
            work = Work(priority, next(self._numbers), operation, item, key, deadline, now)
            self._backlog.put(work)
            self._metrics[operation].submitted += 1
            self._changed.notify()
        return work.ticket

    def warm_up(self, *names: str) -> list[Ticket]:
        """Load models before anybody needs them; default: those that operations name.

        A ticket each, whose result raises what loading raised. People who come meanwhile go first.
        """
        if not names:
            named = [name for operation in self._operations.values() for name in operation.models]
            names = tuple(dict.fromkeys(named))
        return [self.submit(WARM_UP, name, priority=Priority.BATCH) for name in names]

    def stop(self, *, drain: bool = True, timeout_s: float = 30.0) -> None:
        """Accept nothing more. ``drain`` finishes what waits; otherwise it is refused with ServiceDown."""
        with self._changed:
            if self._state in {State.NEW, State.RUNNING}:
                self._state = State.STOPPING
            refused = [] if drain else [_refusal(work) for work in sorted(self._backlog.clear())]
            for answer in refused:
                self._metrics[answer.work.operation].outcomes[answer.outcome] += 1
            self._changed.notify()
        for answer in refused:
            answer.work.ticket.finish(error=answer.error)
        if self._owner is not None and self._owner is not threading.current_thread():
            self._owner.join(timeout_s)

    def status(self) -> ServiceStatus:
        with self._changed:
            operations = {
                name: metrics.snapshot(self._backlog.waiting(name), self._operations[name].queue_limit)
                for name, metrics in self._metrics.items()
            }
            state, reason = self._state, self._reason
        return ServiceStatus(state, reason, MappingProxyType(operations), self._store.status())

    def _warm_up_run(self, batch: Batch) -> list[None]:
        (name,) = batch.items
        try:
            self._store.warm_up(name)
        except Exception:
            logger.exception("model %s could not be warmed up", name)  # perhaps nobody looks at the ticket
            raise
        return [None]

    def _serve(self) -> None:
        if self._threads is not None:
            self._threads.apply()
        while works := self._next():
            try:
                self._executions[works[0].operation].run(self._in_time(works))
            except BaseException as error:  # noqa: BLE001 - also a fault of ours: nobody may wait for ever
                self._quarantine(works, error)
                return
            self._deliver(works)
            del works  # an idle service holds on to nobody's picture
        with self._changed:
            self._state = State.STOPPED

    def _deliver(self, works: tuple[Work, ...]) -> None:
        """Account for the batch, then wake its callers: who comes back at once is not counted twice."""
        answers = self._answers.copy()
        self._answers.clear()
        with self._changed:
            self._backlog.ended(works, time.monotonic())
            for answer in answers:
                self._metrics[answer.work.operation].outcomes[answer.outcome] += 1
        for answer in answers:
            answer.work.ticket.finish(answer.value, answer.error)

    def _next(self) -> tuple[Work, ...]:
        """Wait for the next batch; empty when the service has stopped and nothing is left."""
        with self._changed:
            while True:
                stopping = self._state is not State.RUNNING
                now = time.monotonic()
                taken = self._backlog.take(now, in_a_hurry=stopping)
                if not isinstance(taken, Later):
                    return taken.works
                if stopping:
                    return ()
                self._changed.wait(None if taken.at is None else taken.at - now)

    def _in_time(self, works: tuple[Work, ...]) -> list[Work]:
        """Those still worth starting; the others are told so."""
        metrics = self._metrics[works[0].operation]
        now = time.monotonic()
        for work in works:
            metrics.waited(now - work.submitted)
            if work.expired(now):
                late = ServiceBusy("deadline_passed", "It waited too long in the queue; try again.")
                self._answers.append(Answer(work, Outcome.EXPIRED, error=late))
        return [work for work in works if not work.expired(now)]

    def _quarantine(self, works: tuple[Work, ...], lost: BaseException) -> None:
        """Nothing more can be computed here: refuse everything, say so, and let the process decide."""
        logger.critical("the service is quarantined: %s", lost, exc_info=lost)
        answered = {answer.work.number for answer in self._answers}
        for work in works:
            if work.number not in answered:
                down = ServiceDown("device_lost", f"The device failed: {lost}")
                self._answers.append(Answer(work, Outcome.FAILED, error=down))
        with self._changed:
            self._state, self._reason = State.QUARANTINED, str(lost)
            waiting = self._backlog.clear()
        self._answers += [_refusal(work) for work in sorted(waiting)]
        self._deliver(works)
        if self._on_quarantine is not None:
            self._on_quarantine(lost)


def _refusal(work: Work) -> Answer:
    if work.ticket.cancelled:
        return Answer(work, Outcome.CANCELLED, error=Cancelled())
    return Answer(work, Outcome.FAILED, error=_down())


def _down(state: State = State.STOPPING) -> ServiceDown:
    does = "has not been started" if state is State.NEW else "is stopping"
    return ServiceDown("service_down", f"The rendering service {does}; try again in a moment.")
