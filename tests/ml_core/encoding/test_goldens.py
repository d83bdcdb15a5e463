"""Files made earlier and looked at then: what is made today looks like them, frame by frame.

Made by ``DJANGO_SETTINGS_MODULE=emotoon.settings python -m tests.ml_core.encoding.test_goldens``, which is
run again (and its files are looked at) only where the looks of a format are meant to change.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from emotoon.bench.drawn_clips import draw_clip
from ml_core.encoding.exporting import export
from ml_core.encoding.targets import load_targets
from ml_core.types import Clip
from tests.ml_core.encoding.seen import alpha_error, decoded, similarity

GOLDENS = Path(__file__).parents[2] / "data" / "goldens"
LEAST_SIMILARITY = {
    "kakao_mini_anim": 0.99,
    "line_bot": 0.99,
    "slack_emoji": 0.98,
    "telegram_emoji": 0.98,
    "kakao_mini": 0.999,
}
"""One target of each format."""


def _clip() -> Clip:
    return draw_clip("confetti", frames=6, side=64, fps=6.0)


def _made(name: str) -> bytes:
    return export(_clip(), load_targets()[name]).file.data


@pytest.mark.parametrize("name", sorted(LEAST_SIMILARITY))
def test_looks_like_the_golden_file(name: str) -> None:
    golden, made = (GOLDENS / f"{name}.golden").read_bytes(), _made(name)
    wanted, found = decoded(golden), decoded(made)
    assert found.shape == wanted.shape
    assert similarity(wanted, found) >= LEAST_SIMILARITY[name]
    assert alpha_error(wanted, found) <= 2
    assert len(made) <= 1.1 * len(golden)


if __name__ == "__main__":
    GOLDENS.mkdir(exist_ok=True)
    for each in LEAST_SIMILARITY:
        (GOLDENS / f"{each}.golden").write_bytes(_made(each))
