from __future__ import annotations

import threading
from collections import Counter

import numpy as np
import pytest

from ml_core.errors import ServiceBusy, ServiceDown
from ml_core.model_store import ModelSpec, ModelStore
from ml_core.service import Cancelled, GpuService, Operation, Priority, State, single


class Gate:
    """An operation that holds the owner thread until it is let go."""

    def __init__(self):
        self.open = threading.Event()
        self.entered = threading.Event()
        self.seen = []

    def __call__(self, item, report):
        self.seen.append(item)
        self.entered.set()
        assert self.open.wait(10)
        return item


def double(item, report):
    report("doubling", 50)
    return item * 2


def broken(item, report):
    raise ValueError(f"{item} is no number")


@pytest.fixture
def gate():
    return Gate()


@pytest.fixture
def service(gate):
    service = GpuService(
        {"gate": single(gate), "double": single(double, queue_limit=3), "broken": single(broken)}
    )
    service.start()
    yield service
    gate.open.set()
    service.stop()


def hold(service, gate):
    ticket = service.submit("gate", "held")
    assert gate.entered.wait(10)
    return ticket


def test_result_and_progress(service):
    ticket = service.submit("double", 21)
    assert list(ticket.events()) == [("doubling", 50)]
    assert ticket.result(5) == 42


def test_a_failing_item_fails_alone(service):
    tickets = [service.submit(name, 4) for name in ("double", "broken", "double")]
    assert tickets[0].result(5) == tickets[2].result(5) == 8
    with pytest.raises(ValueError, match="4 is no number"):
        tickets[1].result(5)
    assert service.status().operations["broken"].failed == 1


def test_a_full_queue_refuses_at_once(service, gate):
    hold(service, gate)
    for _ in range(3):
        service.submit("double", 1)
    with pytest.raises(ServiceBusy) as caught:
        service.submit("double", 1)
    assert caught.value.code == "queue_full"
    assert not caught.value.permanent


def test_room_comes_back(service, gate):
    held = hold(service, gate)
    waiting = [service.submit("double", n) for n in range(3)]
    gate.open.set()
    assert held.result(5) == "held"
    assert [ticket.result(5) for ticket in waiting] == [0, 2, 4]
    assert service.submit("double", 5).result(5) == 10


def test_a_person_goes_before_a_batch(service, gate):
    hold(service, gate)
    service.submit("gate", "batch", priority=Priority.BATCH)
    service.submit("gate", "pack", priority=Priority.PACK)
    person = service.submit("gate", "person", priority=Priority.INTERACTIVE)
    gate.open.set()
    person.result(5)
    service.stop()
    assert gate.seen == ["held", "person", "pack", "batch"]


def test_work_nobody_waits_for_is_not_begun(service, gate):
    hold(service, gate)
    late = service.submit("gate", "late", deadline_s=0)
    given_up = service.submit("gate", "given up")
    given_up.cancel()
    gate.open.set()
    with pytest.raises(ServiceBusy) as caught:
        late.result(5)
    assert caught.value.code == "deadline_passed"
    with pytest.raises(Cancelled):
        given_up.result(5)
    assert gate.seen == ["held"]


def test_cancelling_stops_at_the_next_report():
    reached = threading.Event()

    def endless(item, report):
        while True:
            report("still at it", 1)
            reached.set()

    service = GpuService({"endless": single(endless)})
    service.start()
    ticket = service.submit("endless", None)
    assert reached.wait(5)
    ticket.cancel()
    with pytest.raises(Cancelled):
        ticket.result(5)
    service.stop()


def test_draining_finishes_what_waits(gate):
    service = GpuService({"gate": single(gate)})
    service.start()
    tickets = [service.submit("gate", n) for n in range(3)]
    gate.open.set()
    service.stop(drain=True)
    assert [ticket.result(0) for ticket in tickets] == [0, 1, 2]
    with pytest.raises(ServiceDown):
        service.submit("gate", 4)


def test_stopping_without_draining_refuses_what_waits(service, gate):
    hold(service, gate)
    waiting = service.submit("double", 1)
    stopper = threading.Thread(target=service.stop, kwargs={"drain": False})
    stopper.start()
    with pytest.raises(ServiceDown):
        waiting.result(5)
    gate.open.set()
    stopper.join(5)
    assert not service.status().running


def test_before_the_start_nothing_is_taken():
    with pytest.raises(ServiceDown, match="has not been started"):
        GpuService({"double": single(lambda item, report: item * 2)}).submit("double", 1)


def test_started_once(service):
    with pytest.raises(RuntimeError):
        service.start()


def test_an_unknown_operation_names_the_known_ones(service):
    with pytest.raises(KeyError, match="double"):
        service.submit("triple", 1)


def test_a_default_deadline_belongs_to_the_operation(gate):
    service = GpuService({"gate": single(gate), "fresh": single(double, deadline_s=0)})
    service.start()
    hold(service, gate)
    stale = service.submit("fresh", 1)
    patient = service.submit("fresh", 2, deadline_s=100)
    gate.open.set()
    with pytest.raises(ServiceBusy):
        stale.result(5)
    assert patient.result(5) == 4
    service.stop()


def test_what_gathers_behind_a_batch_runs_together_by_shape(gate):
    calls = []

    def summed(batch):
        calls.append([array.shape for array in batch.items])
        return list(np.stack(batch.items).sum(axis=1))

    add = Operation(summed, batch_limit=4, batch_key=lambda array: array.shape)
    service = GpuService({"gate": single(gate), "add": add})
    service.start()
    hold(service, gate)
    arrays = [np.ones(2 + n % 2) for n in range(7)]
    tickets = [service.submit("add", array) for array in arrays]
    gate.open.set()
    assert [ticket.result(5) for ticket in tickets] == [2, 3, 2, 3, 2, 3, 2]
    assert calls == [[(2,)] * 4, [(3,)] * 3]
    service.stop()


def test_the_numbers_add_up(gate):
    def moody(batch):
        if "bad" in batch.items:
            raise ValueError("bad")
        return [np.nan if item == "nan" else 1.0 for item in batch.items]

    service = GpuService({"gate": single(gate), "moody": Operation(moody, batch_limit=8, finite=True)})
    service.start()
    hold(service, gate)
    tickets = [service.submit("moody", item) for item in ["good", "bad", "nan", "good", "unwanted"]]
    tickets[-1].cancel()
    tickets.append(service.submit("moody", "late", deadline_s=0))
    before = service.status().operations["moody"]
    assert (before.submitted, before.waiting, before.done) == (6, 6, 0)
    gate.open.set()
    service.stop()
    after = service.status().operations["moody"]
    assert (after.done, after.failed, after.cancelled, after.expired) == (2, 2, 1, 1)
    assert after.waiting == 0
    assert after.submitted == after.done + after.failed + after.cancelled + after.expired
    assert sum(size * times for size, times in after.batches.items()) == 3, (
        "all but the bad one were computed"
    )
    assert after.wait_s >= after.longest_wait_s > 0
    assert after.busy_s > 0
    assert after.retries == 4


def test_callers_from_many_threads_each_get_their_own_answer():
    sizes = Counter()

    def squared(batch):
        sizes[len(batch.items)] += 1
        return [item * item for item in batch.items]

    service = GpuService({"square": Operation(squared, batch_limit=8)})
    service.start()
    wrong = []

    def call(first):
        for item in range(first, first + 50):
            if service.submit("square", item).result(10) != item * item:
                wrong.append(item)

    callers = [threading.Thread(target=call, args=(1000 * number,)) for number in range(12)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(30)
    service.stop()
    status = service.status().operations["square"]
    assert wrong == []
    assert status.done == 600
    assert status.batches == sizes


def deadly(item, report):
    raise RuntimeError("CUDA error: device-side assert triggered")


def test_a_lost_device_quarantines_the_service(gate):
    told = []
    gone = threading.Event()

    def on_quarantine(error):
        told.append(error)
        gone.set()

    operations = {"gate": single(gate), "double": single(double), "deadly": single(deadly)}
    service = GpuService(operations, on_quarantine=on_quarantine)
    service.start()
    hold(service, gate)
    in_hand = service.submit("deadly", 1)
    waiting = service.submit("double", 1)
    unwanted = service.submit("double", 2)
    unwanted.cancel()
    gate.open.set()
    with pytest.raises(ServiceDown) as caught:
        in_hand.result(5)
    assert (caught.value.code, caught.value.permanent) == ("device_lost", False)
    with pytest.raises(ServiceDown) as caught:
        waiting.result(5)
    assert caught.value.code == "service_down"
    with pytest.raises(Cancelled):
        unwanted.result(5)
    assert gone.wait(5)
    assert "device-side assert" in str(told[0])
    status = service.status()
    assert status.state is State.QUARANTINED
    assert "device-side assert" in status.reason
    assert not status.running
    with pytest.raises(ServiceDown):
        service.submit("double", 1)
    service.stop()
    assert service.status().state is State.QUARANTINED, "stopping does not make it well"
    assert status.operations["double"].submitted == 2


def test_the_service_never_ends_the_process_itself(gate):
    service = GpuService({"deadly": single(deadly)})
    service.start()
    with pytest.raises(ServiceDown):
        service.submit("deadly", 1).result(5)


def test_an_operation_cannot_wait_for_its_own_service():
    service = GpuService({"outer": single(lambda item, report: service.submit("outer", item).result())})
    service.start()
    with pytest.raises(RuntimeError, match="cannot submit"):
        service.submit("outer", 1).result(5)
    service.stop()


def test_operations_are_handed_their_models():
    store = ModelStore(
        {"table": ModelSpec(lambda path, device: {"a": 1}), "more": ModelSpec(lambda p, d: {"b": 2})}
    )

    def look_up(batch):
        return [batch.models["table"].get(item) or batch.models["more"].get(item) for item in batch.items]

    service = GpuService({"look_up": Operation(look_up, models=("table",))}, store=store)
    service.start()
    service.warm_up()[0].result(5)
    assert [model.name for model in service.status().store.models] == ["table"]
    assert service.submit("look_up", "b").result(5) == 2
    assert [model.name for model in service.status().store.models] == ["table", "more"]
    assert not any(model.in_use for model in service.status().store.models)
    service.stop()


def test_a_failing_warm_up_is_told_and_harms_nobody():
    def load(path, device):
        raise OSError("the disk is gone")

    service = GpuService({"double": single(double)}, store=ModelStore({"bad": ModelSpec(load)}))
    service.start()
    (ticket,) = service.warm_up("bad")
    with pytest.raises(Exception, match="the disk is gone"):
        ticket.result(5)
    assert service.submit("double", 2).result(5) == 4
    service.stop()
