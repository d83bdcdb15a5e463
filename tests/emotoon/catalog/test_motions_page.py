"""docs/motions.md, which the admin panel points to, names everything a motion file may say."""

from __future__ import annotations

import re
from pathlib import Path

from ml_core.animation.channels import CHANNELS, PAIRS
from ml_core.animation.easing import EASINGS
from ml_core.animation.motion_file import TOP_KEYS, motion_from_toml
from ml_core.animation.tracks import SHAPES
from ml_core.drawing.effects import EFFECTS
from ml_core.drawing.gestures import GESTURES
from ml_core.drawing.lettering import CAPTION_STYLES

PAGE = (Path(__file__).parents[3] / "docs" / "motions.md").read_text(encoding="utf-8")


def test_nothing_is_missing() -> None:
    one_sided = {name for pair in PAIRS.values() for name in pair}
    channels = (set(CHANNELS) - one_sided) | set(PAIRS)
    named = set(re.findall(r"`([\w.]+)`", PAGE))
    everything = {*channels, *EASINGS, *SHAPES, *EFFECTS, *GESTURES, *CAPTION_STYLES, *TOP_KEYS}
    assert everything - named == set()


def test_the_example_is_a_motion() -> None:
    example = PAGE.split("\n\n", 2)[2].split("\n\nAll times")[0]
    motion = motion_from_toml("\n".join(line.removeprefix("    ") for line in example.splitlines()))
    assert motion.gestures[0].name in GESTURES
    assert motion.effects[0].name in EFFECTS
