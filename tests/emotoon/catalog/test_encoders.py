"""EMOTOON_ENCODER as an operator sets it, in processes of their own: exported once, read without torch."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.site import ROOT, environment
from tests.tiny_sentence_model import save_tiny_model

FEW = ("bday_wish", "bday_thanks", "thanks", "sorry", "hello", "hungry")
PAIRS = "score\tsentence1\tsentence2\n5\t한 남자가\t한 남자가\n1\t생일 축하해\t빵을 먹는다\n0\t미안\t고마워\n"
RECOMMEND = ("recommend", "생일 축하해", "--json", "--explain")
# Management commands one after the other in a process that may not import torch: [exit code, JSON or text].
WITHOUT_TORCH = """
import io, json, os, sys
sys.modules["torch"] = sys.modules["transformers"] = None
os.environ["DJANGO_SETTINGS_MODULE"] = "emotoon.settings"
import django
from django.core.management import CommandError, call_command
django.setup()
answers = []  # what a command prints itself comes before
for command in json.loads(sys.argv[1]):
    out = io.StringIO()
    try:
        call_command(*command, stdout=out)
        answers.append([0, out.getvalue()])
    except CommandError as error:
        answers.append([error.returncode, str(error)])
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def few_templates(site_var: Path) -> Path:
    """A site with a catalog of six: its index is built in a second."""
    with sqlite3.connect(site_var / "emotoon.sqlite3") as database:
        marks = ", ".join("?" * len(FEW))
        database.execute(
            f"UPDATE catalog_talkingheadtemplate SET is_published = 0 WHERE template_id NOT IN ({marks})",  # noqa: S608
            FEW,
        )
    return site_var


def run(var: Path, encoder: str, *command: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment(var, EMOTOON_ENCODER=encoder, HF_HUB_CACHE=str(var / "hub"), PYTHONPATH=str(ROOT)),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


def without_torch(var: Path, encoder: str, *commands: tuple[str, ...]) -> tuple[list[Any], str]:
    done = run(var, encoder, "-c", WITHOUT_TORCH, json.dumps(commands))
    return json.loads(done.stdout.splitlines()[-1]), done.stderr


@pytest.mark.torch
def test_a_folder_is_exported_once_and_answers_without_torch(few_templates: Path, tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers")
    model, pairs = str(save_tiny_model(tmp_path)), tmp_path / "pairs.tsv"
    pairs.write_text(PAIRS, encoding="utf-8")

    ((_, before),), log = without_torch(few_templates, model, RECOMMEND)
    assert json.loads(before)["encoder"]["fallbacks"][0]["code"] == "encoder_not_exported"
    assert log.count("the embedded one stands in") == 1

    card = json.loads(run(few_templates, model, "manage.py", "models", "export-onnx", model, "--json").stdout)
    assert card["least_cosine"] >= 0.9999
    assert (Path(card["path"]) / "model.onnx").is_file()

    commands = (("load_catalog",), RECOMMEND, ("evaluate_sts", str(pairs), "--json"))
    answers, _ = without_torch(few_templates, model, *commands)
    assert [code for code, _ in answers] == [0, 0, 0]
    found, figures = json.loads(answers[1][1]), json.loads(answers[2][1])
    used = found["encoder"]["used"]
    assert used.startswith(f"{model}-")
    assert found["encoder"]["fallbacks"] == []
    assert {hit["id"] for hit in found["templates"]} < set(FEW)
    assert figures["encoder"] == used

    # Its index is in place when the model is lost: the spare one answers, and says so.
    ((code, after),), _ = without_torch(few_templates, "somebody/not-here", RECOMMEND)
    assert code == 0
    told = json.loads(after)
    assert told["templates"][0]["id"] == "bday_wish"
    assert told["encoder"]["used"].startswith("embedded-")
    assert [each["code"] for each in told["encoder"]["fallbacks"]] == ["encoder_missing"]


def test_weights_that_cannot_be_used_are_told_and_never_measured(few_templates: Path) -> None:
    missing = ("evaluate_sts", "none.tsv")
    answers, log = without_torch(few_templates, "somebody/not-here", RECOMMEND, missing, ("models", "list"))
    assert [code for code, _ in answers] == [0, 2, 0]
    assert json.loads(answers[0][1])["templates"][0]["id"] == "bday_wish"
    assert "models pull" in answers[1][1]
    assert log.count("somebody/not-here") >= 3, "in the log, from recommend and from models list"

    ((_, forbidden),), _ = without_torch(few_templates, "jhgan/ko-sbert-nli", RECOMMEND)
    assert json.loads(forbidden)["encoder"]["fallbacks"][0]["code"] == "weights_not_commercial"
