"""A fatal device error in mid-job: the worker process ends by itself, and its jobs are done by the next."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from PIL import Image

from emotoon.jobs.pool import DEVICE_LOST_EXIT
from tests import faces
from tests.emotoon.stickers.test_kill import ASK
from tests.site import ROOT, environment, manage

# The first of two jobs meets the error once the second waits in the service's queue.
LOSING = """
import time
import django
django.setup()
from django.core.management import execute_from_command_line
from emotoon.ml import engine
from ml_core.service import Operation

def lose(batch):
    while not engine.engine_status().operations["sticker"].waiting:
        time.sleep(0.05)
    raise RuntimeError("CUDA error: device-side assert triggered")

engine.engine_operations = lambda: {"sticker": Operation(lose)}
execute_from_command_line(["manage.py", "run_worker", "--threads", "2"])
"""
COUNT = """
from emotoon.jobs.models import Job
for job in Job.objects.order_by("pk"):
    print(job.state, job.attempt, job.error_code or "-")
"""


def jobs(var) -> list[list[str]]:
    done = manage(var, "shell", "-v", "0", "-c", COUNT)
    assert done.returncode == 0, done.stderr
    return [line.split() for line in done.stdout.splitlines()]


@pytest.fixture
def two_jobs(site_var, tmp_path):
    photo = tmp_path / "me.png"
    Image.fromarray(faces.astronaut()).save(photo)
    script = ASK.format(photo=str(photo))
    again = script[script.index("sticker = ") : script.index("print")]
    done = manage(site_var, "shell", "-v", "0", "-c", script + again)
    assert done.returncode == 0, done.stderr
    return site_var


def test_a_lost_device_ends_the_worker_and_no_job_is_lost(two_jobs):
    assert [job[0] for job in jobs(two_jobs)] == ["queued", "queued"]
    lost = subprocess.run(
        [sys.executable, "-c", LOSING],
        cwd=ROOT,
        env=environment(two_jobs, DJANGO_SETTINGS_MODULE="emotoon.settings"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "device-side assert" in lost.stderr
    assert lost.returncode == DEVICE_LOST_EXIT
    in_hand, waiting = sorted(jobs(two_jobs), key=lambda job: job[1], reverse=True)
    assert in_hand == ["queued", "1", "device_lost"]
    assert waiting == ["queued", "0", "-"], "a job that had not begun loses no attempt"
    finished = subprocess.Popen(
        [sys.executable, "manage.py", "run_worker"], cwd=ROOT, env=environment(two_jobs)
    )
    try:
        ends = time.monotonic() + 200
        while [job[0] for job in jobs(two_jobs)] != ["done", "done"]:
            assert time.monotonic() < ends, jobs(two_jobs)
            time.sleep(1)
    finally:
        finished.terminate()
        assert finished.wait(60) == 0
