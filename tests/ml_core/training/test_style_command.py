"""`manage.py train_style`: one JSON object, the data set judged first, refusals in one line."""

from __future__ import annotations

import json
import shutil
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from emotoon.core.errors import InvalidInput
from emotoon.ml.networks import StyleJob, TrainOptions, style_train
from ml_core.training.style.drawn_faces import drawn_faces
from ml_core.training.style.pictures import write_png

pytestmark = pytest.mark.torch


@pytest.fixture
def drawings(tmp_path):
    folder = tmp_path / "drawings"
    folder.mkdir()
    for index, face in enumerate(drawn_faces(50, "comic", 32)):
        write_png(folder / f"{index}.png", face)
    return folder


def answer(*arguments: object) -> tuple[dict[str, object], str]:
    out, err = StringIO(), StringIO()
    call_command("train_style", *map(str, arguments), "--json", stdout=out, stderr=err)
    return json.loads(out.getvalue()), err.getvalue()


TINY = ("--size", 16, "--widest", 8, "--batch", 8, "--images", 16, "--snapshot-every", 8, "--kid-samples", 16)


def test_it_trains_and_then_resumes(drawings, tmp_path):
    common = (drawings, "--out", tmp_path / "style", *TINY, "--device", "cpu", "--path-weight", 0)
    first, said = answer(*common, "--ada")
    assert [row["images"] for row in first["training"]["snapshots"]] == [0, 8, 16]
    assert "KID" in said
    with pytest.raises(CommandError, match="--resume") as refused:
        answer(*common)
    assert refused.value.returncode == 2
    with pytest.raises(CommandError, match=r"weights of g: [^\n]+$"):
        answer(*common, "--resume", "--images", 24, "--size", 32)
    second, _ = answer(*common, "--images", 24, "--resume")
    assert [row["images"] for row in second["training"]["snapshots"]] == [24]
    tuned, _ = answer(
        drawings, "--out", tmp_path / "tuned", "--base", tmp_path / "style" / "latest.pt", "--freeze-d", 1,
        *TINY, "--device", "cpu", "--path-weight", 0,
    )  # fmt: skip
    assert tuned["training"]["size"] == 16


def test_an_unfit_set_is_not_trained_on(drawings, tmp_path):
    for path in sorted(drawings.iterdir())[10:]:
        path.unlink()
    shutil.copy(drawings / "0.png", drawings / "copy.png")
    out, err = StringIO(), StringIO()
    words = map(str, (drawings, "--out", tmp_path / "style", *TINY, "--device", "cpu", "--json"))
    with pytest.raises(CommandError, match="Not trained") as refused:
        call_command("train_style", *words, stdout=out, stderr=err)
    assert refused.value.returncode == 2
    result = json.loads(out.getvalue())
    assert "training" not in result
    assert {"too_few", "duplicates"} <= result["dataset"]["problems"].keys()
    assert "0.png = copy.png" in err.getvalue()


@pytest.mark.parametrize(
    ("words", "option"),
    [
        ({"batch": 0}, "--batch"),
        ({"learning_rate": float("nan")}, "--learning-rate"),
        ({"kid_samples": 1}, "--kid-samples"),
        ({"size": 60}, "--size"),
        ({"widest": 0}, "--widest"),
    ],
)
def test_a_number_that_cannot_be_is_refused_before_anything_is_read(tmp_path, words, option):
    options = TrainOptions(**{"images": 8, **{k: v for k, v in words.items() if k not in {"size", "widest"}}})
    shape = {k: v for k, v in words.items() if k in {"size", "widest"}}
    job = StyleJob(tmp_path / "nowhere", tmp_path / "style", options, device="cpu", **shape)
    with pytest.raises(InvalidInput) as refused:
        style_train(order=job, on_snapshot=print)
    assert refused.value.code == "option_invalid"
    assert option in str(refused.value.message)


def test_a_place_that_cannot_be_written_is_said_in_one_line(drawings, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match="--out") as refused:
        answer(drawings, "--out", tmp_path / "file" / "style", *TINY, "--device", "cpu")
    assert refused.value.returncode == 2


def test_a_missing_folder_is_refused_in_one_line(tmp_path):
    with pytest.raises(CommandError, match="no PNG, JPEG or WebP") as refused:
        answer(tmp_path, "--out", tmp_path / "style", "--check-only")
    assert refused.value.returncode == 2
