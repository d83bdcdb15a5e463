from __future__ import annotations

import pytest

from ml_core.text.lexicon import Lexicon
from ml_core.text.negation import find_negations


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.load()


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("하나도 안 무서워", "not:discomfort"),
        ("안무서워", "not:discomfort"),
        ("춥지 않아", "not:discomfort"),
        ("울지 마", "dont:discomfort"),
        ("걱정하지마", "dont:discomfort"),
        ("하나도 안 괜찮아", "not:comfort"),
        ("오늘은 못 가", "cant:action"),
        ("돈이 없어", "none:money"),
    ],
)
def test_negation_is_found_with_its_kind_and_what_it_negates(lexicon: Lexicon, text: str, mark: str) -> None:
    assert mark in find_negations(text, lexicon.polarity).marks


@pytest.mark.parametrize("text", ["안녕하세요", "무서워", "못난이 인형", "지금 가", "안방에서 자"])
def test_plain_messages_are_not_negated(lexicon: Lexicon, text: str) -> None:
    assert find_negations(text, lexicon.polarity).marks == ()
