"""swap_face and picture templates on the command line, as people call them."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from tests.faces import astronaut, cat, grace_hopper
from tests.site import manage


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    pictures = {"source": grace_hopper(), "target": astronaut(), "cat": cat()}
    for name, picture in pictures.items():
        Image.fromarray(picture).save(folder / f"{name}.png")
    head = Image.fromarray(astronaut()[0:200, 120:320])
    head.save(folder / "minute.gif", save_all=True, append_images=[head.rotate(2)] * 3, duration=15_000)
    return folder


def test_a_face_goes_into_a_picture(site_var, photos, tmp_path):
    out = tmp_path / "x.png"
    wishes = ["--regions", "eyes,mouth", "--amount", "0.7", "--out", str(out), "--json"]
    done = manage(site_var, "swap_face", str(photos / "source.png"), str(photos / "target.png"), *wishes)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["faces_found"], told["faces_swapped"], told["format"]) == (1, [0], "png")
    shown = np.asarray(Image.open(io.BytesIO(out.read_bytes())).convert("RGB")).astype(int)
    assert 0 < (np.abs(shown - astronaut()).max(axis=2) > 8).mean() < 0.05
    assert b"compositeWithTrainedAlgorithmicMedia" in out.read_bytes()


def test_weights_that_may_not_be_used_are_named_and_our_own_engine_takes_over(site_var, photos, tmp_path):
    wishes = ["--backend", "insightface", "--out", str(tmp_path / "x.png"), "--json"]
    done = manage(site_var, "swap_face", str(photos / "source.png"), str(photos / "target.png"), *wishes)
    assert done.returncode == 0, done.stderr
    assert "가중치를 상업적으로 쓸 수 없음" in done.stderr
    told = json.loads(done.stdout)["backend"]
    assert told["swap"] == "mesh"
    assert [each["code"] for each in told["fallbacks"]] == ["weights_not_commercial"]
    assert (tmp_path / "x.png").is_file()


@pytest.mark.parametrize(
    ("target", "wishes", "word"),
    [
        ("cat.png", [], "대상 사진에 얼굴이 없어요"),
        ("target.png", ["--faces", "0,2"], "2번 얼굴이 없어요"),
        ("target.png", ["--faces", "best"], "--faces"),
        ("target.png", ["--regions", "ears"], "eyes"),
        ("target.png", ["--amount", "7"], "0부터 1"),
        ("minute.gif", [], "6초 이내"),
        ("target.png", ["--backend", "magic"], "insightface"),
    ],
)
def test_a_wrong_wish_is_one_clear_line_and_exit_code_2(site_var, photos, tmp_path, target, wishes, word):
    out = tmp_path / ("x.gif" if target.endswith("gif") else "x.png")
    done = manage(
        site_var, "swap_face", str(photos / "source.png"), str(photos / target), *wishes, "--out", str(out)
    )
    assert done.returncode == 2
    assert word in done.stderr.strip().splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert not out.exists()


@pytest.mark.parametrize(
    ("wishes", "word"),
    [
        (["--template", "pic_king", "--with", "target.png"], "pic_king shows 1 face"),
        (["--template", "hello", "--with", "target.png"], "hello shows 1 face"),
        (["--template", "pic_king", "--animate", "liveportrait"], "--animate goes with talking heads"),
    ],
)
def test_what_a_template_cannot_do_is_refused(site_var, photos, tmp_path, wishes, word):
    words = [str(photos / each) if each.endswith(".png") else each for each in wishes]
    photo, out = str(photos / "source.png"), str(tmp_path)
    done = manage(site_var, "make_sticker", photo, "안녕", *words, "--out", out)
    assert done.returncode == 2
    assert word in done.stderr.strip().splitlines()[-1]


def test_a_sticker_from_a_picture_template(site_var, photos, tmp_path):
    """Through the same command, search index and pipeline as a talking head, captions and marks included."""
    other = str(photos / "target.png")
    wishes = ["--template", "pic_couple", "--with", other, "--out", str(tmp_path), "--json"]
    done = manage(site_var, "make_sticker", str(photos / "source.png"), "우리 사랑 영원히", *wishes)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["template"]["id"] == "pic_couple"
    assert {file["format"] for file in told["files"]} == {"webp", "webm", "png"}
    webp = (tmp_path / "pic_couple.webp").read_bytes()
    assert b"compositeWithTrainedAlgorithmicMedia" in webp
    assert next(file for file in told["files"] if file["format"] == "webm")["bytes"] <= 256 * 1024
