"""Page latency of the embedded site while its engine renders: p95 must stay under 150 ms."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from emotoon.bench.portraits import portrait_bytes
from emotoon.core.errors import InvalidInput
from emotoon.core.local_stack import free_port

BAR_MS = 150
PAGES = ("/", "/create/", "/stickers/", "/create/suggestions/?sentence=생일 축하해")
START_SECONDS = 240
IDLE_PAGES = 40
MOST_PAGES = 20_000
PAUSE_SECONDS = 0.02
"""A person reads between two pages; without a pause the measurement itself would be the load."""
PERSON = {"email": "bench@example.com", "password": "a long password"}


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--stickers", type=int, default=4, help="rendered one after the other meanwhile")


def run(options: dict[str, Any]) -> dict[str, Any]:
    """Starts a site of its own (SQLite, one process, as ``make run``) and measures from outside."""
    with tempfile.TemporaryDirectory(prefix="emotoon-bench-") as var, _site(Path(var)) as address:
        session = _Visitor(address)
        portrait = session.portrait()
        session.render(portrait)  # compiling kernels and loading networks is not what a running site does
        session.pages(count=2 * len(PAGES))
        idle = session.pages(count=IDLE_PAGES)
        finished = threading.Event()
        asked = [session.ask(portrait) for _ in range(options["stickers"])]
        watcher = threading.Thread(target=_watch, args=(address, session.token, asked, finished))
        watcher.start()
        busy = session.pages(until=finished)
        watcher.join()
    p95 = _percentile(busy, 95)
    return {
        "pages": len(busy),
        "p50_ms": _percentile(busy, 50),
        "p95_ms": p95,
        "max_ms": round(max(busy), 1),
        "idle_p95_ms": _percentile(idle, 95),
        "bar_ms": BAR_MS,
        "ok": p95 <= BAR_MS,
        "stickers": len(asked),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
    }


def _percentile(times: list[float], percent: int) -> float:
    return round(sorted(times)[min(len(times) - 1, len(times) * percent // 100)], 1)


@contextmanager
def _site(var: Path) -> Iterator[str]:
    import shutil

    import requests

    if (settings.VAR_DIR / "search").exists():
        shutil.copytree(settings.VAR_DIR / "search", var / "search")
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EMOTOON_")}
    environment |= {"EMOTOON_VAR": str(var), "EMOTOON_PORT": str(port), "EMOTOON_DAILY_STICKERS": "10000"}
    environment |= {"NUMBA_CACHE_DIR": str(settings.VAR_DIR / "numba")}
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    subprocess.run([*manage, "prepare"], env=environment, check=True, capture_output=True)
    with subprocess.Popen([*manage, "serve"], env=environment, stderr=subprocess.DEVNULL) as site:
        try:
            until = time.monotonic() + START_SECONDS
            while True:
                try:
                    requests.get(f"http://127.0.0.1:{port}/", timeout=5)
                    break
                except requests.ConnectionError:
                    if site.poll() is not None or time.monotonic() > until:
                        raise InvalidInput("site_down", "The site did not start; try `make run`.") from None
                    time.sleep(0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            site.terminate()


class _Visitor:
    """A logged-in person on the pages, with a token for the API."""

    def __init__(self, address: str) -> None:
        import requests

        self.address = address
        self.session = requests.Session()
        self.session.get(f"{address}/sign-up/")
        form = PERSON | {"csrfmiddlewaretoken": self.session.cookies["csrftoken"]}
        self.session.post(f"{address}/sign-up/", form).raise_for_status()
        given = self.session.post(f"{address}/api/v1/tokens/", json=PERSON)
        given.raise_for_status()
        self.token = {"Authorization": f"Bearer {given.json()['token']}"}

    def portrait(self) -> str:
        (photo,) = portrait_bytes(()).values()
        made = self.session.post(
            f"{self.address}/api/v1/portraits/",
            files={"photo": ("me.png", photo, "image/png")},
            data={"consent": "self"},
            headers=self.token,
        )
        made.raise_for_status()
        return str(made.json()["id"])

    def ask(self, portrait: str) -> str:
        wish = {"portrait": portrait, "sentence": "생일 축하해", "template": "bday_wish"}
        accepted = self.session.post(f"{self.address}/api/v1/stickers/", json=wish, headers=self.token)
        accepted.raise_for_status()
        return str(accepted.headers["Location"])

    def render(self, portrait: str) -> None:
        finished = threading.Event()
        _watch(self.address, self.token, [self.ask(portrait)], finished)

    def pages(self, *, count: int = MOST_PAGES, until: threading.Event | None = None) -> list[float]:
        """Milliseconds of each page, fetched in turn: ``count`` of them, or fewer when ``until`` comes."""
        times: list[float] = []
        while len(times) < count and not (until is not None and until.is_set()):
            began = time.perf_counter()
            self.session.get(self.address + PAGES[len(times) % len(PAGES)]).raise_for_status()
            times.append((time.perf_counter() - began) * 1000)
            time.sleep(PAUSE_SECONDS)
        return times


def _watch(address: str, token: dict[str, str], asked: list[str], finished: threading.Event) -> None:
    import requests

    for sticker in asked:
        while True:
            body = requests.get(address + sticker, headers=token, timeout=30).json()
            if body["status"] not in {"queued", "processing"}:
                break
            time.sleep(0.5)
    finished.set()
