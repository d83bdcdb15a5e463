"""``manage.py models`` as an operator sees it: one clear line, exit code 2, JSON for programs."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.file_server import Served, file_server
from tests.tiny_weights import announce

ROOT = Path(__file__).parents[3]
CONTENT = os.urandom(3_000_000)


def environment(var: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "EMOTOON_VAR": str(var), "EMOTOON_LICENCE_MODE": "commercial", **more}


def models(
    var: Path, *arguments: str, before: tuple[str, ...] = (), **more: str
) -> subprocess.CompletedProcess[str]:
    command = [*before, sys.executable, "manage.py", "models", *arguments]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment(var, **more),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """The refusal: exit code 2 and exactly one line."""
    assert done.returncode == 2, (done.stdout, done.stderr)
    [line] = done.stderr.strip().splitlines()
    return line


def called(*arguments: str) -> str:
    """The command in this process: what it wrote on standard output."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        call_command("models", *arguments, stdout=out)
    return out.getvalue()


def refused(*arguments: str) -> str:
    with pytest.raises(CommandError) as caught:
        called(*arguments)
    assert caught.value.returncode == 2
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def var(tmp_path, settings):
    """A var/ whose operator knows weights "own"; the mirror serves them."""
    folder = tmp_path / "var" / "weights"
    folder.mkdir(parents=True)
    (folder / "own.txt").write_bytes(CONTENT)
    announce(folder, "own", "own.txt")
    (folder / "own.txt").unlink()
    settings.WEIGHTS_DIR = folder
    return tmp_path / "var"


@pytest.fixture
def mirror():
    with file_server() as site:
        site.files["own.txt"] = Served(CONTENT)
        yield site


def test_list_pull_path_verify(var, mirror, settings, capsys):
    rows = {row["name"]: row for row in json.loads(called("list", "--json"))["models"]}
    assert rows["own"]["path"] is None
    assert rows["own"]["size"] == len(CONTENT)
    assert rows["buffalo_l"]["files"][0]["sha256"]
    assert "own" in called("list")
    settings.WEIGHTS_MIRROR = mirror.address
    [file] = json.loads(called("pull", "own", "--json"))["files"]
    assert (file["state"], file["hash_from"]) == ("pulled", "publisher")
    assert capsys.readouterr().err == ""  # no progress bar without a terminal
    path = Path(called("path", "own").strip())
    assert path.read_bytes() == CONTENT
    assert [report["state"] for report in json.loads(called("verify", "--json"))["files"]] == ["verified"]
    path.write_bytes(b"x" * len(CONTENT))
    assert "models pull" in refused("verify", "own")
    assert "own.txt" in refused("path", "own")


def test_the_bar_on_a_terminal(var, mirror, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    called("pull", "own", "--mirror", mirror.address, "--json")
    assert "own.txt" in sys.stderr.getvalue()
    assert "3.00M" in sys.stderr.getvalue()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("pull", "gpt"), "gpt"),
        (("path", "gpt"), "gpt"),
        (("verify", "gpt"), "gpt"),
        (("path", "liveportrait"), "models pull liveportrait"),
        (("pull", "inswapper_128"), "EMOTOON_LICENCE_MODE=research"),
        (("path", "inswapper_128"), "EMOTOON_LICENCE_MODE=research"),
        (("pull", "own", "--from", "/nowhere"), "/nowhere"),
        (("pull", "own", "--sha256", "abc"), "64"),
        (("pull", "liveportrait", "--sha256", "a" * 64), "--sha256 "),
        (("pull", "own", "--mirror", "http://127.0.0.1:1/"), "127.0.0.1"),
        (("pull", "own"), "--from"),
    ],
)
def test_refusals_are_one_line(var, arguments, said):
    assert said in refused(*arguments)


def test_a_refusal_from_outside_is_one_line_and_exit_code_2(var):
    assert "models pull liveportrait" in one_line(models(var, "path", "liveportrait"))


def test_a_broken_manifest_of_the_operator(var):
    (var / "weights" / "weights.toml").write_text("[own]\nkind = 1\n")
    assert "[own]" in refused("list")


def test_pins_that_cannot_be_read(var):
    (var / "weights" / "own.txt").write_bytes(CONTENT)
    (var / "weights" / "pins.json").write_text("{")
    for action in ("verify", "pull", "path"):
        assert str(var / "weights" / "pins.json") in refused(action, "own")


def test_a_pull_that_is_killed_goes_on_where_it_was(var, mirror):
    mirror.files["own.txt"] = Served(CONTENT, byte_every_s=0.001)
    pulling = subprocess.Popen(
        [sys.executable, "manage.py", "models", "pull", "own", "--mirror", mirror.address],
        cwd=ROOT,
        env=environment(var),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    part = var / "weights" / ".parts" / "own.txt.part"
    for _ in range(600):
        if part.exists() and part.stat().st_size > 200:
            break
        time.sleep(0.1)
    pulling.send_signal(signal.SIGKILL)
    pulling.wait()
    kept = part.stat().st_size
    assert 200 < kept < len(CONTENT)
    assert not (var / "weights" / "own.txt").exists()
    mirror.files["own.txt"].byte_every_s = 0
    assert models(var, "pull", "own", "--mirror", mirror.address).returncode == 0
    assert mirror.requests[-1] == ("own.txt", f"bytes={kept}-")
    assert (var / "weights" / "own.txt").read_bytes() == CONTENT


def test_a_disk_without_room_is_refused_before_the_first_byte(var, mirror):
    manifest = var / "weights" / "weights.toml"
    manifest.write_text(manifest.read_text().replace(f"size = {len(CONTENT)}", f"size = {10**19}"))
    mirror.files["own.txt"] = Served(b"x", headers={"Content-Length": str(10**19)})
    assert "MB" in refused("pull", "own", "--mirror", mirror.address)
    assert list((var / "weights" / ".parts").glob("*.part")) == []


def test_a_disk_that_fills_during_the_pull(var, mirror):
    """The limit on file sizes stands for the full disk: writing fails half-way through."""
    done = models(var, "pull", "own", "--mirror", mirror.address, before=("prlimit", "--fsize=1000000"))
    line = one_line(done)
    assert str(var / "weights") in line
    assert list((var / "weights" / ".parts").glob("*.part")) == []
    assert not (var / "weights" / "own.txt").exists()
    assert models(var, "pull", "own", "--mirror", mirror.address).returncode == 0


def test_a_real_disk_that_fills_during_the_pull(tmp_path, mirror):
    if not shutil.which("unshare") or subprocess.run(["unshare", "-rm", "true"], check=False).returncode:
        pytest.skip("no mount namespaces here: a full tmpfs is NOT tried")
    # Nobody says how long the file is, so room cannot be checked beforehand.
    source, disk = tmp_path / "source", tmp_path / "disk"
    source.mkdir()
    disk.mkdir()
    mirror.files["endless.txt"] = Served(os.urandom(1_000_000) * 12, chunked=True)
    (source / "weights.toml").write_text(
        '[endless]\ntask = "t"\nkind = "file"\nfile = "endless.txt"\nsource = "s"\nlicence = "l"\n'
        'commercial = true\nmemory_mb = 1\nfiles = [{ path = "endless.txt" }]\n'
    )
    script = (
        f"mount -t tmpfs -o size=8m none {disk} && mkdir {disk}/weights && "
        f"cp {source}/weights.toml {disk}/weights/ && "
        f"{sys.executable} manage.py models pull endless --trust-first --mirror {mirror.address}; "
        f"echo exit $?; ls -A {disk}/weights/.parts"
    )
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script],
        cwd=ROOT,
        env=environment(disk),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stdout.split() == ["exit", "2", "lock"], (done.stdout, done.stderr)
    assert str(disk / "weights") in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
