"""Two processes under torchrun stay in step: same weights, same augmentation, pictures counted together."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.torch


def torchrun() -> subprocess.CompletedProcess[str]:
    member = Path(__file__).parent / "style_team_member.py"
    return subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", str(member)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_two_processes_train_one_network():
    done = torchrun()
    if done.returncode and "SIGABRT" in done.stderr:
        # gloo aborted once in some thirty runs on a crowded machine, before processes left together; an
        # abort of the library may be tried again, a wrong answer may not.
        done = torchrun()
    assert done.returncode == 0, done.stderr[-6000:]
    members = [line.split() for line in done.stdout.splitlines() if line.startswith("member")]
    assert sorted(line[1] for line in members) == ["0", "1"]
    (one, two) = ([*line[2:]] for line in members)
    assert one == two
    assert one[2] == "32"
