"""Kill -9 in the middle of a job: the sticker is still finished by the next worker, once."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time

from PIL import Image

from tests import faces
from tests.site import ROOT, environment, manage

ASK = """
from pathlib import Path
from emotoon.accounts.models import User
from emotoon.catalog.models import TalkingHeadTemplate
from emotoon.stickers.services import portrait_create, sticker_request
user = User.objects.create_user("kim@example.com", "a long password")
portrait = portrait_create(owner=user, data=Path({photo!r}).read_bytes(), consent="self")
sticker = sticker_request(owner=user, portrait=portrait, sentence="안녕하세요",
    template=TalkingHeadTemplate.objects.get(template_id="hello"))
print(sticker.public_id)
"""


def ask(var, photo) -> None:
    done = manage(var, "shell", "-v", "0", "-c", ASK.format(photo=str(photo)))
    assert done.returncode == 0, done.stderr


def look(var) -> dict:
    """Straight from the database file: the processes under test must not notice that somebody looks."""
    database = sqlite3.connect(f"file:{var / 'emotoon.sqlite3'}?mode=ro", uri=True)
    try:
        (job,) = database.execute("select state, stage, attempt from jobs_job")
        formats = database.execute("select format from stickers_rendition order by format")
        return dict(zip(("state", "stage", "attempt"), job, strict=True)) | {
            "formats": [row[0] for row in formats]
        }
    finally:
        database.close()


def worker(var) -> subprocess.Popen[bytes]:
    quick_lease = environment(var, EMOTOON_LEASE_SECONDS="3")
    return subprocess.Popen([sys.executable, "manage.py", "run_worker"], cwd=ROOT, env=quick_lease)


def wait(var, wanted, seconds: float = 120) -> dict:
    ends = time.monotonic() + seconds
    while not wanted(seen := look(var)):
        assert time.monotonic() < ends, seen
        time.sleep(0.3)
    return seen


def test_kill_nine_in_mid_job_loses_nothing(site_var, tmp_path):
    photo = tmp_path / "me.png"
    Image.fromarray(faces.astronaut()).save(photo)
    ask(site_var, photo)

    first = worker(site_var)
    try:
        seen = wait(site_var, lambda seen: seen["stage"] in {"toonifying", "animating", "encoding"})
        assert seen["state"] == "running"
        os.kill(first.pid, signal.SIGKILL)
    finally:
        first.kill()
        first.wait(10)
    after = look(site_var)
    assert (after["state"], after["formats"]) == ("running", [])

    second = worker(site_var)
    try:
        seen = wait(site_var, lambda seen: seen["state"] not in {"running", "queued"})
    finally:
        second.terminate()
        assert second.wait(60) == 0
    assert (seen["state"], seen["attempt"]) == ("done", 2)
    assert seen["formats"] == ["png", "webm", "webp"]
