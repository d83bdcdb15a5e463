from __future__ import annotations

import threading
import time

import pytest

from ml_core.errors import ServiceBusy, ServiceDown
from ml_core.service import Cancelled, GpuService, Priority, single


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
    began = time.monotonic()
    with pytest.raises(ServiceBusy) as caught:
        service.submit("double", 1)
    assert time.monotonic() - began < 1
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
    late = service.submit("gate", "late", deadline_s=0.01)
    given_up = service.submit("gate", "given up")
    given_up.cancel()
    time.sleep(0.05)
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
            time.sleep(0.001)

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


def test_started_once(service):
    with pytest.raises(RuntimeError):
        service.start()


def test_an_unknown_operation_names_the_known_ones(service):
    with pytest.raises(KeyError, match="double"):
        service.submit("triple", 1)
