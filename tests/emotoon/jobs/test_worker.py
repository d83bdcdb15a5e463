from __future__ import annotations

import pytest

from emotoon.jobs.models import Job, JobState
from emotoon.jobs.services import job_enqueue
from emotoon.jobs.worker import Worker
from tests.emotoon.jobs import handlers
from tests.factories import UserFactory

# Heartbeats run in a thread of their own, with a connection of their own: they must see committed rows.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(settings):
    def _run(handler: str) -> Job:
        handlers.written.clear()
        settings.JOB_HANDLERS = {"sticker": f"tests.emotoon.jobs.handlers.{handler}"}
        job = job_enqueue(owner=UserFactory(), kind="sticker", payload={})
        assert Worker().run_one()
        job.refresh_from_db()
        return job

    return _run


def test_an_idle_worker_says_so():
    assert Worker().run_one() is False


def test_good_work_is_written_once_and_timed(run):
    job = run("good")
    assert job.state == JobState.DONE
    assert handlers.written == [job.pk]
    assert set(job.timings) == {"drawing"}


def test_a_refusal_is_final_and_keeps_its_reason(run):
    job = run("refusing")
    assert (job.state, job.error_code, job.error_params) == (JobState.FAILED, "no_face", {"faces": 0})


def test_a_passing_trouble_is_tried_again(run):
    job = run("unlucky")
    assert (job.state, job.attempt, job.error_code) == (JobState.QUEUED, 1, "storage_unavailable")


def test_a_crash_of_a_handler_is_recorded_not_swallowed(run, caplog):
    job = run("crashing")
    assert (job.state, job.error_code) == (JobState.QUEUED, "internal_error")
    assert job.error_detail == "ZeroDivisionError: surprise"
    assert "failed unexpectedly" in caplog.text


def test_cancelling_stops_at_the_next_step(run):
    job = run("cancelled_half_way")
    assert job.state == JobState.CANCELLED
    assert handlers.written == []


def test_an_overtaken_worker_writes_nothing(run):
    job = run("overtaken")
    assert job.state == JobState.RUNNING
    assert job.worker == "another"
    assert handlers.written == []


def test_stopping_gives_the_job_back(settings):
    settings.JOB_HANDLERS = {"sticker": "tests.emotoon.jobs.handlers.good"}
    job = job_enqueue(owner=UserFactory(), kind="sticker", payload={})
    worker = Worker()
    worker.stop()
    worker.run_one()
    job.refresh_from_db()
    assert (job.state, job.attempt) == (JobState.QUEUED, 0)
