from __future__ import annotations

import json
from pathlib import Path

import pytest

from ml_core.errors import WeightsUnavailable
from ml_core.text.moderation import Moderator

DATA = Path(__file__).parents[2] / "data" / "moderation.json"


@pytest.fixture(scope="module")
def moderator() -> Moderator:
    return Moderator.load()


def test_the_listed_sentences_of_both_sides(moderator: Moderator) -> None:
    rows = json.loads(DATA.read_text(encoding="utf-8"))
    assert sum(row["allowed"] for row in rows) >= 100
    assert sum(not row["allowed"] for row in rows) >= 100
    wrong = []
    for row in rows:
        verdict = moderator.check(row["text"])
        if verdict.allowed != row["allowed"] or verdict.category != row.get("category"):
            wrong.append((row["text"], verdict))
    assert wrong == []


def test_a_verdict_shows_what_and_why(moderator: Moderator) -> None:
    text = "내 번호 010-1234-5678이야"
    verdict = moderator.check(text)
    assert verdict.category == "personal_data"
    assert verdict.reason_code == "phone"
    assert [text[start:end] for start, end in verdict.spans] == ["010-1234-5678"]


def test_hidden_words_are_seen_where_they_stand(moderator: Moderator) -> None:
    text = "야 병.1신 같은"
    verdict = moderator.check(text)
    assert verdict.category == "harassment"
    assert [text[start:end] for start, end in verdict.spans] == ["병.1신"]


def test_the_gravest_category_answers(moderator: Moderator) -> None:
    assert moderator.check("여고생 벗은 사진 010-1234-5678").category == "minors"


@pytest.mark.parametrize("text", ["", "   ", "ㅋ" * 500, "🎂" * 50, "\u202e\x00", "가" * 10_000])
def test_odd_texts_are_judged_without_failing(moderator: Moderator, text: str) -> None:
    assert moderator.check(text).allowed


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("ㅂㅕㅇㅅㅣㄴ아 뭐해", "harassment"),
        ("느 금 마", "harassment"),
        ("병\u200b신", "harassment"),
        ("병1신", "harassment"),
        ("자 살 하고싶다", "self_harm"),
        ("i want to die", "self_harm"),
        ("Kill yourself", "harassment"),
        ("너 같은 건 죽어", "harassment"),
    ],
)
def test_hidden_and_english_words_are_seen(moderator: Moderator, text: str, category: str) -> None:
    assert moderator.check(text).category == category


@pytest.mark.parametrize("text", ["자 살 빼자", "안 아 줘", "ㅇㅏㄴㄴㅕㅇ", "ㅋㅋㅋㅋㅜㅜ", "나 너 좋 아 해"])
def test_spaced_and_loose_letters_are_no_offence(moderator: Moderator, text: str) -> None:
    assert moderator.check(text).allowed


def test_the_classifier_hears_tone_that_no_rule_names(moderator: Moderator) -> None:
    kind = moderator.model.probabilities("오늘 고생 많았어 푹 쉬어")
    cruel = moderator.model.probabilities("역겨운 년들 다 나가 죽었으면 좋겠다 더러운 것들")
    assert kind.sum() == pytest.approx(1)
    assert cruel[0] < 0.1
    assert kind[0] > 0.5


def test_a_missing_model_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WeightsUnavailable, match="train_moderator"):
        Moderator.load(tmp_path)
