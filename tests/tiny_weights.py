"""Tiny weights of the test's own, announced in a weights folder's ``weights.toml`` as an operator would."""

from __future__ import annotations

import hashlib
from pathlib import Path


def announce(folder: Path, name: str, file: str, *, commercial: bool = True, extra: str = "") -> None:
    """Add a row for what lies at ``folder / file`` (a file, or a folder with all its files), with hashes.

    Replaces a shipped row of the same name: so a tiny network can stand where a published one is expected.
    """
    there = folder / file
    paths = sorted(path for path in there.rglob("*") if path.is_file()) if there.is_dir() else [there]
    files = [
        f'{{ path = "{path.relative_to(folder).as_posix()}", size = {path.stat().st_size}, '
        f'sha256 = "{hashlib.sha256(path.read_bytes()).hexdigest()}" }}'
        for path in paths
    ]
    row = f"""
[{name}]
task = "test"
kind = "file"
file = "{file}"
source = "made by a test"
licence = "made by a test"
commercial = {str(commercial).lower()}
memory_mb = 1
files = [{", ".join(files)}]
{extra}
"""
    manifest = folder / "weights.toml"
    manifest.write_text((manifest.read_text() if manifest.exists() else "") + row)
