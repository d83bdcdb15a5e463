from __future__ import annotations

import pytest

from ml_core.text.clauses import last_clause_start
from ml_core.text.features import raw_features


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("걱정 많이 했는데 다 잘됐어", 3),
        ("맵지만 자꾸 손이 가네", 1),
        ("어제 잘 잤더니 몸이 가볍네", 3),
        ("비는 오는데 그래도 나가자 신난다", 3),
        ("생일 축하해", 0),
        ("그건 그런데 왜", 0),
        ("배고픈데", 0),
        ("", 0),
    ],
)
def test_the_last_clause_begins_after_the_last_turn(text: str, start: int) -> None:
    assert last_clause_start(text.split()) == start


def test_the_first_clause_counts_less_than_the_last() -> None:
    found = raw_features("졸린데 놀러 나가자", {})
    assert found["w졸린데"] < found["w나가자"]
    assert found["w놀러 나가자"] == 1.0


def test_a_word_of_both_clauses_counts_in_full() -> None:
    assert raw_features("밥 먹었는데 밥 또 먹자", {})["w밥"] == 1.0
