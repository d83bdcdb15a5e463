"""The site as a person runs it: a prepared var/ folder, and processes of their own."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
START_SECONDS = 90


def environment(var: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EMOTOON_")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return kept | {"EMOTOON_VAR": str(var), "PYTHONUNBUFFERED": "1"} | more


def manage(var: Path, *arguments: str, **options) -> subprocess.CompletedProcess[str]:
    """Run a management command in a process of its own."""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment(var),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        **options,
    )


def prepared_var(shared: Path, mine: Path) -> Path:
    """A copy of a var/ folder with database, catalog and index, made once for all test processes."""
    master = shared / "prepared-var"
    with (shared / "prepared-var.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (master / "ready").exists():
            done = manage(master, "prepare")
            assert done.returncode == 0, done.stderr
            (master / "ready").touch()
    shutil.copytree(master, mine)
    return mine


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(var: Path, **more: str) -> Iterator[str]:
    """``manage.py serve`` on a free port; gives its address."""
    port = free_port()
    log = (var / "serve.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(port)],
        cwd=ROOT,
        env=environment(var, **more),
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_served(address, process, var / "serve.log")
        yield address
    finally:
        process.terminate()
        process.wait(60)
        log.close()


def wait_until_served(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends:
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own loopback address
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"nothing is served at {address}: {log.read_text()}")
