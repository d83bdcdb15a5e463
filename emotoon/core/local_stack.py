"""The site as an operator runs it, on this machine: ``python -m emotoon.core.local_stack``.

Starts PostgreSQL (its cluster lies in var/postgres), nginx and uWSGI with its rendering mule, each in the
foreground on loopback; Ctrl-C, or the end of any of them, stops all. Knows no Django: it starts it.
An EMOTOON_DATABASE_URL of your own is used as it is, and no PostgreSQL is started.
"""

from __future__ import annotations

import http.client
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from string import Template

from django.core.exceptions import ImproperlyConfigured

from emotoon.core.environment import Environment, var_dir

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
STOP_SECONDS = 70
"""Longer than uWSGI gives its mule to hand back a job (mule-reload-mercy)."""
POSTGRES_HOMES = "/usr/lib/postgresql"
SYSTEM_PATHS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class StackFailed(Exception):
    """One sentence: what did not start, and what to do."""


@dataclass
class Part:
    """A running server. ``stop_with``: the signal it takes as a request to end in order."""

    name: str
    process: subprocess.Popen[bytes]
    stop_with: signal.Signals

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(self.stop_with)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def program(name: str, package: str) -> str:
    """Path of a system program, also where Debian keeps it off the PATH."""
    versions = sorted(Path(POSTGRES_HOMES).glob("*/bin"), reverse=True)
    places = os.pathsep.join([os.environ.get("PATH", ""), SYSTEM_PATHS, *map(str, versions)])
    found = shutil.which(name, path=places)
    if found is None:
        raise StackFailed(f"{name} is missing: sudo apt-get install {package}")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _site_answers(port: int) -> bool:
    """Whether a page comes through nginx: its socket is open long before the workers have loaded."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait_until(ready: Callable[[], bool], part: Part) -> None:
    until = time.monotonic() + START_SECONDS
    while not ready():
        if part.process.poll() is not None:
            raise StackFailed(f"{part.name} ended with code {part.process.returncode}; its reason is above")
        if time.monotonic() > until:
            raise StackFailed(f"{part.name} was not ready after {START_SECONDS} s")
        time.sleep(0.1)


def postgres_start(folder: Path) -> tuple[Part, str]:
    """Returns the running server and its URL. The cluster is made on first use, with a random password."""
    user = _unprivileged("postgres") if os.geteuid() == 0 else None
    folder.mkdir(exist_ok=True)
    data, secret = folder / "data", folder / "password"
    if not data.exists():
        secret.touch(0o600)
        secret.write_text(secrets.token_urlsafe(24))
        if user:
            shutil.chown(folder, user)
            shutil.chown(secret, user)
        command = [
            program("initdb", "postgresql"),
            "-D",
            str(data),
            "-U",
            "emotoon",
            "-E",
            "UTF8",
            "--locale=C",
        ]
        command += ["--auth=scram-sha-256", f"--pwfile={secret}", "--no-instructions"]
        done = subprocess.run(_as(user) + command, capture_output=True, text=True, cwd="/", check=False)
        if done.returncode:
            raise StackFailed(f"initdb failed: {done.stderr.strip().splitlines()[-1]}")
    port = free_port()
    # No socket file: its path may be longer than the 107 bytes that Unix allows.
    command = [
        program("postgres", "postgresql"),
        "-D",
        str(data),
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
        "-k",
        "",
    ]
    process = subprocess.Popen(_as(user) + command, cwd="/", start_new_session=True)
    part = Part("PostgreSQL", process, signal.SIGINT)  # SIGINT is its "fast" shutdown
    try:
        wait_until(lambda: port_answers(port), part)
    except BaseException:
        part.stop()
        raise
    return part, f"postgresql://emotoon:{secret.read_text()}@127.0.0.1:{port}/postgres"


def _unprivileged(name: str) -> str:
    try:
        return pwd.getpwnam(name).pw_name
    except KeyError:
        raise StackFailed(f"there is no system user {name}: sudo apt-get install postgresql") from None


def _as(user: str | None) -> list[str]:
    if user is None:
        return []
    return [program("setpriv", "util-linux"), f"--reuid={user}", f"--regid={user}", "--init-groups", "--"]


def nginx_configure(home: Path, *, listen: str, uwsgi: str, static: Path) -> Path:
    """Fill in nginx's templates under ``home`` and return its configuration file."""
    home.mkdir(exist_ok=True)
    values = {
        "EMOTOON_NGINX_HOME": str(home),
        "EMOTOON_NGINX_USER": "user www-data;" if os.geteuid() == 0 else "",
        "EMOTOON_NGINX_LISTEN": listen,
        "EMOTOON_NGINX_UWSGI": uwsgi,
        "EMOTOON_NGINX_STATIC": str(static),
        "EMOTOON_NGINX_CONF": str(ROOT / "nginx"),
        "EMOTOON_NGINX_SCHEME": "http",
    }
    for name in ("site.conf", "nginx.conf"):
        text = (ROOT / "nginx" / f"{name}.template").read_text()
        # Only ${NAME} is ours; nginx's own $names stay.
        (home / name).write_text(Template(text).safe_substitute(values))
    shutil.copy("/etc/nginx/mime.types", home / "mime.types")
    return home / "nginx.conf"


def nginx_start(home: Path, *, port: int, uwsgi: str, static: Path) -> Part:
    nginx = program("nginx", "nginx-light")
    configuration = nginx_configure(home, listen=f"127.0.0.1:{port}", uwsgi=uwsgi, static=static)
    command = [nginx, "-p", str(home), "-e", "stderr", "-c", str(configuration)]
    process = subprocess.Popen(command, start_new_session=True)
    part = Part("nginx", process, signal.SIGQUIT)  # SIGQUIT lets answers in hand finish
    try:
        wait_until(lambda: port_answers(port), part)
    except BaseException:
        part.stop()
        raise
    return part


def uwsgi_start(environment: Mapping[str, str], *, port: int) -> Part:
    uwsgi = shutil.which(
        "uwsgi", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    )
    if uwsgi is None:
        raise StackFailed("uwsgi is missing: run `make setup`")
    variables = {**environment, "EMOTOON_UWSGI_SOCKET": f"127.0.0.1:{port}"}
    if sys.prefix != sys.base_prefix:
        variables["VIRTUAL_ENV"] = sys.prefix
    process = subprocess.Popen(
        [uwsgi, "--ini", str(ROOT / "emotoon" / "uwsgi.ini")], cwd=ROOT, env=variables, start_new_session=True
    )
    return Part("uWSGI", process, signal.SIGTERM)


def site_prepare(environment: Mapping[str, str]) -> None:
    """Database, catalog, search index, static files; each command says what is wrong in one line."""
    for words in (["prepare"], ["collectstatic", "--noinput", "--verbosity=0"], ["check_services"]):
        done = subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=environment, check=False)
        if done.returncode:
            raise StackFailed(f"`manage.py {words[0]}` failed; its reason is above")


def serve(variables: Mapping[str, str], stopping: threading.Event) -> None:
    """Start everything, wait for ``stopping`` or for the end of any part, stop in reverse order."""
    settings = Environment(variables)
    var = var_dir(settings, ROOT)
    port: int = settings["EMOTOON_PORT"]
    if port_answers(port):
        raise StackFailed(f"port {port} is taken; choose another with EMOTOON_PORT")
    environment = {**variables, "EMOTOON_VAR": str(var)}
    with ExitStack() as stack:
        parts: list[Part] = []
        if not settings["EMOTOON_DATABASE_URL"]:
            database, environment["EMOTOON_DATABASE_URL"] = postgres_start(var / "postgres")
            parts.append(_kept(stack, database))
        site_prepare(environment)
        uwsgi_port = free_port()
        parts.append(_kept(stack, uwsgi_start(environment, port=uwsgi_port)))
        wait_until(lambda: port_answers(uwsgi_port), parts[-1])
        uwsgi = f"127.0.0.1:{uwsgi_port}"
        parts.append(_kept(stack, nginx_start(var / "nginx", port=port, uwsgi=uwsgi, static=var / "static")))
        wait_until(lambda: _site_answers(port), parts[-1])
        _say(f"emotoon is ready: http://127.0.0.1:{port}/  (Ctrl-C stops all)")
        while not stopping.wait(0.5):
            _none_ended(parts)


def _kept(stack: ExitStack, part: Part) -> Part:
    stack.callback(part.stop)
    return part


def _none_ended(parts: Sequence[Part]) -> None:
    for part in parts:
        if part.process.poll() is not None:
            raise StackFailed(f"{part.name} ended with code {part.process.returncode}; its reason is above")


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


def main() -> int:
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    try:
        serve(os.environ, stopping)
    except (StackFailed, ImproperlyConfigured) as error:
        _say(str(error))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
