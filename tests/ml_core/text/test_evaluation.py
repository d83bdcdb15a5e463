from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ml_core.text.encoder import NumpyEncoder
from ml_core.text.evaluation import calibration_error, evaluate, evaluate_sts
from ml_core.text.search import SearchIndex
from tests.ml_core.text.corpus_small import TEMPLATES


@pytest.fixture(scope="module")
def encoder() -> NumpyEncoder:
    return NumpyEncoder.load()


def test_the_report_has_what_the_command_prints(encoder: NumpyEncoder) -> None:
    from dataclasses import replace

    refined = replace(TEMPLATES[0], id="birthday_cake", covers="birthday", messages=("케이크 불 꺼",))
    index = SearchIndex.build([*TEMPLATES, refined], encoder)
    queries = [
        {"text": "케이크 불 꺼라", "accept": ["birthday"]},
        {"text": "잘 자요", "accept": ["goodnight"]},
        {"text": "퇴근했어", "accept": ["hungry", "lol"]},
    ]
    report = evaluate(index, queries)
    assert report["n"] == 3
    assert report["top1"] == pytest.approx(2 / 3)
    assert report["top1"] <= report["top3"] <= report["top5"] <= 1
    assert report["mrr"] >= report["top1"]
    low, high = report["intervals"]["top1"]
    assert low <= report["top1"] <= high
    assert 0 <= report["ece"] <= 1
    assert report["latency_ms"]["p50"] <= report["latency_ms"]["p99"]
    assert [miss["text"] for miss in report["misses"]] == ["퇴근했어"]
    assert report["misses"][0]["found"][0] == "offwork"
    with pytest.raises(ValueError, match="no queries"):
        evaluate(index, [])


def test_calibration_error_is_zero_only_when_calibrated() -> None:
    assert calibration_error(np.array([0.75] * 4), np.array([1, 1, 1, 0.0])) == pytest.approx(0)
    assert calibration_error(np.array([0.9] * 4), np.zeros(4)) == pytest.approx(0.9)


def test_sts_correlates_with_gold_scores(encoder: NumpyEncoder, tmp_path: Path) -> None:
    rows = [
        ("5.0", "비행기가 이륙하고 있다.", "비행기가 이륙하고 있다."),
        ("4.5", "아이가 말을 타고 있다.", "한 아이가 말을 타고 있다."),
        ("1.0", "한 남자가 기타를 치고 있다.", "한 남자가 축구를 보고 있다."),
        ("0.0", "개가 눈밭을 달린다.", "여자가 양파를 썰고 있다."),
    ]
    path = tmp_path / "sts.tsv"
    path.write_text(
        "score\tsentence1\tsentence2\n" + "\n".join("\t".join(row) for row in rows), encoding="utf-8"
    )
    report = evaluate_sts(encoder, path)
    assert report["n"] == 4
    assert report["spearman"] > 0.7
