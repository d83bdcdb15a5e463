"""A running stack for tests: PostgreSQL, nginx, uWSGI and an S3 server in a folder of their own."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
import psycopg
import requests
import skimage.data
from moto.server import ThreadedMotoServer
from PIL import Image

ROOT = Path(__file__).parents[2]
BUCKET = "emotoon"
START_SECONDS = 240
PASSWORD = "a long password"


def photo() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(skimage.data.astronaut()).save(buffer, "PNG")
    return buffer.getvalue()


def site_environment(**changed: str) -> dict[str, str]:
    """This process's environment without its own emotoon settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EMOTOON_")}
    return kept | {"OMP_NUM_THREADS": "1"} | changed


def manage(*words: str, timeout: float = 60, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT, env=site_environment(**environment), capture_output=True, text=True,
        timeout=timeout, check=False,
    )  # fmt: skip


@contextmanager
def var_folder() -> Iterator[Path]:
    """Like var/ of a checkout: other system users may pass through, as PostgreSQL's must under root."""
    folder = Path(tempfile.mkdtemp(prefix="emotoon-stack-"))
    folder.chmod(0o711)
    index = ROOT / "var" / "search"
    if index.exists():
        # Building it takes a minute; `prepare` checks that it fits the catalog and builds it if not.
        shutil.copytree(index, folder / "search")
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def bucket_server() -> Iterator[dict[str, str]]:
    """An S3 server with an empty bucket, as settings of the site."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1",
        aws_access_key_id="x", aws_secret_access_key="x",
    )  # fmt: skip
    client.create_bucket(Bucket=BUCKET)
    try:
        yield {
            "EMOTOON_S3_BUCKET": BUCKET, "EMOTOON_S3_ENDPOINT": endpoint, "EMOTOON_S3_REGION": "us-east-1",
            "EMOTOON_S3_ACCESS_KEY": "x", "EMOTOON_S3_SECRET_KEY": "x",
        }  # fmt: skip
    finally:
        server.stop()


@dataclass
class Stack:
    """``environment``: what another process needs to share the stack's database and bucket."""

    address: str
    environment: dict[str, str]
    process: subprocess.Popen[bytes]

    def processes(self, name: str) -> list[int]:
        """Ids of uWSGI's processes by the names it gives them: "uWSGI worker", "uWSGI mule"."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and self._is_ours(int(entry.name)):
                try:
                    line = (entry / "cmdline").read_bytes()
                except OSError:
                    continue
                if line.startswith(name.encode()):
                    found.append(int(entry.name))
        return sorted(found)

    def _is_ours(self, pid: int) -> bool:
        while pid > 1:
            if pid == self.process.pid:
                return True
            try:
                pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                return False
        return False

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        with psycopg.connect(self.environment["EMOTOON_DATABASE_URL"]) as connection:
            return connection.execute(query, values).fetchall()


@contextmanager
def running_stack(port: int) -> Iterator[Stack]:
    with var_folder() as var, bucket_server() as bucket:
        environment = bucket | {
            "EMOTOON_VAR": str(var), "EMOTOON_PORT": str(port), "EMOTOON_LEASE_SECONDS": "6",
            "NUMBA_CACHE_DIR": str(ROOT / "var" / "numba"),
        }  # fmt: skip
        log = (var / "stack.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", "emotoon.core.local_stack"],
            cwd=ROOT, env=site_environment(**environment), stdout=log, stderr=log,
        )  # fmt: skip
        try:
            _wait_for_line(process, var / "stack.log", "emotoon is ready")
            secret = (var / "postgres" / "password").read_text()
            # Line 4 of this file is the port (PostgreSQL, src/include/utils/pidfile.h).
            database = (var / "postgres/data/postmaster.pid").read_text().splitlines()[3]
            environment["EMOTOON_DATABASE_URL"] = (
                f"postgresql://emotoon:{secret}@127.0.0.1:{database}/postgres"
            )
            yield Stack(f"http://127.0.0.1:{port}", environment, process)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(90)
            finally:
                log.close()


def _wait_for_line(process: subprocess.Popen[bytes], log: Path, wanted: str) -> None:
    until = time.monotonic() + START_SECONDS
    while wanted not in log.read_text(errors="replace"):
        if process.poll() is not None or time.monotonic() > until:
            process.kill()
            process.wait()
            raise AssertionError("the stack did not start:\n" + log.read_text(errors="replace")[-4000:])
        time.sleep(0.2)


class ApiPerson:
    """Somebody who signs up on the page and then works through the API."""

    def __init__(self, stack: Stack, email: str) -> None:
        self.address = stack.address
        self.session = requests.Session()
        page = self.session.get(f"{self.address}/sign-up/", timeout=30)
        page.raise_for_status()
        form = {
            "email": email, "password": PASSWORD, "csrfmiddlewaretoken": self.session.cookies["csrftoken"]
        }  # fmt: skip
        joined = self.session.post(
            f"{self.address}/sign-up/", form, timeout=30, allow_redirects=False,
            headers={"Origin": self.address},
        )  # fmt: skip
        assert joined.status_code == 302, joined.text
        given = self.session.post(
            f"{self.address}/api/v1/tokens/", json={"email": email, "password": PASSWORD}, timeout=30
        )
        self.session.headers["Authorization"] = f"Bearer {given.json()['token']}"

    def call(self, method: str, path: str, **options: object) -> requests.Response:
        answer = self.session.request(method, f"{self.address}{path}", timeout=40, **options)
        assert answer.ok, (path, answer.status_code, answer.text)
        return answer

    def portrait(self) -> str:
        files = {"photo": ("me.png", photo(), "image/png")}
        made = self.call("POST", "/api/v1/portraits/", files=files, data={"consent": "self"})
        return str(made.json()["id"])

    def ask(self, portrait: str, sentence: str, **wishes: object) -> str:
        body = {"portrait": portrait, "sentence": sentence, "template": "hello", "formats": ["png"]} | wishes
        accepted = self.call("POST", "/api/v1/stickers/", json=body)
        assert accepted.status_code == 202
        return accepted.headers["Location"]

    def wait(self, address: str, seconds: float = 120) -> dict[str, object]:
        until = time.monotonic() + seconds
        while True:
            body = self.call("GET", address, headers={"Prefer": "wait=5"}).json()
            if body["status"] not in {"queued", "processing"}:
                return body
            assert time.monotonic() < until, body
