"""What nginx tells uWSGI, and what it answers itself: seen from a uWSGI of a few lines."""

from __future__ import annotations

import shutil
import socketserver
import struct
import tempfile
import threading
import time
from pathlib import Path

import pytest
import requests

from emotoon.core.local_stack import free_port, nginx_start

pytestmark = pytest.mark.server


class Upstream(socketserver.ThreadingTCPServer):
    """Reads one request of the uwsgi protocol (a 4-byte header, then length-prefixed pairs) and says OK."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen: list[dict[str, str]] = []


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        _, size, _ = struct.unpack("<BHB", self.rfile.read(4))
        block, pairs, at = self.rfile.read(size), [], 0
        while at < size:
            (length,) = struct.unpack_from("<H", block, at)
            pairs.append(block[at + 2 : at + 2 + length].decode())
            at += 2 + length
        told = dict(zip(pairs[::2], pairs[1::2], strict=True))
        self.rfile.read(int(told.get("CONTENT_LENGTH") or 0))
        self.server.seen.append(told)
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


@pytest.fixture(scope="module")
def upstream():
    server = Upstream()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def folder():
    made = Path(tempfile.mkdtemp(prefix="emotoon-nginx-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def address(upstream, folder):
    static = folder / "static"
    static.mkdir()
    static.joinpath("a.css").write_text("b{}")
    port = free_port()
    uwsgi = f"127.0.0.1:{upstream.server_address[1]}"
    nginx = nginx_start(folder / "nginx", port=port, uwsgi=uwsgi, static=static)
    yield f"http://127.0.0.1:{port}"
    nginx.stop()


def told(upstream, address, path="/", method="GET", **headers):
    upstream.seen.clear()
    answer = requests.request(method, address + path, headers=headers, timeout=10)
    assert answer.status_code == 200, answer.text
    return upstream.seen[-1]


def test_what_a_visitor_claims_about_himself_is_overwritten(upstream, address):
    lies = {
        "X-Forwarded-For": "8.8.8.8", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example",
        "X-Real-IP": "8.8.8.8", "Forwarded": "for=8.8.8.8",
    }  # fmt: skip
    request = told(upstream, address, **lies)
    assert request["REMOTE_ADDR"] == "127.0.0.1"
    assert request["HTTP_X_FORWARDED_FOR"] == "127.0.0.1"
    assert request["HTTP_X_FORWARDED_PROTO"] == "http"
    assert not {"8.8.8.8", "evil.example", "https", "for=8.8.8.8"} & set(request.values())


def test_the_host_keeps_its_port(upstream, address):
    assert told(upstream, address)["HTTP_HOST"] == address.removeprefix("http://")


def test_a_slow_or_large_body_waits_at_nginx(address):
    files = {"photo": b"0" * 12_700_000}
    page = requests.post(f"{address}/create/", files=files, timeout=20)
    assert page.status_code == 413
    api = requests.post(f"{address}/api/v1/portraits/", files=files, timeout=20)
    assert (api.status_code, api.json()["code"]) == (413, "body_too_large")


def test_static_files_carry_their_headers(address):
    answer = requests.get(f"{address}/static/a.css", timeout=10)
    assert answer.text == "b{}"
    for name in ("X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Content-Security-Policy"):
        assert name in answer.headers
    assert "public" in answer.headers["Cache-Control"]
    assert requests.get(f"{address}/static/../nginx/nginx.conf", timeout=10).text != "b{}"


@pytest.mark.parametrize(
    ("path", "burst"),
    [("/log-in/", 10), ("/api/v1/tokens/", 10), ("/create/", 20), ("/api/v1/portraits/", 20)],
)
def test_sending_is_limited_and_looking_is_not(address, path, burst):
    looks = [requests.get(address + path, timeout=10).status_code for _ in range(burst + 8)]
    assert set(looks) == {200}
    sent = [requests.post(address + path, timeout=10).status_code for _ in range(burst + 8)]
    assert 429 in sent


def test_the_log_keeps_no_sentences(upstream, address, folder):
    told(upstream, address, "/create/suggestions/?sentence=secret-words")
    log = log_with(folder / "nginx" / "access.log", "/create/suggestions/")
    assert "secret-words" not in log


def log_with(path, line, patience_s=10.0):
    """The log once it holds `line`: nginx writes it after the answer has left."""
    until = time.monotonic() + patience_s
    while line not in (log := path.read_text()):
        assert time.monotonic() < until, log
        time.sleep(0.02)
    return log
