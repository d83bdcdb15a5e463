"""The main job through nginx, uWSGI, PostgreSQL and S3, and what must survive there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from emotoon import ml
from emotoon.catalog.files import catalog_read
from emotoon.core.local_stack import free_port
from tests.deploy.stack import ROOT, ApiPerson, photo, running_stack, site_environment

pytestmark = pytest.mark.server

GUESSES = 40
"""Each of two workers allows ten a minute, nginx twenty and a burst: slow machines need many."""


@pytest.fixture(scope="module")
def stack():
    with running_stack(free_port()) as running:
        yield running


@pytest.fixture(scope="module")
def person(stack):
    return ApiPerson(stack, "kim@example.com")


@pytest.fixture(scope="module")
def portrait(person):
    return person.portrait()


def torch_is_mapped(pid: int) -> bool:
    return "libtorch" in Path(f"/proc/{pid}/maps").read_text()


def test_a_sticker_equals_the_embedded_one(stack, person, portrait):
    body = person.wait(person.ask(portrait, "안녕하세요!", formats=["webp", "png"]))
    assert body["status"] == "succeeded", body
    motions = {file.template_id: file.fields["motion"] for file in catalog_read()}
    order = ml.StickerOrder(
        analysis=ml.photo_examine(data=photo()).analysis,
        motion=motions["hello"],
        caption="안녕하세요!",
        formats=("webp", "png"),
    )
    embedded = {
        file.format: file.data for file in ml.sticker_render(order=order, on_progress=lambda *_: None).files
    }
    ml.engine_stop()
    for file in body["files"]:
        link = person.call("GET", file["url"], allow_redirects=False)
        assert link.status_code == 302
        assert link.headers["Location"].startswith(stack.environment["EMOTOON_S3_ENDPOINT"])
        # The link alone opens the file: no token goes to the S3 server.
        stored = requests.get(link.headers["Location"], timeout=10)
        assert stored.content == embedded[file["format"]]
        assert stored.headers["Content-Type"] == file["content_type"]


def test_the_pages_show_the_sticker_too(stack, person):
    page = person.session.get(f"{stack.address}/stickers/", timeout=30)
    assert page.status_code == 200
    assert "stk_" in page.text


def test_web_workers_import_no_torch(stack, person, portrait):
    person.call("GET", "/api/v1/templates/search/?sentence=안녕")
    workers = stack.processes("uWSGI worker")
    assert len(workers) == 2
    assert not any(torch_is_mapped(pid) for pid in workers)


def test_torch_would_be_noticed():
    """The check above can fail: a process that imports torch maps its library."""
    script = "import torch, sys; print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        noticed = torch_is_mapped(process.pid)
        process.stdin.close()
    assert noticed


# A killed worker's attempt counts, since it may have been the job that killed it; a stopped one's does not.
@pytest.mark.parametrize(
    ("end", "attempt"), [(signal.SIGKILL, 2), (signal.SIGINT, 1)], ids=["killed", "stopped"]
)
def test_a_mule_that_ends_loses_nothing(stack, person, portrait, end, attempt):
    address = person.ask(portrait, "끝까지 해낸다", formats=["webp", "png"])
    until = time.monotonic() + 60
    while person.call("GET", address).json()["status"] != "processing":
        assert time.monotonic() < until
        time.sleep(0.05)
    (mule,) = stack.processes("uWSGI mule")
    os.kill(mule, end)
    body = person.wait(address)
    assert body["status"] == "succeeded", body
    assert sorted(file["format"] for file in body["files"]) == ["png", "webp"]
    rows = stack.rows(
        "select j.attempt, j.worker from jobs_job j join stickers_sticker s on s.job_id = j.id "
        "where s.public_id = %s",
        body["id"],
    )
    ((attempts, worker),) = rows
    assert attempts == attempt
    assert f":{mule}:" not in worker


def test_another_worker_process_shares_the_queue(stack, person, portrait):
    command = [sys.executable, "manage.py", "run_worker"]
    environment = site_environment(**stack.environment)
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as worker:
        try:
            assert "worker: 1 thread" in worker.stderr.readline()
            asked = [person.ask(portrait, f"나눠서 하자 {number}") for number in range(4)]
            bodies = [person.wait(address) for address in asked]
        finally:
            worker.terminate()
            worker.communicate(timeout=60)
    assert {body["status"] for body in bodies} == {"succeeded"}
    rows = stack.rows(
        "select j.worker, j.attempt, count(r.id) from jobs_job j "
        "join stickers_sticker s on s.job_id = j.id join stickers_rendition r on r.sticker_id = s.id "
        "where s.public_id = any(%s) group by j.id, j.worker, j.attempt",
        [body["id"] for body in bodies],
    )
    assert [(attempt, files) for _, attempt, files in rows] == [(1, 1)] * 4
    processes = {name.split(":")[1] for name, _, _ in rows}
    assert processes == {str(worker.pid), str(stack.processes("uWSGI mule")[0])}


def test_a_large_body_ends_at_nginx(stack, person):
    files = {"photo": ("me.png", b"0" * 12_600_000, "image/png")}
    answer = requests.post(f"{stack.address}/api/v1/portraits/", files=files, timeout=30)
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "body_too_large"


def test_static_files_come_from_nginx(stack):
    answer = requests.get(f"{stack.address}/static/web/site.css", timeout=10)
    assert answer.headers["Content-Type"] == "text/css"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_guessing_passwords_is_slowed_down(stack):
    wish = {"email": "nobody@example.com", "password": "guess"}
    answer = requests.post(f"{stack.address}/api/v1/tokens/", json=wish, timeout=30)
    for _ in range(GUESSES):
        if answer.status_code == 429:
            break
        answer = requests.post(f"{stack.address}/api/v1/tokens/", json=wish, timeout=30)
    assert answer.status_code == 429
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "throttled"
