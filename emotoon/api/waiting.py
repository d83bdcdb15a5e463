"""``Prefer: wait=N`` (RFC 7240): an answer held back until the sticker is finished, for a few callers.

A waiting call holds a worker, so only a bounded number may wait, over all processes of the machine;
the rest are answered at once and poll.
"""

from __future__ import annotations

import fcntl
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from emotoon.jobs.models import Job

LONGEST_WAIT = 10
LOOK_EVERY = 0.2


def wait_seconds(preference: str) -> int:
    """Seconds asked for in a Prefer header, at most LONGEST_WAIT; 0 when none or not understood."""
    asked = re.search(r"(?:^|[\s,;])wait=(\d{1,6})(?:$|[\s,;])", preference)
    return min(int(asked.group(1)), LONGEST_WAIT) if asked else 0


def wait_for(*, job: Job, seconds: int) -> int:
    """Look again until the job has ended, at most ``seconds``. Returns the wait that was honoured."""
    if not seconds or job.is_final:
        return 0
    with _place() as free:
        if not free:
            return 0
        until = time.monotonic() + seconds
        while not job.is_final and time.monotonic() < until:
            time.sleep(LOOK_EVERY)
            job.refresh_from_db()
        return seconds


@contextmanager
def _place() -> Iterator[bool]:
    """One of API_WAITERS places: a locked file, so that a killed process gives its place back."""
    folder = settings.VAR_DIR / "waiters"
    folder.mkdir(exist_ok=True)
    for number in range(settings.API_WAITERS):
        with (folder / str(number)).open("w") as place:
            try:
                fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield True
            return
    yield False
