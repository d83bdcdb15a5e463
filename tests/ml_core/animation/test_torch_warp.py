"""The puppet drawn by torch is the puppet drawn by numba, to within the rounding of its fixed point."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ml_core.animation.motion import Motion
from ml_core.animation.puppet import Puppet, puppet_frames
from ml_core.types import ToonPortrait

pytestmark = pytest.mark.torch

SIZE = 192


def drawn(toon: ToonPortrait, motion: Motion, device: str) -> NDArray[np.int64]:
    frames = puppet_frames(Puppet(toon, size=SIZE, device=device), motion, only=[0, 9, 20, 33])
    return np.stack([frame for frame, _ in frames]).astype(np.int64)


@pytest.mark.parametrize("motion", ["joy", "giveup", "angry"])
def test_both_draw_the_same_frames(
    astronaut: ToonPortrait, catalog_motions: dict[str, Motion], motion: str
) -> None:
    usual = drawn(astronaut, catalog_motions[motion], "cpu")
    batched = drawn(astronaut, catalog_motions[motion], "cpu:0")
    difference = np.abs(usual - batched)
    assert difference.mean() < 0.25
    assert (difference.max(axis=-1) > 12).mean() < 0.001, "only pixels on edges may go to a neighbour"
    assert (usual[..., 3] > 128).mean() > 0.15


def test_batches_and_their_borders_do_not_show(
    astronaut: ToonPortrait, catalog_motions: dict[str, Motion]
) -> None:
    """More frames than one batch holds, in order."""
    motion = catalog_motions["hello"]
    many = [frame for frame, _ in puppet_frames(Puppet(astronaut, size=64, device="cpu:0"), motion, n=18)]
    one = [frame for frame, _ in puppet_frames(Puppet(astronaut, size=64), motion, n=18)]
    assert len(many) == 18
    for batched, usual in zip(many, one, strict=True):
        assert np.abs(batched.astype(int) - usual).mean() < 0.5
