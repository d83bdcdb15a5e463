"""A fatal device error in mid-job: the process that renders ends by itself, and the next does its jobs."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time

import pytest
from PIL import Image

from emotoon.jobs.pool import DEVICE_LOST_EXIT
from tests import faces
from tests.emotoon.stickers.test_kill import ASK
from tests.site import ROOT, environment, free_port, manage

# The first of two jobs meets the error once the second waits in the service's queue.
LOSING = """
import time
import django
django.setup()
import runpy
from django.core.management import execute_from_command_line
from emotoon.ml import engine
from ml_core.service import Operation

def lose(batch):
    while not engine.engine_status().operations["sticker"].waiting:
        time.sleep(0.05)
    raise RuntimeError("CUDA error: device-side assert triggered")

engine.engine_operations = lambda: dict(sticker=Operation(lose))
{entry}
"""
ENTRIES = {
    "worker": 'execute_from_command_line(["manage.py", "run_worker"])',
    "mule": 'runpy.run_path("emotoon/gpu_mule.py")',
    "embedded": 'execute_from_command_line(["manage.py", "serve", "--port", "%d"])',
}
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
    """A var/ folder of its own, with two stickers asked for."""
    var = tmp_path / "var"
    shutil.copytree(site_var, var)
    photo = tmp_path / "me.png"
    Image.fromarray(faces.astronaut()).save(photo)
    script = ASK.format(photo=str(photo))
    again = script[script.index("sticker = ") : script.index("print")]
    done = manage(var, "shell", "-v", "0", "-c", script + again)
    assert done.returncode == 0, done.stderr
    return var


def lose_the_device(var, entry: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LOSING.replace("{entry}", entry)],
        cwd=ROOT,
        env=environment(var, DJANGO_SETTINGS_MODULE="emotoon.settings", EMOTOON_WORKER_THREADS="2"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_lost_device_ends_the_process_and_no_job_is_lost(two_jobs, entry):
    assert [job[0] for job in jobs(two_jobs)] == ["queued", "queued"]
    command = ENTRIES[entry] % free_port() if entry == "embedded" else ENTRIES[entry]
    lost = lose_the_device(two_jobs, command)
    assert "device-side assert" in lost.stderr
    assert lost.returncode == DEVICE_LOST_EXIT, lost.stderr
    in_hand, waiting = sorted(jobs(two_jobs), key=lambda job: job[1], reverse=True)
    assert in_hand == ["queued", "1", "device_lost"]
    assert waiting == ["queued", "0", "-"], "a job that had not begun loses no attempt"
    if entry == "worker":
        finish_with_another_worker(two_jobs)


def finish_with_another_worker(var) -> None:
    worker = subprocess.Popen([sys.executable, "manage.py", "run_worker"], cwd=ROOT, env=environment(var))
    try:
        ends = time.monotonic() + 200
        while [job[0] for job in jobs(var)] != ["done", "done"]:
            assert time.monotonic() < ends, jobs(var)
            time.sleep(1)
    finally:
        worker.terminate()
        assert worker.wait(60) == 0
