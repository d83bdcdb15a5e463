"""Runs the whole parity kit: ``python -m tests.parity`` (51 cases, about 2 minutes on one core, 3 GB)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODELS = ("animegan2", "wav2lip", "stylegan2", "liveportrait")


def main() -> int:
    """0 when every case of every network named on the command line (default: all) is within tolerance."""
    environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1])}
    wanted = sys.argv[1:] or MODELS
    failed = [
        model
        for model in wanted
        if subprocess.run(
            [sys.executable, str(HERE / "check.py"), model, "--impl", "tests.parity.adapter:factory"],
            env=environment,
            check=False,
        ).returncode
    ]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
