"""One service per process, made on first use; a device that was promised and is not there."""

from __future__ import annotations

import threading

import pytest

from emotoon.core.errors import InvalidInput
from emotoon.ml import engine, refusals
from ml_core.errors import OutputInvalid, ServiceDown


@pytest.fixture(autouse=True)
def _stopped():
    engine.engine_stop()
    yield
    engine.engine_stop()


def test_it_is_started_once_however_many_ask_first():
    together = threading.Barrier(8)
    seen = []

    def ask():
        together.wait(10)
        seen.append(engine.engine())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(seen) == 8
    assert len(set(map(id, seen))) == 1
    assert sum(thread.name == "gpu-service" for thread in threading.enumerate()) == 1


def test_importing_the_door_starts_nothing():
    assert engine.engine_status() is None


def test_stopping_ends_it_and_asking_again_starts_another():
    first = engine.engine()
    engine.engine_stop()
    assert not first.status().running
    assert engine.engine() is not first


def test_a_cancelled_job_stops_the_work_at_its_next_step(monkeypatch):
    from ml_core.service import single

    reached = threading.Event()
    stopped = threading.Event()

    def endless(item, report):
        try:
            while True:
                report("drawing", 1)
                reached.set()
        finally:
            stopped.set()

    def lease_lost(stage, percent):
        assert reached.wait(10)
        raise LookupError("the lease is lost")

    monkeypatch.setattr(engine, "engine_operations", lambda: {"endless": single(endless)})
    with pytest.raises(LookupError):
        engine.run("endless", None, lease_lost)
    assert stopped.wait(10)


def test_work_that_never_began_is_told_apart_from_work_that_failed():
    with pytest.raises(refusals.EngineStopped), refusals.translated():
        raise ServiceDown("service_down", "stopping")
    with pytest.raises(refusals.RenderingFailed) as caught, refusals.translated():
        raise ServiceDown("device_lost", "gone")
    assert not isinstance(caught.value, refusals.EngineStopped)
    assert not caught.value.permanent
    with pytest.raises(refusals.RenderingFailed) as caught, refusals.translated():
        raise OutputInvalid("result_not_finite", "NaN")
    assert caught.value.permanent


def test_a_promised_device_that_is_not_there_is_refused_before_any_work(settings, monkeypatch):
    monkeypatch.setattr("ml_core.device._driver_present", lambda: False)
    settings.DEVICE = "cuda"
    with pytest.raises(InvalidInput, match="EMOTOON_DEVICE=cuda"):
        engine.engine_device_check()
    settings.DEVICE = "auto"
    engine.engine_device_check()
