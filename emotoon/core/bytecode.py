"""Compiles the sources beforehand: ``python -m emotoon.core.bytecode``.

pip does so for packages; a checkout or an image is compiled by whoever first imports it, unless it may not be
written or PYTHONDONTWRITEBYTECODE is set: then by every process anew, for a quarter of a second.
"""

from __future__ import annotations

import compileall
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("emotoon", "ml_core")


def bytecode_compile(root: Path = ROOT) -> None:
    """Compile what is newer than its bytecode. A folder that may not be written stays as it is, and works."""
    for package in PACKAGES:
        compileall.compile_dir(root / package, quiet=2)


if __name__ == "__main__":
    bytecode_compile()
