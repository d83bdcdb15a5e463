"""The embedded server: one per var/ folder, clear words when it cannot start."""

from __future__ import annotations

import socket
import urllib.request

from tests.site import manage, serving


def test_it_serves_and_is_never_started_twice(site_var):
    with serving(site_var) as address:
        with urllib.request.urlopen(address, timeout=30) as page:  # noqa: S310 - our own loopback address
            assert "emotoon" in page.read().decode()
        second = manage(site_var, "serve", "--port", "0")
        assert second.returncode == 2
        assert "already running" in second.stderr
        assert "Traceback" not in second.stderr


def test_a_taken_port_is_named(site_var):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = manage(site_var, "serve", "--port", port)
    assert done.returncode == 2
    assert port in done.stderr
    assert "EMOTOON_PORT" in done.stderr
    assert "Traceback" not in done.stderr
