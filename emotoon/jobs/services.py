"""Every change of a job: conditional UPDATEs whose row count says whether it happened.

Claiming, heartbeats and finishing follow the lease-and-fencing-token scheme (Kleppmann, *Designing
Data-Intensive Applications*, section 8.4): time-outs may be wrong, the token never is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from emotoon.core.errors import Conflict
from emotoon.jobs.models import MAX_ATTEMPTS, Job, JobQuerySet, JobState

BACKOFF_SECONDS = (2, 15)
"""Waits before the second and third attempt: long enough for a passing fault, short for a person."""

CLAIM_CANDIDATES = 8
"""Workers that race for the same row move on to the next of these instead of asking again."""


class LeaseLost(Exception):
    """Another worker has taken over, or the job was cancelled: stop, and write nothing."""


@dataclass(frozen=True)
class Claim:
    """The right to work on a job until the lease ends. ``token`` must match on every write."""

    job_id: int
    public_id: str
    kind: str
    payload: Mapping[str, Any]
    attempt: int
    token: int

    def _held(self) -> JobQuerySet:
        return Job.objects.filter(pk=self.job_id, state=JobState.RUNNING, fencing_token=self.token)


def job_enqueue(
    *, owner: Any, kind: str, payload: Mapping[str, Any], priority: int = Job.Priority.INTERACTIVE
) -> Job:
    if kind not in settings.JOB_HANDLERS:
        raise ValueError(f"no handler is configured for jobs of kind {kind!r}")
    return Job.objects.create(owner=owner, kind=kind, payload=dict(payload), priority=priority)


def job_claim(*, worker: str) -> Claim | None:
    """Take the most urgent waiting job, or None. Safe with any number of workers on any database."""
    now = timezone.now()
    for job in Job.objects.claimable(now=now)[:CLAIM_CANDIDATES]:
        taken = Job.objects.filter(pk=job.pk, state=JobState.QUEUED, fencing_token=job.fencing_token).update(
            state=JobState.RUNNING,
            fencing_token=job.fencing_token + 1,
            attempt=job.attempt + 1,
            worker=worker,
            lease_until=now + timedelta(seconds=settings.LEASE_SECONDS),
            started_at=now,
            stage="",
            progress=0,
        )
        if taken:
            return Claim(job.pk, job.public_id, job.kind, job.payload, job.attempt + 1, job.fencing_token + 1)
    return None


def job_heartbeat(*, claim: Claim) -> None:
    """Extend the lease. Raises LeaseLost when the job is no longer ours or should stop."""
    lease_until = timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)
    if not claim._held().filter(cancel_requested=False).update(lease_until=lease_until):
        raise LeaseLost(claim.public_id)


def job_progress(*, claim: Claim, stage: str, percent: int) -> None:
    """Say how far the work is; also a heartbeat."""
    lease_until = timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)
    held = claim._held().filter(cancel_requested=False)
    if not held.update(stage=stage, progress=percent, lease_until=lease_until):
        raise LeaseLost(claim.public_id)


def job_complete(*, claim: Claim, commit: Callable[[], None], timings: Mapping[str, float]) -> None:
    """Write the results and mark the job done, in one transaction, or not at all.

    The conditional UPDATE comes first: it locks the row, so a rival cannot pass between check and write.
    """
    with transaction.atomic():
        done = (
            claim._held()
            .filter(cancel_requested=False)
            .update(
                state=JobState.DONE,
                progress=100,
                finished_at=timezone.now(),
                lease_until=None,
                timings=dict(timings),
                error_code="",
                error_params={},
                error_detail="",
            )
        )
        if not done:
            raise LeaseLost(claim.public_id)
        commit()


def job_fail(*, claim: Claim, code: str, params: Mapping[str, Any], detail: str, permanent: bool) -> None:
    """Record a failure: final when permanent, else tried again later, and a dead letter at last."""
    now = timezone.now()
    reason = {"error_code": code, "error_params": dict(params), "error_detail": detail, "lease_until": None}
    if permanent:
        claim._held().update(state=JobState.FAILED, finished_at=now, **reason)
    elif claim.attempt >= MAX_ATTEMPTS:
        claim._held().update(state=JobState.DEAD, finished_at=now, **reason)
    else:
        wait = timedelta(seconds=BACKOFF_SECONDS[min(claim.attempt, len(BACKOFF_SECONDS)) - 1])
        claim._held().update(state=JobState.QUEUED, available_at=now + wait, **reason)


def job_release(*, claim: Claim) -> None:
    """Give a job back unharmed, because the worker is stopping: the attempt does not count."""
    claim._held().update(
        state=JobState.QUEUED, attempt=F("attempt") - 1, lease_until=None, available_at=timezone.now()
    )


def job_cancelled(*, claim: Claim) -> None:
    """A worker saw the request to cancel and has stopped."""
    claim._held().filter(cancel_requested=True).update(
        state=JobState.CANCELLED, finished_at=timezone.now(), lease_until=None
    )


def job_cancel(*, job: Job) -> Job:
    """Cancel at once when nobody works on it, else ask the worker to stop at its next step."""
    waiting = Job.objects.filter(pk=job.pk, state=JobState.QUEUED)
    if not waiting.update(state=JobState.CANCELLED, finished_at=timezone.now()):
        running = Job.objects.filter(pk=job.pk, state=JobState.RUNNING)
        if not running.update(cancel_requested=True):
            raise Conflict("job_finished", _("It is already finished, so it cannot be cancelled."))
    job.refresh_from_db()
    return job


def job_retry(*, job: Job) -> Job:
    """An operator gives a dead letter three new attempts."""
    revived = Job.objects.filter(pk=job.pk, state=JobState.DEAD).update(
        state=JobState.QUEUED, attempt=0, available_at=timezone.now(), finished_at=None
    )
    if not revived:
        raise Conflict("job_not_dead", _("Only a job that was given up can be tried again."))
    job.refresh_from_db()
    return job


def jobs_sweep() -> int:
    """Re-queue jobs whose worker died; give up those that have killed three. Returns how many moved."""
    now = timezone.now()
    moved = 0
    for job in Job.objects.expired(now=now):
        held = Job.objects.expired(now=now).filter(pk=job.pk, fencing_token=job.fencing_token)
        if job.cancel_requested:
            moved += held.update(state=JobState.CANCELLED, finished_at=now, lease_until=None)
        elif job.attempt >= MAX_ATTEMPTS:
            moved += held.update(
                state=JobState.DEAD,
                finished_at=now,
                lease_until=None,
                error_code="worker_lost",
                error_detail=f"worker {job.worker} was silent beyond its lease, attempt {job.attempt}",
            )
        else:
            moved += held.update(state=JobState.QUEUED, lease_until=None, available_at=now)
    return moved
