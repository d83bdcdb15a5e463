"""Each benchmark runs on a tiny setting and prints one JSON object of the documented shape."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from PIL import Image as Pil

from emotoon.bench.measuring.faces import drawn_subjects
from emotoon.bench.quality import BARS
from tests.site import manage

LAB_PIPELINE = """
import cv2
import numpy as np

def prepare(image, kit, style, chibi, tm):
    assert (image.ndim, style, kit.threads) == (3, "cel", 1)
    tm.update(detect=np.float64(0.001), toonify=np.float64(0.002), puppet=np.float64(0.001))
    return style

def animate(puppet, motion, text, n):
    return iter([np.zeros((8, 8, 4), np.uint8)] * n)

def webm(frames, fps, crf, cpu, deadline):
    return b"x" * (crf * 1000)

def fit_size(frames, limit, encode, qualities):
    return encode(qualities[0]), qualities[0]
"""
STAGES = {"decode", "analyse", "archive", "toonify", "puppet", "animate", "encode"}
LAB_KIT = """
class FaceKit:
    def __init__(self, threads):
        self.threads = threads
"""


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photo") / "drawn.png"
    Pil.fromarray(drawn_subjects()[0].photo).save(path)
    return path


def called(*arguments: object) -> dict[str, object]:
    out = StringIO()
    call_command("bench", *map(str, arguments), "--json", stdout=out)
    answer = json.loads(out.getvalue())
    assert isinstance(answer, dict)
    return answer


def test_render(photo: Path, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "pipeline.py").write_text(LAB_PIPELINE)
    (tmp_path / "facekit.py").write_text(LAB_KIT)
    answer = called(
        "render", photo, "--runs", 1, "--frames", 5, "--size", 96, "--rich", "hello", "--against", tmp_path
    )
    for figure in ("from_photo_s", "from_portrait_s", "ms_per_frame", "peak_rss_mb", "parallel_2_ratio"):
        assert answer[figure] > 0, figure  # type: ignore[operator]
    assert answer["from_photo_s"] > answer["from_portrait_s"] * 0.5  # type: ignore[operator]
    assert set(answer["stages"]) == STAGES  # type: ignore[call-overload]
    assert set(answer["floor"]) == {"encode_ms", "copy_ms"}  # type: ignore[call-overload]
    assert set(answer["lab"]) >= {"from_photo_s", "ms_per_frame", "cpu_from_photo_ratio"}  # type: ignore[call-overload]
    assert 0 < answer["lab_ratio"] < 1, "the stand-in does nothing, so it is faster"  # type: ignore[operator]
    assert answer["photos"] == ["drawn"]


def test_a_folder_that_is_no_lab_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no copy of the lab") as refused:
        called("render", "--against", tmp_path)
    assert refused.value.returncode == 2


def test_quality(photo: Path) -> None:
    answer = called("quality", photo, "--templates", "hello", "--frames", 6, "--size", 256)
    measures = answer["measures"]
    assert isinstance(measures, dict)
    assert set(measures) == set(BARS)
    for name, measure in measures.items():
        assert {"value", "bar", "ok"} <= set(measure), name
    assert measures["fold_overs"]["ok"]
    assert measures["loop_closure"]["ok"]
    assert measures["background_leak"]["value"] is None, "nobody knows the wall of a photo"
    assert answer["motions"] == ["talk", "hello"]
    assert answer["subjects"] == ["drawn"]


def test_quality_lists_photos_that_cannot_be_used(tmp_path: Path) -> None:
    path = tmp_path / "wall.png"
    Pil.new("RGB", (300, 300), (90, 120, 90)).save(path)
    with pytest.raises(CommandError, match="no_face") as refused:
        called("quality", path)
    assert refused.value.returncode == 2
    with pytest.raises(CommandError, match="--templates: there is no nonsense"):
        called("quality", path, "--templates", "nonsense")


def test_search(site_var: Path) -> None:
    small = ("--labels", "2000", "--looped", "500", "--sentences", "20", "--runs", "3")
    done = manage(site_var, "bench", "search", *small, "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["loop_ratio"] > 5
    assert answer["matmul_ms"] < answer["loop_ms"]
    assert set(answer["latency_ms"]) == {"p50", "p99", "cpu_p50", "cpu_p99"}
    assert set(answer["ok"]) == {
        "matmul_ms",
        "p99_ms",
        "cold_answer_s",
        "memory_mb",
        "moderation_p99_ms",
    }
    assert 0 < answer["memory_mb"] < 500
    assert answer["index"]["templates"] > 60


@pytest.mark.torch
def test_service() -> None:
    answer = called("service", "--tiny", "--litserve", "")
    poisoned = answer["poisoned"]
    assert isinstance(poisoned, dict)
    assert (poisoned["items"], poisoned["answered"], poisoned["failed"]) == (64, 63, 1)
    assert poisoned["largest_difference"] < 1e-4
    assert poisoned["repeated_runs"] == 8, "one of sixteen is found by four halvings"
    assert [row["callers"] for row in answer["rows"]] == [1, 4]  # type: ignore[attr-defined]
    for row in answer["rows"]:  # type: ignore[attr-defined]
        assert row["gain"] == row["service"]["items_per_s"] / row["no_batching"]["items_per_s"]
        assert row["service"]["p50_ms"] <= row["service"]["p99_ms"]
    assert answer["ok"]["poisoned"]  # type: ignore[index]
    for figure in ("ratio_to_ideal", "cpu_in_network", "busy_share", "overhead_ms"):
        assert answer[figure] > 0, figure  # type: ignore[operator]
    assert "--litserve" in answer["litserve"]["skipped"]  # type: ignore[index]


@pytest.mark.parametrize(("option", "name"), [("--styles", "oil"), ("--templates", "nothing_like_it")])
def test_a_sheet_of_something_unknown_says_what_there_is(tmp_path, option, name):
    with pytest.raises(CommandError, match=rf"{option}: there is no {name}; choose from .*(cel|hello)"):
        call_command("contact_sheet", option, name, out=tmp_path / "sheet.png")
    assert not list(tmp_path.iterdir())
