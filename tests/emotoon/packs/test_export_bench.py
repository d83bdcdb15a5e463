"""``bench export`` measures what it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emotoon.bench import export as bench
from emotoon.bench.drawn_clips import draw_clip
from emotoon.core.errors import InvalidInput
from emotoon.ml.export import encode


def options(**changes: object) -> dict[str, object]:
    return {
        "target": "kakao_mini,wechat",
        "clips": None,
        "only": "nod",
        "threads": 1,
        "against_venv": None,
        **changes,
    }


def test_own_clips_are_measured(tmp_path: Path) -> None:
    for name in ("nod", "grain"):
        data = encode(draw_clip(name, frames=6, side=64, fps=6.0), "apng", colours=None).data
        (tmp_path / f"{name}.png").write_bytes(data)
    answer = bench.run(options(clips=tmp_path))
    assert [(row["clip"], row["target"]) for row in answer["files"]] == [
        ("grain", "kakao_mini"), ("grain", "wechat"), ("nod", "kakao_mini"), ("nod", "wechat"),
    ]  # fmt: skip
    assert json.loads(json.dumps(answer)) == answer
    summary = answer["summary"]
    assert (summary["files"], summary["ok"]) == (4, 4)
    assert summary["median_encodes"] >= 1
    assert 0.9 < summary["median_ssim"] <= 1
    assert set(summary["seconds_all_targets"]) == {"nod", "grain"}
    assert all(row["bytes"] <= row["limit"] for row in answer["files"])


def test_wrong_choices_are_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="choose from astronaut/bday_wish"):
        bench.run(options(only="smile"))
    with pytest.raises(InvalidInput, match="holds no files"):
        bench.run(options(clips=tmp_path))
    clip = draw_clip("nod", frames=5, side=32)
    with pytest.raises(InvalidInput, match="install sticker-convert"):
        bench._peer_run(clip, tmp_path, "telegram")
