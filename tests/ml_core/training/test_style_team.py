"""Two processes under torchrun stay in step: same weights, same augmentation, pictures counted together."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.torch


def test_two_processes_train_one_network():
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [
            sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2",
            str(Path(__file__).parent / "style_team_member.py"),
        ],
        env={**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    members = [line.split() for line in done.stdout.splitlines() if line.startswith("member")]
    assert sorted(line[1] for line in members) == ["0", "1"]
    (one, two) = ([*line[2:]] for line in members)
    assert one == two
    assert one[2] == "32"
