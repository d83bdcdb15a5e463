"""A mirror that is a real server on loopback, and a weights folder whose manifest knows what it serves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from emotoon.ml.pulling import PulledFile, PullOrder, pull
from emotoon.ml.pulling import part as part_module
from tests.file_server import FileServer, Served, file_server

CONTENT = {"net/first.txt": b"first " * 50_000, "net/second.txt": b"second " * 50_000}


@dataclass
class Place:
    """The mirror, the folder, and what was reported."""

    mirror: FileServer
    folder: Path
    progress: list[tuple[str, int, int | None]]

    def pull(self, name: str = "net", **options: object) -> list[PulledFile]:
        given = {"origin": self.mirror.address, "commercial_mode": True, **options}
        order = PullOrder(name=name, folder=self.folder, **given)
        return pull(order, lambda *step: self.progress.append(step))

    def row(
        self, name: str, files: list[str], *, file: str = "", extra: str = "", commercial: bool = True
    ) -> None:
        """``files``: inline tables of the manifest."""
        with (self.folder / "weights.toml").open("a") as stream:
            stream.write(
                f'\n[{name}]\ntask = "t"\nkind = "file"\nfile = "{file or name}"\nsource = "https://source.test/"\n'
                f'licence = "l"\ncommercial = {str(commercial).lower()}\nmemory_mb = 1\n'
                f"files = [{', '.join(files)}]\n{extra}\n"
            )

    def parts(self) -> list[Path]:
        return sorted((self.folder / ".parts").glob("*.part"))


def published(path: str, content: bytes) -> str:
    return f'{{ path = "{path}", size = {len(content)}, sha256 = "{hashlib.sha256(content).hexdigest()}" }}'


@pytest.fixture
def make_row() -> Callable[[str, bytes], str]:
    return published


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(part_module, "PAUSE_SECONDS", 0.01)
    with file_server() as mirror:
        mirror.files |= {path: Served(content) for path, content in CONTENT.items()}
        folder = tmp_path / "weights"
        folder.mkdir()
        made = Place(mirror, folder, [])
        made.row("net", [published(path, content) for path, content in CONTENT.items()])
        yield made
