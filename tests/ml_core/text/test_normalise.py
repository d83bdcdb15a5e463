from __future__ import annotations

import time

import pytest

from ml_core.errors import SentenceRejected
from ml_core.text.lexicon import Lexicon
from ml_core.text.normalise import SENTENCE_LIMIT, check_sentence, normalise


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.load()


@pytest.mark.parametrize(
    ("typed", "code"),
    [("", "empty"), (" \u200b\u202e\u3164 ", "empty"), ("...!!~", "no_words"), ("가" * 201, "too_long")],
)
def test_a_sentence_that_cannot_be_used_says_why(typed: str, code: str) -> None:
    with pytest.raises(SentenceRejected) as refusal:
        check_sentence(typed)
    assert refusal.value.code == code


def test_a_pasted_book_is_refused_at_once_and_the_limit_is_told() -> None:
    started = time.perf_counter()
    with pytest.raises(SentenceRejected) as refusal:
        check_sentence("가나다라 " * 2000)
    assert time.perf_counter() - started < 0.05
    assert refusal.value.params == {"limit": SENTENCE_LIMIT, "length": 10_000}


@pytest.mark.parametrize("typed", ["ㅋㅋㅋ", "🎂", "ㅠㅠ", "♥", "^^", "hello", "1등!", "おはよう"])
def test_emoji_laughter_and_other_languages_are_sentences(typed: str) -> None:
    assert check_sentence(typed) == typed


def test_invisible_letters_and_bidirectional_tricks_disappear() -> None:
    assert check_sentence("생\u200b일 \u202e축하\u2069해\x00") == "생일 축하해"
    assert check_sentence("생일") == "생일"  # decomposed jamo are composed


def test_emoji_of_several_parts_stay_whole_for_the_caption(lexicon: Lexicon) -> None:
    family, heart = "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u2764\ufe0f\u200d\U0001f525"
    assert check_sentence(f"{family} 우리 가족 {heart}") == f"{family} 우리 가족 {heart}"
    assert check_sentence("생\u200d일\ufe0f") == "생일"
    assert "\u200d" not in normalise(f"{family} 가족", lexicon)
    assert "불" in normalise(heart, lexicon)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ㅋㅋㅋㅋㅋㅋ", "ㅋㅋ"),
        ("배고파아아아", "배고파"),
        ("가자아아~~~", "가자"),
        ("아이 좋아", "아이 좋아"),
        ("ㅠㅜㅠㅜㅠ", "ㅠㅠ"),
        ("ＯＫ", "ok"),
        ("힘들다.....", "힘들다 .."),
    ],
)
def test_runs_and_elongation_fold(typed: str, meant: str) -> None:
    assert normalise(typed) == meant


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("ㅈㅅ 깜빡했어", "죄송"),
        ("ㄱㅅㄱㅅ", "감사"),
        ("칼퇴 성공ㅋㅋ", "퇴근"),
        ("Happy Birthday!!", "생일"),
        ("🎂", "생일"),
        ("가기 시러", "싫어"),
        ("개빡쳐서 못 참아", "화나"),
    ],
)
def test_the_lexicon_puts_the_meaning_in(lexicon: Lexicon, typed: str, word: str) -> None:
    assert word in normalise(typed, lexicon)


def test_a_single_letter_of_slang_is_no_part_of_a_word(lexicon: Lexicon) -> None:
    assert "동의" in normalise("콜!", lexicon)
    assert "동의" not in normalise("콜라 마실래", lexicon)


def test_normalising_twice_changes_nothing_more(lexicon: Lexicon) -> None:
    for typed in ("안녕하세요오오~", "ㅋㅋㅋ 웃겨", "생일 축하해🎂", "T_T 슬퍼"):
        once = normalise(typed)
        assert normalise(once) == once


def test_every_row_of_the_lexicon_has_a_meaning_and_its_origin() -> None:
    import tomllib

    from ml_core.text.lexicon import LEXICON_DIR

    tables = tomllib.loads((LEXICON_DIR / "slang.toml").read_text(encoding="utf-8"))
    rows = [row for table in tables.values() for row in table.values()]
    assert len(rows) > 800
    assert all(len(row) == 2 and row[0].strip() and row[1].strip() for row in rows)
