from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from ml_core.errors import TargetUnmet
from ml_core.text.emotions import EMOTIONS_DIR, EmotionClassifier
from ml_core.text.encoder import NumpyEncoder
from ml_core.text.features import raw_features
from ml_core.text.moderation import Moderator, hashed_features
from ml_core.text.moderation.evaluation import macro_f1
from ml_core.text.normalise import normalise
from ml_core.training.sentence import emotions, moderation, tasks
from ml_core.training.sentence.emotions import train_emotions
from ml_core.training.sentence.moderation import train_moderator
from tests.ml_core.text.corpus_small import TEMPLATES
from tests.ml_core.training.sentence_shelf import SENTENCES, write_shelf


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shelf(tmp_path_factory.mktemp("shelf"))


@pytest.mark.torch
def test_the_same_seed_gives_the_same_encoder(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("kiwipiepy")
    from ml_core.training.sentence import encoder as training

    monkeypatch.setattr(tasks, "_CLUSTER_BATCH", 8)
    monkeypatch.setattr(tasks, "_GRADED_BATCH", 16)
    monkeypatch.setattr(training, "DIMENSION", 16)
    options = {"seed": 3, "steps": 264, "vocabulary": 200}
    measures = training.train_encoder(data, TEMPLATES, tmp_path / "first", **options)
    training.train_encoder(data, TEMPLATES, tmp_path / "second", **options)
    first, second = NumpyEncoder.load(tmp_path / "first"), NumpyEncoder.load(tmp_path / "second")
    assert first.name == second.name
    np.testing.assert_array_equal(first.vectors, second.vectors)
    assert measures["pieces"] == first.tokenizer.size <= 200
    assert measures["korsts_dev"] > 0.5  # it learned the pairs it was shown
    assert "CC BY-SA 4.0" in (tmp_path / "first" / "README.md").read_text(encoding="utf-8")

    with pytest.raises(TargetUnmet) as late:
        training.train_encoder(data, TEMPLATES, tmp_path / "third", time_budget=0.0, **options)
    assert late.value.code == "training_too_slow"
    assert not (tmp_path / "third").exists()


def test_a_moderator_learns_tone(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sklearn")
    monkeypatch.setattr(moderation, "BUCKETS", 1 << 12)
    measures = train_moderator(data, TEMPLATES, tmp_path)
    assert measures["held_out_beep_macro_f1"] > 0.9
    (tmp_path / "rules.toml").write_text(
        '[[rule]]\ncategory="spam"\nreason="x"\nview="words"\nany=["광고"]\n'
    )
    model = Moderator.load(tmp_path).model
    assert model.probabilities("친구가 역겨운 벌레들").argmax() == 2
    assert model.probabilities("친구가 고마워요").argmax() == 0
    assert "CC BY-SA 4.0" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_emotions_are_learned_the_same_way_twice(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("scipy")
    monkeypatch.setattr(emotions, "BUCKETS", 1 << 10)
    shutil.copy(EMOTIONS_DIR / "emotions.toml", tmp_path)
    measures = train_emotions(data, tmp_path)
    first = (tmp_path / "model.safetensors").read_bytes()
    assert train_emotions(data, tmp_path) == measures
    assert (tmp_path / "model.safetensors").read_bytes() == first
    classifier = EmotionClassifier.load(tmp_path)
    assert classifier.weights.shape == (1 << 10, len(classifier.emotions))
    curiosity = [emotion.name for emotion in classifier.emotions].index("curiosity")
    of_its_own, of_none = (
        classifier.shares(raw_features(normalise(text), {}))[curiosity] for text in (SENTENCES[15], "")
    )
    assert of_its_own > 1.5 * of_none  # KOTE's label 15
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "KOTE" in card
    assert "KorSTS" not in card


def test_macro_f1_counts_every_class_alike() -> None:
    truth = np.array([0, 0, 0, 0, 1, 2])
    assert macro_f1(truth, truth) == 1.0
    assert macro_f1(np.zeros(6, int), truth) == pytest.approx(0.8 / 3)


def test_features_are_distinct_buckets_within_range() -> None:
    buckets = hashed_features("오늘도 수고했어 오늘도", 1 << 10)
    assert len(set(buckets.tolist())) == len(buckets)
    assert buckets.min() >= 0
    assert buckets.max() < 1 << 10
