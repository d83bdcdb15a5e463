"""The lease: one claim at a time, no write without the token, nothing lost, nothing done twice."""

from __future__ import annotations

import contextlib
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from emotoon.core.errors import Conflict
from emotoon.jobs.models import MAX_ATTEMPTS, TRANSITIONS, Job, JobState
from emotoon.jobs.services import (
    Claim,
    LeaseLost,
    job_cancel,
    job_cancelled,
    job_claim,
    job_complete,
    job_enqueue,
    job_fail,
    job_heartbeat,
    job_progress,
    job_release,
    job_retry,
    jobs_sweep,
)
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def job():
    return job_enqueue(owner=UserFactory(), kind="sticker", payload={})


def expire(job):
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def state(job):
    job.refresh_from_db()
    return job.state


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="no handler"):
        job_enqueue(owner=UserFactory(), kind="coffee", payload={})


def test_a_claim_takes_the_job_once(job):
    claim = job_claim(worker="a")
    assert claim is not None
    assert claim.attempt == 1
    assert job_claim(worker="b") is None
    assert state(job) == JobState.RUNNING


def test_urgent_before_old(job):
    pack = job_enqueue(owner=job.owner, kind="sticker", payload={}, priority=Job.Priority.PACK)
    urgent = job_enqueue(owner=job.owner, kind="sticker", payload={})
    assert [job_claim(worker="a").job_id for _ in range(3)] == [job.pk, urgent.pk, pack.pk]


def test_completing_writes_and_marks_in_one_transaction(job):
    written = []
    claim = job_claim(worker="a")
    job_complete(claim=claim, commit=lambda: written.append(1), timings={"encoding": 3.0})
    assert state(job) == JobState.DONE
    assert written == [1]
    assert job.timings == {"encoding": 3.0}


def test_a_failing_commit_leaves_the_job_running(job):
    claim = job_claim(worker="a")

    def broken():
        raise RuntimeError("disk")

    with pytest.raises(RuntimeError):
        job_complete(claim=claim, commit=broken, timings={})
    assert state(job) == JobState.RUNNING


def test_a_worker_that_lost_its_lease_cannot_write(job):
    slow = job_claim(worker="slow")
    expire(job)
    assert jobs_sweep() == 1
    quick = job_claim(worker="quick")
    assert quick.token > slow.token
    written = []
    for write in (
        lambda: job_heartbeat(claim=slow),
        lambda: job_progress(claim=slow, stage="x", percent=1),
        lambda: job_complete(claim=slow, commit=lambda: written.append("slow"), timings={}),
    ):
        with pytest.raises(LeaseLost):
            write()
    job_fail(claim=slow, code="x", params={}, detail="", permanent=True)
    job_release(claim=slow)
    assert state(job) == JobState.RUNNING
    job_complete(claim=quick, commit=lambda: written.append("quick"), timings={})
    assert written == ["quick"]


def test_a_passing_failure_is_tried_three_times_and_then_given_up(job):
    for attempt in range(1, MAX_ATTEMPTS + 1):
        Job.objects.filter(pk=job.pk).update(available_at=timezone.now())
        claim = job_claim(worker="a")
        assert claim.attempt == attempt
        job_fail(claim=claim, code="storage_unavailable", params={}, detail="S3 said 500", permanent=False)
    assert state(job) == JobState.DEAD
    assert job.error_code == "storage_unavailable"
    assert job.error_detail == "S3 said 500"


def test_the_second_attempt_waits(job):
    job_fail(claim=job_claim(worker="a"), code="x", params={}, detail="", permanent=False)
    assert state(job) == JobState.QUEUED
    assert job.available_at > timezone.now()
    assert job_claim(worker="a") is None


def test_a_permanent_failure_is_final(job):
    job_fail(claim=job_claim(worker="a"), code="no_face", params={"n": 0}, detail="", permanent=True)
    assert state(job) == JobState.FAILED
    assert job.error_params == {"n": 0}
    assert job.is_final


def test_a_dead_worker_is_swept_until_attempts_run_out(job):
    for _ in range(MAX_ATTEMPTS):
        assert job_claim(worker="a")
        expire(job)
        jobs_sweep()
    assert state(job) == JobState.DEAD
    assert job.error_code == "worker_lost"


def test_a_live_lease_is_not_swept(job):
    job_claim(worker="a")
    assert jobs_sweep() == 0


def test_release_does_not_cost_an_attempt(job):
    job_release(claim=job_claim(worker="a"))
    assert job_claim(worker="b").attempt == 1


def test_cancel_while_waiting(job):
    job_cancel(job=job)
    assert state(job) == JobState.CANCELLED
    assert job_claim(worker="a") is None
    with pytest.raises(Conflict):
        job_cancel(job=job)


def test_cancel_while_running_stops_the_worker_at_its_next_step(job):
    claim = job_claim(worker="a")
    job_cancel(job=job)
    with pytest.raises(LeaseLost):
        job_progress(claim=claim, stage="animating", percent=40)
    job_cancelled(claim=claim)
    assert state(job) == JobState.CANCELLED


def test_cancel_of_a_job_whose_worker_died(job):
    job_claim(worker="a")
    job_cancel(job=job)
    expire(job)
    jobs_sweep()
    assert state(job) == JobState.CANCELLED


def test_only_a_dead_letter_is_retried(job):
    with pytest.raises(Conflict):
        job_retry(job=job)
    Job.objects.filter(pk=job.pk).update(state=JobState.DEAD, attempt=3)
    assert job_retry(job=job).state == JobState.QUEUED
    assert job_claim(worker="a").attempt == 1


ACTS = {
    "claim": lambda job, claim: job_claim(worker="a"),
    "heartbeat": lambda job, claim: job_heartbeat(claim=claim),
    "complete": lambda job, claim: job_complete(claim=claim, commit=lambda: None, timings={}),
    "fail": lambda job, claim: job_fail(claim=claim, code="x", params={}, detail="", permanent=True),
    "retry later": lambda job, claim: job_fail(claim=claim, code="x", params={}, detail="", permanent=False),
    "release": lambda job, claim: job_release(claim=claim),
    "cancelled": lambda job, claim: job_cancelled(claim=claim),
    "cancel": lambda job, claim: job_cancel(job=job),
    "retry": lambda job, claim: job_retry(job=job),
    "sweep": lambda job, claim: jobs_sweep(),
}


@pytest.mark.parametrize("before", JobState)
@pytest.mark.parametrize("cancelling", [False, True])
@pytest.mark.parametrize("act", ACTS)
def test_nothing_moves_a_job_against_the_table(job, act, before, cancelling):
    """Every service on a job in every state, by a worker that holds its token and whose lease has run out."""
    Job.objects.filter(pk=job.pk).update(
        state=before, fencing_token=1, attempt=1, cancel_requested=cancelling
    )
    expire(job)
    job.refresh_from_db()
    claim = Claim(job.pk, job.public_id, job.kind, {}, attempt=1, token=1)
    with contextlib.suppress(LeaseLost, Conflict):
        ACTS[act](job, claim)
    after = state(job)
    assert after == before or after in TRANSITIONS[before]


def test_queue_position(job):
    second = job_enqueue(owner=job.owner, kind="sticker", payload={})
    assert (job.queue_position, second.queue_position) == (0, 1)
    job_claim(worker="a")
    job.refresh_from_db()
    assert (job.queue_position, second.queue_position) == (None, 0)


@pytest.mark.django_db(transaction=True)
def test_many_workers_never_share_a_job():
    owner = UserFactory()
    for _ in range(12):
        job_enqueue(owner=owner, kind="sticker", payload={})
    claims: list[int] = []

    def work(name):
        try:
            while claim := job_claim(worker=name):
                claims.append(claim.job_id)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(str(n),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claims) == len(set(claims)) == 12
