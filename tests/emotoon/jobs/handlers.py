"""Handlers that behave in the ways real ones can."""

from __future__ import annotations

from emotoon.core.errors import InvalidInput, StorageUnavailable
from emotoon.jobs.models import Job

written: list[int] = []


def good(*, claim, progress):
    progress("drawing", 50)
    return lambda: written.append(claim.job_id)


def refusing(*, claim, progress):
    raise InvalidInput("no_face", "No face was found.", faces=0)


def unlucky(*, claim, progress):
    raise StorageUnavailable("storage_unavailable", "S3 said 500")


def crashing(*, claim, progress):
    raise ZeroDivisionError("surprise")


def cancelled_half_way(*, claim, progress):
    progress("drawing", 10)
    Job.objects.filter(pk=claim.job_id).update(cancel_requested=True)
    progress("drawing", 20)
    return lambda: written.append(claim.job_id)


def overtaken(*, claim, progress):
    """The lease runs out and another worker takes the job while this one is busy."""
    Job.objects.filter(pk=claim.job_id).update(fencing_token=claim.token + 1, worker="another")
    return lambda: written.append(claim.job_id)
