"""Proves the Dockerfile without a container engine: ``make prove-image`` (as root; some minutes).

Its steps are run, in order and as written, in a fresh Debian root made by debootstrap, with Debian's own
Python 3.11 standing in for the base image. Then what the image would start is started there: the web
server (CMD) without its mule, and the worker, beside a PostgreSQL and an S3 server on loopback and an
nginx in front; and one sticker is made through all of them.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests

from emotoon.core.local_stack import free_port, nginx_start, port_answers, postgres_start
from tests.deploy.stack import ROOT, ApiPerson, Stack, bucket_server

MIRROR = "http://deb.debian.org/debian"
BASE_IMAGE = "python:3.11-slim-bookworm"
DEVICES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9), "tty": (5, 0)}
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
START_SECONDS = 300


@dataclass
class Image:
    """What the Dockerfile's instructions have made so far."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "root"
    command: list[str] = field(default_factory=list)

    def variables(self) -> dict[str, str]:
        system = {"PATH": "/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin", "LANG": "C.UTF-8"}
        # The mirrors this machine is set up with, as a builder would hand them in.
        mirrors = {
            "PIP_CERT": CERTIFICATES,
            "SSL_CERT_FILE": CERTIFICATES,
            "DEBIAN_FRONTEND": "noninteractive",
        }
        return system | mirrors | self.environment

    def start(self, command: list[str], extra: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        inside = ["chroot", f"--userspec={self.user}", str(self.root), "/bin/sh", "-c"]
        line = f"cd {shlex.quote(self.folder)} && exec {shlex.join(command)}"
        return subprocess.Popen(
            [*inside, line], env=self.variables() | dict(extra or {}), start_new_session=True
        )

    def run(self, *command: str) -> None:
        code = self.start(list(command)).wait()
        if code:
            raise SystemExit(f"step failed with code {code}: {shlex.join(command)}")


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """The Dockerfile's instructions with their lines joined and its comments left out."""
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in re.sub(r"\\\n\s*", " ", lines).splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            yield name, rest.strip()


def base_image(root: Path) -> None:
    """Debian's smallest root with Python 3.11 where the official image keeps it."""
    extra = "python3,python3-pip,python3-dev,ca-certificates"
    subprocess.run(
        ["debootstrap", f"--include={extra}", "--variant=minbase", "bookworm", str(root), MIRROR], check=True
    )
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    shutil.copy("/etc/hosts", root / "etc/hosts")
    shutil.copy(CERTIFICATES, root / CERTIFICATES.lstrip("/"))
    for marker in root.glob("usr/lib/python3.11/EXTERNALLY-MANAGED"):
        marker.unlink()
    (root / "usr/local/bin/python").symlink_to("/usr/bin/python3.11")


def apply(image: Image, name: str, rest: str) -> None:
    if name == "FROM":
        assert rest == BASE_IMAGE, f"this proof stands for {BASE_IMAGE}, not {rest}"
    elif name == "ENV":
        image.environment |= dict(pair.split("=", 1) for pair in shlex.split(rest))
    elif name == "RUN":
        image.run("sh", "-c", rest)
    elif name == "WORKDIR":
        image.folder = rest
        (image.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
    elif name == "COPY":
        _copy(image, *shlex.split(rest))
    elif name == "USER":
        image.user = rest
    elif name == "CMD":
        image.command = json.loads(rest)
    elif name not in {"VOLUME", "EXPOSE"}:
        raise SystemExit(f"the proof does not know {name}")


def _copy(image: Image, *words: str) -> None:
    *sources, target = words
    folder = image.root / image.folder.lstrip("/") / target
    for source in sources:
        tracked = _tracked(source)
        whole = (ROOT / source).is_dir()
        for path in tracked:
            inner = path.relative_to(source) if whole else Path(path.name)
            place = folder / inner
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, place)


def _tracked(source: str) -> list[Path]:
    """What a clean checkout holds: caches and private files of this one stay out."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", source]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()]


@contextmanager
def devices(root: Path) -> Iterator[None]:
    """/proc and the few devices a container has. Nothing of this machine's /dev is mounted inside."""
    for name, (major, minor) in DEVICES.items():
        place = root / "dev" / name
        if not place.exists():
            os.mknod(place, 0o666 | stat.S_IFCHR, os.makedev(major, minor))
            place.chmod(0o666)
    (root / "dev/shm").mkdir(mode=0o1777, exist_ok=True)
    (root / "dev/shm").chmod(0o1777)
    subprocess.run(["mount", "-t", "proc", "proc", str(root / "proc")], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(root / "proc")], check=True)


def _ended(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def sticker_from(image: Image, folder: Path) -> dict[str, object]:
    """Start the image's two roles and make one sticker through them."""
    with ExitStack() as stack:
        bucket = stack.enter_context(bucket_server())
        database, url = postgres_start(folder / "postgres")
        stack.callback(database.stop)
        uwsgi_port, port = free_port(), free_port()
        settings = bucket | {
            "EMOTOON_SECRET_KEY": "proof-" + "x" * 50, "EMOTOON_DATABASE_URL": url, "EMOTOON_NO_MULE": "1",
            "EMOTOON_UWSGI_SOCKET": f"127.0.0.1:{uwsgi_port}", "OMP_NUM_THREADS": "1",
        }  # fmt: skip
        web = image.start(image.command, settings)
        stack.callback(_ended, web)
        worker_line = "python manage.py check_services --wait 200 && exec python manage.py run_worker"
        worker = image.start(["sh", "-c", worker_line], settings)
        stack.callback(_ended, worker)
        until = time.monotonic() + START_SECONDS
        while not port_answers(uwsgi_port):
            if web.poll() is not None or time.monotonic() > until:
                raise SystemExit("the web server did not start; its reason is above")
            time.sleep(0.5)
        static = image.root / "var/lib/emotoon/static"
        nginx = nginx_start(folder / "nginx", port=port, uwsgi=f"127.0.0.1:{uwsgi_port}", static=static)
        stack.callback(nginx.stop)
        style = requests.get(f"http://127.0.0.1:{port}/static/web/site.css", timeout=10)
        if not style.ok:
            raise SystemExit(f"static files cannot be read by nginx: {style.status_code}")
        person = ApiPerson(Stack(f"http://127.0.0.1:{port}", {}, web), "image@example.com")
        body = person.wait(
            person.ask(person.portrait(), "이미지에서 왔어요", formats=["webp", "png"]), seconds=240
        )
        if body["status"] != "succeeded":
            raise SystemExit(f"the sticker failed: {body}")
        for file in body["files"]:
            assert len(person.call("GET", file["url"]).content) == file["bytes"]
        return body


def main() -> int:
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        sys.stderr.write("needs root and debootstrap\n")
        return 2
    began = time.monotonic()

    def told(line: str) -> None:
        sys.stderr.write(f"[{time.monotonic() - began:5.0f} s] {line}\n")

    folder = Path(tempfile.mkdtemp(prefix="emotoon-image-"))
    folder.chmod(0o711)
    try:
        image = Image(folder / "root")
        told("debootstrap")
        base_image(image.root)
        with devices(image.root):
            for name, rest in instructions((ROOT / "Dockerfile").read_text()):
                told(f"{name} {rest[:90]}")
                apply(image, name, rest)
            told("the image is built; starting web and worker")
            body = sticker_from(image, folder)
        told(f"one sticker made: {[(file['format'], file['bytes']) for file in body['files']]}")
        size = subprocess.run(["du", "-sm", str(image.root)], capture_output=True, text=True, check=True)
        told(f"size of the root: {size.stdout.split()[0]} MB")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
