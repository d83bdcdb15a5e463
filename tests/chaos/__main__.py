"""A soak: two workers share a queue of stickers and are killed with -9 at random, over and over.

``make chaos`` or ``python -m tests.chaos --stickers 30 --seed 7``. Passes when every accepted
job has ended: done once with all its files in storage, or dead with a reason and without files.
"""

from __future__ import annotations

import argparse
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

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
templates = list(TalkingHeadTemplate.objects.published())
for number in range({count}):
    sticker_request(owner=user, portrait=portrait, sentence="안녕하세요",
        template=templates[number % len(templates)], formats=("webp", "png"))
"""
FINAL = {"done", "failed", "dead", "cancelled"}
FORMATS = ["png", "webp"]
WORKERS = 2
KILL_AFTER_S = (4.0, 30.0)
"""A worker starts in about two seconds and makes a sticker in three (idle): kills fall into every stage."""
GIVE_UP_S = 1800

Rows = list[tuple[object, ...]]


def read(var: Path, query: str, *values: object) -> Rows:
    """Straight from the database file, so that the processes under test notice nothing."""
    database = sqlite3.connect(f"file:{var / 'emotoon.sqlite3'}?mode=ro", uri=True, timeout=30)
    try:
        return database.execute(query, values).fetchall()
    finally:
        database.close()


def start_worker(var: Path) -> subprocess.Popen[bytes]:
    quick_lease = environment(var, EMOTOON_LEASE_SECONDS="3")
    return subprocess.Popen(
        [sys.executable, "manage.py", "run_worker"], cwd=ROOT, env=quick_lease, stderr=subprocess.DEVNULL
    )


def soak(var: Path, luck: random.Random) -> int:
    """Kill and restart workers until every job has ended. Returns how many were killed."""
    killed, ends = 0, time.monotonic() + GIVE_UP_S
    workers = [start_worker(var) for _ in range(WORKERS)]
    try:
        while {row[0] for row in read(var, "select state from jobs_job")} - FINAL:
            if time.monotonic() > ends:
                raise SystemExit("some jobs never ended")
            time.sleep(luck.uniform(*KILL_AFTER_S))
            victim = luck.randrange(WORKERS)
            workers[victim].send_signal(signal.SIGKILL)
            workers[victim].wait()
            workers[victim] = start_worker(var)
            killed += 1
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(120)
    return killed


def faults(var: Path) -> list[str]:
    """What must not be, in words; empty is a pass."""
    found = []
    for sticker, state, attempt, reason in read(
        var,
        "select s.id, j.state, j.attempt, j.error_code from stickers_sticker s"
        " join jobs_job j on j.id = s.job_id",
    ):
        files = read(var, "select format, key from stickers_rendition where sticker_id = ?", sticker)
        formats = sorted(str(format) for format, _ in files)
        if state == "done" and formats != FORMATS:
            found.append(f"sticker {sticker} is done with {formats}")
        if state != "done" and (formats or not reason):
            found.append(f"sticker {sticker} is {state} after {attempt} attempts: {reason!r}, {formats}")
        found += [
            f"sticker {sticker}: {key} is not in storage" for _, key in files if not _stored(var, str(key))
        ]
    return found


def _stored(var: Path, key: str) -> bool:
    return (var / "media" / key).exists()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stickers", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        var, photo = Path(folder) / "var", Path(folder) / "me.png"
        Image.fromarray(faces.astronaut()).save(photo)
        for command in (
            ("prepare",),
            ("shell", "-v", "0", "-c", ASK.format(photo=str(photo), count=options.stickers)),
        ):
            done = manage(var, *command)
            if done.returncode:
                raise SystemExit(done.stderr)
        killed = soak(var, random.Random(options.seed))
        found = faults(var)
        states = read(var, "select state, attempt, count(*) from jobs_job group by 1, 2 order by 1, 2")
    print(f"{killed} workers were killed; state, attempts, jobs:", *states)
    print(*found, sep="\n")
    print(f"{options.stickers - len(found)} passed, {len(found)} failed")
    raise SystemExit(bool(found))


if __name__ == "__main__":
    main()
