"""LitServe as a contestant: started in a process of its own, called over HTTP as it is meant to be."""

from __future__ import annotations

import base64
import http.client
import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

START_SECONDS = 120
_ROOT = Path(__file__).parents[3]


class Refused(Exception):
    """LitServe answered with another status than 200."""


class LitServeClient:
    """One kept connection per calling thread."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._local = threading.local()

    def __call__(self, picture: Any) -> Any:
        """picture: (3, SIDE, SIDE) uint8 -> (265,) float32. Raises Refused."""
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=600)
            self._local.connection = connection
        body = json.dumps({"picture": base64.b64encode(picture.tobytes()).decode()})
        connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != http.client.OK:
            raise Refused(f"{answer.status}: {content[:200]!r}")
        return np.asarray(json.loads(content)["motion"], np.float32)


def has_litserve(python: str) -> bool:
    """Whether that interpreter can import LitServe and torch."""
    done = subprocess.run([python, "-c", "import litserve, torch"], capture_output=True, check=False)
    return done.returncode == 0


@contextmanager
def serving(python: str, *, limit: int, threads: int) -> Iterator[LitServeClient]:
    """A running server with the network loaded. Raises TimeoutError when it does not come up."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    module = "ml_core.benchmark.serving.litserve_server"
    command = [python, "-m", module, "--port", str(port), "--limit", str(limit), "--threads", str(threads)]
    process = subprocess.Popen(
        command,
        cwd=_ROOT,
        env=os.environ | {"OMP_NUM_THREADS": str(threads)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_for(port, process)
        yield LitServeClient(port)
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # its workers outlive its own SIGTERM
        process.wait(30)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health")
            if connection.getresponse().status == http.client.OK:
                return
        except OSError:
            pass  # not listening yet
        time.sleep(0.3)
    raise TimeoutError("LitServe did not start")
