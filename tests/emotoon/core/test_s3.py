"""Storage on real S3 servers: moto for what is stored, rclone for what is refused, a proxy for faults."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
import pytest
import requests
from django.core.files.base import ContentFile
from moto.server import ThreadedMotoServer

from emotoon.core import s3
from emotoon.core.errors import NotFound, StorageUnavailable
from emotoon.core.s3 import PrivateS3Storage
from emotoon.core.storage import file_key, file_link, file_read, file_store, files_delete

pytestmark = pytest.mark.server

BUCKET = "emotoon"
KEYS = {"access_key": "the-access-key", "secret_key": "the-secret-key"}
START_SECONDS = 20
REFUSED = {400, 403}
"""rclone answers 403 to a wrong signature and 400 to none or an expired one."""


def options(endpoint: str, **changed: object) -> dict[str, object]:
    return {
        "bucket_name": BUCKET,
        "endpoint_url": endpoint,
        "region_name": "us-east-1",
        "querystring_expire": 60,
    } | KEYS | changed  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fetch(link: str, **headers: str) -> requests.Response:
    return requests.get(link, headers=headers, timeout=10)


@pytest.fixture(scope="module")
def moto():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1",
        aws_access_key_id="x", aws_secret_access_key="x",
    ).create_bucket(Bucket=BUCKET)  # fmt: skip
    yield endpoint
    server.stop()


@pytest.fixture(scope="module")
def rclone(tmp_path_factory):
    """A server that checks signatures and their expiry."""
    folder = tmp_path_factory.mktemp("rclone")
    (folder / BUCKET).mkdir()
    port = free_port()
    binary = shutil.which("rclone", path=os.environ["PATH"] + ":" + str(Path(sys.executable).parent))
    command = [
        binary, "serve", "s3", str(folder), "--addr", f"127.0.0.1:{port}", "--config", "/dev/null",
        "--auth-key", f"{KEYS['access_key']},{KEYS['secret_key']}", "--cache-dir", str(folder / ".cache"),
    ]  # fmt: skip
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait(10)


@pytest.fixture
def faulty():
    """A server that misbehaves as its ``mode`` says, and counts its visitors."""

    class Faulty(BaseHTTPRequestHandler):
        mode = "500"
        visits = 0
        released = threading.Event()

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            type(self).visits += 1
            if self.mode == "stall":
                self.released.wait(30)
            elif self.mode == "500":
                self.send_response(500)
                self.send_header("Content-Length", "0")
            self.close_connection = True
            if self.mode == "500":
                self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Faulty)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    Faulty.endpoint = f"http://127.0.0.1:{server.server_port}"
    yield Faulty
    Faulty.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def storing_on(settings):
    """The storage door opened on a bucket, as the settings would open it."""

    def _storing_on(endpoint: str, **changed: object) -> PrivateS3Storage:
        backend = {
            "BACKEND": "emotoon.core.s3.PrivateS3Storage",
            "OPTIONS": options(endpoint, **changed),
        }
        settings.STORAGES = settings.STORAGES | {"default": backend}
        from django.core.files.storage import default_storage

        return default_storage

    return _storing_on


def test_store_read_delete(moto, storing_on):
    storing_on(moto)
    key = file_store(folder="tests", data=b"one", extension="bin")
    assert file_store(folder="tests", data=b"one", extension="bin") == key
    assert file_read(key=key) == b"one"
    files_delete(keys=[key, key])
    with pytest.raises(NotFound):
        file_read(key=key)


def test_ranges(moto, storing_on):
    storage = storing_on(moto)
    key = file_store(folder="tests", data=b"0123456789", extension="bin")
    assert storage.read_range(key, first=2, last=5) == b"2345"
    part = fetch(file_link(key=key, content_type="image/webp"), Range="bytes=7-")
    assert (part.status_code, part.content, part.headers["Content-Type"]) == (206, b"789", "image/webp")


def test_what_is_there_is_never_overwritten(moto, storing_on):
    storage = storing_on(moto)
    storage.save("tests/once.bin", ContentFile(b"first"))
    storage.save("tests/once.bin", ContentFile(b"second"))
    assert file_read(key="tests/once.bin") == b"first"


def test_objects_carry_no_grant_to_others(moto, storing_on):
    storage = storing_on(moto)
    key = file_store(folder="tests", data=b"mine", extension="bin")
    grants = storage.client.get_object_acl(Bucket=BUCKET, Key=key)["Grants"]
    assert [(grant["Grantee"]["Type"], grant["Permission"]) for grant in grants] == [
        ("CanonicalUser", "FULL_CONTROL")
    ]


def test_a_download_has_its_name(moto, storing_on):
    storing_on(moto)
    key = file_store(folder="tests", data=b"named", extension="webp")
    answer = fetch(file_link(key=key, content_type="image/webp", download_name="hello.webp"))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="hello.webp"'


def test_links_are_signed_for_the_address_browsers_use(moto, storing_on):
    storing_on(moto, public_endpoint_url="https://files.example.com")
    link = file_link(key="tests/a.webp", content_type="image/webp")
    assert link.startswith(f"https://files.example.com/{BUCKET}/tests/a.webp?")


def test_links_come_from_one_client(moto, storing_on):
    storage = storing_on(moto)
    clients = set()

    def link():
        file_link(key="tests/a.webp", content_type="image/webp")
        clients.add(id(storage.client))

    threads = [threading.Thread(target=link) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(clients) == 1


def test_local_files_have_no_links():
    assert file_link(key="tests/a.webp", content_type="image/webp") is None


def test_without_a_signature_nothing_is_shown(rclone, storing_on):
    storing_on(rclone)
    key = file_store(folder="tests", data=b"private", extension="bin")
    link = file_link(key=key, content_type="image/webp")
    assert fetch(link).content == b"private"
    assert fetch(link.partition("?")[0]).status_code in REFUSED


def test_a_forged_link_is_refused(rclone, storing_on):
    storing_on(rclone)
    mine, other = (file_store(folder="tests", data=data, extension="bin") for data in (b"a", b"b"))
    link = file_link(key=mine, content_type="image/webp")
    assert fetch(link.replace(mine, other)).status_code in REFUSED


def test_a_link_expires(rclone, storing_on):
    storing_on(rclone, querystring_expire=1)
    key = file_store(folder="tests", data=b"for a second", extension="bin")
    link = file_link(key=key, content_type="image/webp")
    assert fetch(link).status_code == 200
    time.sleep(2.2)
    assert fetch(link).status_code in REFUSED


def test_a_wrong_secret_is_refused_and_not_told(rclone, storing_on):
    storage = storing_on(rclone, secret_key="an-old-secret")
    with pytest.raises(StorageUnavailable) as caught:
        file_store(folder="tests", data=b"x", extension="bin")
    with pytest.raises(OSError, match="bucket") as at_start:
        storage.check()
    for error in (caught.value, caught.value.__cause__, at_start.value):
        assert "an-old-secret" not in f"{error} {error!r} {error.__cause__}"
        assert KEYS["access_key"] not in f"{error} {error!r}"


@pytest.mark.parametrize("mode", ["500", "reset"])
def test_a_failing_server_is_tried_twice_and_said(faulty, storing_on, mode):
    faulty.mode = mode
    storing_on(faulty.endpoint)
    with pytest.raises(StorageUnavailable):
        file_read(key="tests/a.bin")
    assert faulty.visits == s3.ATTEMPTS
    with pytest.raises(StorageUnavailable):
        file_store(folder="tests", data=b"x", extension="bin")
    with pytest.raises(StorageUnavailable):
        files_delete(keys=["tests/a.bin"])


def test_a_stalling_server_is_given_up(faulty, storing_on, monkeypatch):
    monkeypatch.setattr(s3, "READ_SECONDS", 0.3)
    faulty.mode = "stall"
    storing_on(faulty.endpoint)
    began = time.monotonic()
    with pytest.raises(StorageUnavailable):
        file_read(key="tests/a.bin")
    assert time.monotonic() - began < 5
    # Links are made without asking the server.
    assert file_link(key="tests/a.bin", content_type="image/webp")


def test_nobody_there(storing_on):
    storing_on(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(StorageUnavailable):
        file_read(key=file_key(folder="tests", data=b"x", extension="bin"))


def test_the_worst_case_ends_before_a_web_worker_is_killed():
    harakiri = 30
    assert harakiri > s3.ATTEMPTS * s3.READ_SECONDS + s3.ATTEMPTS
