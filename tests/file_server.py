"""A real web server on loopback with the faults that downloads meet: broken connections, drips, redirects."""

from __future__ import annotations

import hashlib
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class Served:
    """One path. ``breaks_after``: bytes of each answer before the connection breaks (0: never)."""

    content: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    etag: str | None = ""
    ranges: bool = True
    breaks_after: int = 0
    breaks: int = 10**9
    chunked: bool = False
    byte_every_s: float = 0.0
    header_every_s: float = 0.0


@dataclass
class FileServer:
    """``requests``: (path, Range header or "") of everything asked so far."""

    address: str
    files: dict[str, Served] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    site: FileServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path, wanted = self.path.partition("?")[0].lstrip("/"), self.headers.get("Range", "")
        self.site.requests.append((path, wanted))
        served = self.site.files.get(path)
        self.close_connection = True
        if served is None:
            self.send_error(404)
            return
        if served.header_every_s:
            self._drip_headers(served)
            return
        body, status, extra = self._body(served, wanted)
        self.send_response(status)
        for name, value in {**served.headers, **extra}.items():
            self.send_header(name, value)
        if served.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self._send(served, body)

    def _body(self, served: Served, wanted: str) -> tuple[bytes, int, dict[str, str]]:
        etag = served.etag if served.etag != "" else f'"{hashlib.md5(served.content).hexdigest()}"'  # noqa: S324
        extra = {"ETag": etag} if etag else {}
        if_range = self.headers.get("If-Range")
        if not wanted or not served.ranges or (if_range is not None and if_range != etag):
            return served.content, served.status, extra
        start = int(wanted.removeprefix("bytes=").partition("-")[0])
        size = len(served.content)
        if start >= size:
            return b"", 416, {**extra, "Content-Range": f"bytes */{size}"}
        return served.content[start:], 206, {**extra, "Content-Range": f"bytes {start}-{size - 1}/{size}"}

    def _send(self, served: Served, body: bytes) -> None:
        if served.byte_every_s:
            for value in body:
                self.wfile.write(bytes([value]))
                time.sleep(served.byte_every_s)
        elif served.breaks_after and served.breaks > 0:
            served.breaks -= 1
            self.wfile.write(body[: served.breaks_after])
        elif served.chunked:
            for start in range(0, len(body), 1000):
                piece = body[start : start + 1000]
                self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.wfile.write(body)

    def _drip_headers(self, served: Served) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(1000):
            self.wfile.write(f"X-{number}: 0\r\n".encode())
            time.sleep(served.header_every_s)

    def log_message(self, *_: object) -> None:
        return


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        return  # a client that hung up is what many of the tests are about


@contextmanager
def file_server(
    *, host: str = "127.0.0.1", port: int = 0, tls: tuple[Path, Path] | None = None
) -> Iterator[FileServer]:
    """``tls``: certificate and key."""
    handler = type("Handler", (_Handler,), {})
    server = _Server((host, port), handler)
    scheme = "http"
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    site = FileServer(f"{scheme}://{host}:{server.server_port}")
    handler.site = site
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
