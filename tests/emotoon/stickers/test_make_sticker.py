"""The command line, as a person types it."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest
from PIL import Image

from tests import faces
from tests.site import ROOT, environment, manage


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("photo") / "me.png"
    Image.fromarray(faces.astronaut()).save(path)
    return path


def test_one_json_object_and_the_files_it_names(site_var, photo, tmp_path):
    done = manage(site_var, "make_sticker", str(photo), "생일 축하해!!", "--out", str(tmp_path), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["template"]["id"] == "bday_wish"
    assert 0.5 < told["template"]["score"] <= 1
    assert len(told["runners_up"]) == 4
    assert {"search", "analysing", "toonifying", "animating", "encoding", "total"} <= set(told["timings_ms"])
    assert {file["format"] for file in told["files"]} == {"webp", "webm", "png"}
    for file in told["files"]:
        path = tmp_path / file["path"].rsplit("/", 1)[1]
        assert path.stat().st_size == file["bytes"]
        assert (file["width"], file["height"]) == (512, 512)
    webm = next(file for file in told["files"] if file["format"] == "webm")
    assert webm["bytes"] <= 256_000
    assert webm["duration_s"] <= 3
    webp = next(file for file in told["files"] if file["format"] == "webp")
    animated = Image.open(io.BytesIO((tmp_path / webp["path"].rsplit("/", 1)[1]).read_bytes()))
    assert animated.n_frames == webp["frames"] > 20
    assert animated.mode == "RGBA"


def test_every_format_style_and_a_chosen_template(site_var, photo, tmp_path):
    done = manage(
        site_var,
        *("make_sticker", str(photo), "안녕", "--out", str(tmp_path), "--template", "hello"),
        *("--style", "ink", "--strength", "0.7", "--format", "mp4,apng,gif,png", "--json"),
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["template"] == {"id": "hello", "title": told["template"]["title"], "score": None}
    assert [file["format"] for file in told["files"]] == ["mp4", "apng", "gif", "png"]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["missing.jpg", "안녕"], "missing.jpg"),
        (["PHOTO", ""], "적어"),
        (["PHOTO", "안녕", "--template", "flying"], "flying"),
        (["PHOTO", "안녕", "--style", "cubism"], "스타일"),
        (["PHOTO", "안녕", "--strength", "7"], "세기"),
        (["PHOTO", "안녕", "--caricature", "-1"], "캐리커처"),
        (["PHOTO", "안녕", "--parts", "nose=1"], "eyes"),
        (["PHOTO", "안녕", "--parts", "hair=lots"], "--parts"),
        (["PHOTO", "안녕", "--recolour", "hair=rot"], "#8a4b2a"),
        (["PHOTO", "안녕", "--recolour", "skin=#ffffff"], "hair"),
        (["PHOTO", "안녕", "--format", "doc"], "형식"),
        (["manage.py", "안녕"], "사진"),
        (["PHOTO", "안녕", "--face", "9"], "얼굴"),
    ],
)
def test_a_wrong_wish_is_one_clear_line_and_exit_code_2(site_var, photo, tmp_path, arguments, word):
    arguments = [str(photo) if argument == "PHOTO" else argument for argument in arguments]
    done = manage(site_var, "make_sticker", *arguments, "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert done.stdout == ""
    last = done.stderr.strip().splitlines()[-1]
    assert word in last
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_recommend(site_var):
    done = manage(site_var, "recommend", "칼퇴 성공ㅋㅋ", "-k", "3", "--json", "--explain")
    told = json.loads(done.stdout)
    assert told["templates"][0]["id"] == "offwork"
    assert len(told["templates"]) == 3
    assert set(told["templates"][0]["signals"]) == {"intent", "meaning", "emoji", "emotion"}
    assert all(0 < share <= 1 for share in told["emotions"].values())
    assert told["templates"][0]["emotions"]
    assert manage(site_var, "recommend", "   ").returncode == 2


def test_the_default_engine_needs_no_torch(site_var, photo, tmp_path):
    """Everything from photo to file in one process, which then looks at what it has imported."""
    code = (
        "import sys; from django.core.management import execute_from_command_line as run;"
        f"run(['manage.py', 'make_sticker', {str(photo)!r}, '안녕', '--out', {str(tmp_path)!r}]);"
        "heavy = {'torch', 'transformers', 'insightface', 'mediapipe'} & set(sys.modules);"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    settings = {"DJANGO_SETTINGS_MODULE": "emotoon.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment(site_var) | settings,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.iterdir())) == 3
