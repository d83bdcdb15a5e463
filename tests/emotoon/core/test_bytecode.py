"""Sources are compiled beforehand, and where they cannot be, nothing is lost."""

from __future__ import annotations

from importlib.util import cache_from_source
from pathlib import Path

from emotoon.core.bytecode import bytecode_compile


def source(root: Path, name: str, text: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return Path(cache_from_source(str(path)))


def test_both_packages_are_compiled_and_what_cannot_be_is_left(tmp_path: Path) -> None:
    kept = [source(tmp_path, name, "answer = 42\n") for name in ("emotoon/a.py", "ml_core/deep/b.py")]
    broken = source(tmp_path, "emotoon/broken.py", "answer =\n")
    barred = source(tmp_path, "ml_core/barred/c.py", "answer = 42\n")
    barred.parent.write_text("not a folder", encoding="utf-8")
    bytecode_compile(tmp_path)
    assert all(path.is_file() for path in kept)
    assert not broken.exists()
    assert barred.parent.read_text(encoding="utf-8") == "not a folder"
