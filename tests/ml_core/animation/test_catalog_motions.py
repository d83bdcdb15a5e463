"""The motions that ship with the catalog."""

from __future__ import annotations

import numpy as np

from ml_core.animation.motion import Motion, loop_phases, sample
from ml_core.animation.motion_file import motion_from_toml, motion_to_toml


def test_every_file_is_named_after_its_motion_and_round_trips(catalog_motions: dict[str, Motion]) -> None:
    assert len(catalog_motions) >= 60
    for name, motion in catalog_motions.items():
        assert motion.id == name
        assert motion.loop
        assert 2.0 <= motion.duration_s <= 3.0
        assert motion_from_toml(motion_to_toml(motion)) == motion


def test_posters_are_not_in_the_middle_of_a_blink(catalog_motions: dict[str, Motion]) -> None:
    for motion in catalog_motions.values():
        assert all(abs(motion.poster - at) * motion.duration_s > 0.1 for at in motion.blinks), motion.id


def test_motions_are_distinct_and_alive(catalog_motions: dict[str, Motion]) -> None:
    """No two are alike in acting, and each visibly leaves its first frame."""
    acted = {name: sample(motion, loop_phases(16)).values for name, motion in catalog_motions.items()}
    names = sorted(acted)
    spread = np.stack([acted[name] for name in names]).std(axis=(0, 1)) + 1e-6
    flat = np.stack([(acted[name] / spread).ravel() for name in names])
    for index, name in enumerate(names):
        distance = np.abs(flat - flat[index]).mean(axis=1)
        distance[index] = np.inf
        assert distance.min() > 0.05, (name, names[int(distance.argmin())])
        assert np.ptp(acted[name] / spread, axis=0).max() > 0.5, name
