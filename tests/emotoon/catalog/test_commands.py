"""Commands that judge, train and film: each as a person calls it."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from emotoon.ml.export import Clip, encode
from ml_core.animation.motion_file import motion_from_toml
from ml_core.text.encoder import NumpyEncoder
from ml_core.training.style.drawn_faces import draw_face, person
from tests.ml_core.training.sentence_shelf import write_shelf
from tests.site import manage

FRAMES, FPS, SIDE = 24, 24.0, 256


def called(*arguments: object) -> dict[str, object]:
    out = StringIO()
    call_command(*map(str, arguments), "--json", stdout=out)
    answer = json.loads(out.getvalue())
    assert isinstance(answer, dict)
    return answer


def refusal(*arguments: object) -> str:
    with pytest.raises(CommandError) as refused:
        called(*arguments)
    assert refused.value.returncode == 2
    assert "\n" not in str(refused.value)
    return str(refused.value)


# evaluate_recommender ------------------------------------------------------------------------------------


def test_queries_are_judged(site_var: Path, tmp_path: Path) -> None:
    file = tmp_path / "queries.json"
    queries = [
        {"text": "생일 축하해!!", "accept": ["bday_wish"]},
        {"text": "늦어서 정말 미안해", "accept": ["sorry", "late"]},
        {"text": "잘 자 좋은 꿈 꿔", "accept": ["no_such_template"]},
    ]
    file.write_text(json.dumps(queries, ensure_ascii=False), encoding="utf-8")
    done = manage(site_var, "evaluate_recommender", str(file), "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["n"] == 3
    assert answer["top1"] == pytest.approx(2 / 3)
    assert answer["top1"] <= answer["top3"] <= answer["top5"]
    low, high = answer["intervals"]["top1"]
    assert low <= answer["top1"] <= high
    assert 0 <= answer["ece"] <= 1
    assert answer["latency_ms"]["p50"] <= answer["latency_ms"]["p99"]
    assert [miss["text"] for miss in answer["misses"]] == ["잘 자 좋은 꿈 꿔"]
    deaf = manage(site_var, "evaluate_recommender", str(file), "--json", "--without", "smell")
    assert deaf.returncode == 2
    assert "intent, meaning, emoji, emotion" in deaf.stderr


@pytest.mark.parametrize(
    "content", ["{", "[]", '[{"text": "안녕"}]', '[{"text": " ", "accept": ["hello"]}]', '["안녕"]']
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "queries.json"
    file.write_text(content, encoding="utf-8")
    assert str(file) in refusal("evaluate_recommender", file)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "No such file" in refusal("evaluate_recommender", tmp_path / "none.json")
    assert "No such file" in refusal("evaluate_sts", tmp_path / "none.tsv")
    assert "No such file" in refusal("capture_motion", tmp_path / "none.mp4", "--out", tmp_path / "m.toml")


# evaluate_sts --------------------------------------------------------------------------------------------


def test_similar_sentences_correlate(tmp_path: Path) -> None:
    file = tmp_path / "sts.tsv"
    rows = [
        ("5.0", "아이가 공원에서 뛰고 있다", "아이가 공원에서 뛰고 있다"),
        ("3.0", "아이가 공원에서 뛰고 있다", "아이가 공원에서 놀고 있다"),
        ("0.0", "아이가 공원에서 뛰고 있다", "주가가 크게 떨어졌다"),
    ]
    lines = ["score\tsentence1\tsentence2", *("\t".join(row) for row in rows)]
    file.write_text("\n".join(lines), encoding="utf-8")
    answer = called("evaluate_sts", file)
    assert answer["n"] == 3
    assert answer["spearman"] == pytest.approx(1.0)
    file.write_text("a\tb\n1\t2\n", encoding="utf-8")
    assert "columns score" in refusal("evaluate_sts", file)


# evaluate_moderator --------------------------------------------------------------------------------------


def test_the_moderator_is_judged(tmp_path: Path) -> None:
    texts = tmp_path / "texts.json"
    texts.write_text(json.dumps([{"text": "생일 축하해"}, {"text": "이 병신아"}]), encoding="utf-8")
    answer = called("evaluate_moderator", texts)
    assert (answer["n"], answer["refused"], answer["categories"]) == (2, 0.5, {"harassment": 1})
    assert [row["text"] for row in answer["blocked"]] == ["이 병신아"]
    comments = tmp_path / "beep.tsv"
    comments.write_text("comments\tbias\thate\n오늘 날씨 좋네요\tnone\tnone\n", encoding="utf-8")
    assert called("evaluate_moderator", comments) == {"n": 1, "macro_f1": pytest.approx(1 / 3)}
    comments.write_text("a\tb\n", encoding="utf-8")
    assert "comments and hate" in refusal("evaluate_moderator", comments)
    texts.write_text("[]", encoding="utf-8")
    assert "no texts" in refusal("evaluate_moderator", texts)
    assert "No such file" in refusal("evaluate_moderator", tmp_path / "none.json")


# train_encoder -------------------------------------------------------------------------------------------


def test_data_that_is_not_there_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    assert "No such file" in refusal("train_encoder", "--data", tmp_path, "--out", tmp_path / "out")


@pytest.mark.torch
def test_an_encoder_is_trained_from_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("kiwipiepy")
    from ml_core.training.sentence import encoder as training
    from ml_core.training.sentence import tasks

    monkeypatch.setattr(tasks, "_CLUSTER_BATCH", 8)
    monkeypatch.setattr(tasks, "_GRADED_BATCH", 16)
    monkeypatch.setattr(training, "DIMENSION", 16)
    monkeypatch.setattr("emotoon.catalog.management.commands.train_encoder.texts_of_files", list)
    (tmp_path / "data").mkdir()
    data, out = write_shelf(tmp_path / "data"), tmp_path / "encoder"
    answer = called("train_encoder", "--data", data, "--out", out, "--steps", 2, "--pieces", 200)
    assert answer["steps"] == 2
    assert answer["dimension"] == 16
    assert NumpyEncoder.load(out).tokenizer.size == answer["pieces"]
    late = refusal("train_encoder", "--data", data, "--out", out, "--minutes", 0, "--pieces", 200)
    assert "time budget" in late


# capture_motion ------------------------------------------------------------------------------------------


def filmed(frames: int, format: str) -> bytes:
    """Somebody drawn who opens and closes the mouth once."""
    who = replace(person(3), turn=0.0, glasses=False, smile=0.0)
    phases = np.arange(frames) / FRAMES
    pictures = [
        draw_face(replace(who, opening=float(0.26 + 0.7 * np.sin(np.pi * phase) ** 2)), "portrait", SIDE)
        for phase in phases
    ]
    opaque = np.full((frames, SIDE, SIDE, 1), 255, np.uint8)
    return encode(Clip(np.concatenate([np.stack(pictures), opaque], axis=3), FPS), format).data


def test_a_video_becomes_a_motion_file(tmp_path: Path) -> None:
    video, out = tmp_path / "me.mp4", tmp_path / "new folder" / "my motion.toml"
    video.write_bytes(filmed(FRAMES, "mp4"))
    answer = called("capture_motion", video, "--out", out)
    motion = motion_from_toml(out.read_text(encoding="utf-8"))
    assert motion.id == answer["id"] == "my_motion"
    assert motion.frames == answer["frames"] == answer["found"] == FRAMES
    assert "jawOpen" in motion.tracks


def test_a_glimpse_and_a_letter_are_refused(tmp_path: Path) -> None:
    video = tmp_path / "short.webm"
    video.write_bytes(filmed(4, "webm"))
    assert "only 4 frames" in refusal("capture_motion", video, "--out", tmp_path / "m.toml")
    video.write_text("Dear Sir or Madam")
    refusal("capture_motion", video, "--out", tmp_path / "m.toml")
    assert not (tmp_path / "m.toml").exists()
