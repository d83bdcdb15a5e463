"""The shipped emotion classifier hears what is plain; profiles say what a template's words carry more of."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from ml_core.errors import WeightsUnavailable
from ml_core.text.emotions import EMOTIONS_DIR, EmotionClassifier, hashed, leanings
from ml_core.text.features import raw_features
from ml_core.text.lexicon import Lexicon
from ml_core.text.normalise import normalise


@pytest.fixture(scope="module")
def classifier() -> EmotionClassifier:
    return EmotionClassifier.load()


def features(text: str) -> dict[str, float]:
    lexicon = Lexicon.load()
    return raw_features(normalise(text, lexicon), lexicon.polarity)


@pytest.mark.parametrize(
    ("text", "emotion"),
    [
        ("정말 감사합니다", "gratitude"),
        ("너무 무서워 ㅠㅠ", "fear"),
        ("미안해 내가 잘못했어", "remorse"),
        ("사랑해", "affection"),
        ("짜증나게 하지마", "anger"),
        ("ㅋㅋㅋ", "joy"),
        ("ㄱㅅㄱㅅ", "gratitude"),
    ],
)
def test_a_plain_feeling_is_heard(classifier: EmotionClassifier, text: str, emotion: str) -> None:
    shares = classifier.shares(features(text))
    assert shares.sum() == pytest.approx(1.0, abs=1e-5)
    assert classifier.emotions[int(shares.argmax())].name == emotion


def test_a_template_leans_to_what_its_texts_carry_more_of_than_others() -> None:
    shares = np.array([[0.8, 0.2], [0.7, 0.3], [0.1, 0.9]], np.float32)
    table = leanings(shares, np.array([0, 0, 1]), 3)
    assert table[0, 0] > 0 > table[0, 1]
    assert table[1, 1] > 0 > table[1, 0]
    np.testing.assert_allclose(table[2], 0.0, atol=1e-6)  # no text of its own: the average
    assert (shares[2] @ table.T).argmax() == 1


def test_hashed_features_have_length_one() -> None:
    buckets, values = hashed({"g가": 1.0, "w가나": 2.0, "n못": 0.5}, 1 << 10)
    assert len(buckets) == 3
    assert max(buckets) < 1 << 10
    assert np.linalg.norm(values) == pytest.approx(1.0)
    assert [len(part) for part in hashed({}, 1 << 10)] == [0, 0]


def test_weights_that_do_not_fit_the_table_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsUnavailable) as missing:
        EmotionClassifier.load(tmp_path)
    assert missing.value.code == "emotions_missing"
    shutil.copy(EMOTIONS_DIR / "model.safetensors", tmp_path)
    (tmp_path / "emotions.toml").write_text("[joy]\nkote = [42]\ngoemotions = []\n", encoding="utf-8")
    with pytest.raises(WeightsUnavailable, match="train_emotions"):
        EmotionClassifier.load(tmp_path)
