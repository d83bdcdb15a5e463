from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ml_core.errors import WeightsUnavailable
from ml_core.text import index_handle
from ml_core.text.corpus import corpus_digest
from ml_core.text.encoder import NumpyEncoder
from ml_core.text.fusion import acceptability, confidence_of, fit_fusion, softmax
from ml_core.text.index_handle import IndexHandle
from ml_core.text.matching import LabelMatrix, owner_starts
from ml_core.text.search import SIGNALS, SearchIndex
from tests.ml_core.text.corpus_small import TEMPLATES


@pytest.fixture(scope="module")
def encoder() -> NumpyEncoder:
    return NumpyEncoder.load()


@pytest.fixture(scope="module")
def index(encoder: NumpyEncoder) -> SearchIndex:
    return SearchIndex.build(TEMPLATES, encoder)


@pytest.mark.parametrize(
    ("sentence", "template"),
    [
        ("생일 추카추카", "birthday"),
        ("happy birthday!", "birthday"),
        ("🎂", "birthday"),
        ("ㅈㅅ 깜빡했어", "sorry"),
        ("칼퇴함 ㅋㅋ", "offwork"),
        ("배고팡", "hungry"),
        ("배 고 파", "hungry"),
        ("잘자용~~", "goodnight"),
        ("ㅋㅋㅋ", "lol"),
        ("귀신이 무서워요", "scared"),
        ("귀신 하나도 안 무섭지롱", "fine"),
    ],
)
def test_what_people_type_is_understood(index: SearchIndex, sentence: str, template: str) -> None:
    assert index.search(sentence).hits[0].template_id == template


@pytest.mark.parametrize("sentence", ["おはようございます", "xyzzy", "Je suis là"])
def test_what_it_does_not_know_it_admits(index: SearchIndex, sentence: str) -> None:
    assert index.search(sentence).confidence == "unsure"


def test_a_hit_explains_itself(index: SearchIndex) -> None:
    result = index.search("생일 축하해", k=3)
    assert result.confidence == "sure"
    assert len(result.hits) == 3
    best = result.hits[0]
    assert best.nearest_label in TEMPLATES[0].labels
    assert set(best.signals) == set(SIGNALS)
    assert set(result.emotions) & set(best.emotions)  # what the sentence carries speaks for it
    assert all(value > 0 for value in best.emotions.values())
    assert 0 < best.probability <= 1
    assert best.probability >= result.hits[1].probability >= result.hits[2].probability


def test_a_signal_can_be_left_out_to_see_what_it_brings(index: SearchIndex) -> None:
    deaf = index.without("intent").search("생일 축하해").hits[0]
    assert deaf.signals["intent"] == 0.0
    assert deaf.signals["meaning"] == index.search("생일 축하해").hits[0].signals["meaning"]
    with pytest.raises(ValueError, match="intent, meaning"):
        index.without("smell")


def test_emotions_are_heard_in_korean_alone(index: SearchIndex) -> None:
    assert index.search("사랑해").emotions
    assert not index.search("Je suis là").emotions


def test_building_twice_gives_the_same_index(index: SearchIndex, encoder: NumpyEncoder) -> None:
    again = SearchIndex.build(TEMPLATES, encoder)
    np.testing.assert_array_equal(again.classifier.sparse, index.classifier.sparse)
    assert again.fusion == index.fusion
    assert again.version == index.version


def test_hard_negatives_teach_the_template_they_belong_to(encoder: NumpyEncoder) -> None:
    message = "배가 남산만 하다"
    taught = [replace(t, hard_negatives=((message, "lol"),)) if t.id == "hungry" else t for t in TEMPLATES]
    assert SearchIndex.build(taught, encoder).search(message).hits[0].template_id == "lol"
    wrong = [replace(TEMPLATES[0], hard_negatives=(("무엇", "nowhere"),)), *TEMPLATES[1:]]
    with pytest.raises(ValueError, match="nowhere"):
        SearchIndex.build(wrong, encoder)


def test_a_template_without_labels_is_refused(encoder: NumpyEncoder) -> None:
    with pytest.raises(ValueError, match="no label"):
        SearchIndex.build([replace(TEMPLATES[0], labels=()), *TEMPLATES[1:]], encoder)


def test_saved_and_loaded_it_answers_the_same(
    index: SearchIndex, encoder: NumpyEncoder, tmp_path: Path
) -> None:
    index.save(tmp_path)
    loaded = SearchIndex.load(tmp_path, encoder)
    for sentence in ("생일 축하해🎂", "안 무서워", "퇴근하고 밥 먹자", "xyzzy"):
        assert loaded.search(sentence, 8) == index.search(sentence, 8)
    assert not list(tmp_path.rglob("*.pkl"))


def test_a_missing_or_foreign_index_says_so(
    index: SearchIndex, encoder: NumpyEncoder, tmp_path: Path
) -> None:
    with pytest.raises(WeightsUnavailable) as missing:
        SearchIndex.load(tmp_path, encoder)
    assert missing.value.code == "index_missing"
    index.save(tmp_path)
    with pytest.raises(WeightsUnavailable) as stale:
        SearchIndex.load(tmp_path, NumpyEncoder(encoder.tokenizer, encoder.vectors, "another"))
    assert stale.value.code == "index_stale"
    other = replace(index, emotions=replace(index.emotions, version="other"))
    other.save(tmp_path)
    with pytest.raises(WeightsUnavailable) as retrained:
        SearchIndex.load(tmp_path, encoder)
    assert retrained.value.code == "index_stale"


def test_the_version_follows_every_word() -> None:
    changed = [replace(TEMPLATES[0], title="생일"), *TEMPLATES[1:]]
    assert corpus_digest(changed) != corpus_digest(TEMPLATES)


def test_a_handle_picks_up_a_new_version_while_others_read(
    index: SearchIndex, encoder: NumpyEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_handle, "CHECK_EVERY_S", 0.0)
    handle = IndexHandle(tmp_path, encoder)
    assert handle.version() is None
    index.save(tmp_path)
    failures: list[Exception] = []
    versions: set[str] = set()

    def read() -> None:
        try:
            for _ in range(40):
                versions.add(handle.index().version)
                handle.index().search("생일 축하해")
        except (WeightsUnavailable, OSError, ValueError) as error:
            failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    newer = SearchIndex.build(TEMPLATES[:5], encoder)
    newer.save(tmp_path)
    for reader in readers:
        reader.join()
    assert failures == []
    assert versions <= {index.version, newer.version}
    assert handle.index().version == newer.version == handle.version()


def test_old_versions_are_removed_but_the_last(
    index: SearchIndex, encoder: NumpyEncoder, tmp_path: Path
) -> None:
    for count in (8, 7, 6, 5):
        SearchIndex.build(TEMPLATES[:count], encoder).save(tmp_path)
    assert len([path for path in tmp_path.iterdir() if path.is_dir()]) == 2


def test_the_label_matrix_finds_the_best_of_each_owner() -> None:
    generator = np.random.default_rng(0)
    vectors = generator.standard_normal((50, 8)).astype(np.float32)
    owners = np.sort(generator.integers(0, 5, 50))
    query = generator.standard_normal(8).astype(np.float32)
    best = LabelMatrix.build(vectors, owners).best(query)
    np.testing.assert_allclose(best, [max(vectors[owners == k] @ query) for k in range(5)], rtol=1e-5)
    with pytest.raises(ValueError, match="sorted"):
        owner_starts(np.array([0, 2, 2]))


def test_fusion_recovers_weights_and_refuses_negative_ones() -> None:
    generator = np.random.default_rng(1)
    signals = generator.standard_normal((3000, 6, 3)).astype(np.float32)
    chances = softmax(signals @ np.array([2.0, 0.5, -1.0]))
    owners = np.array([generator.choice(6, p=row) for row in chances])
    fusion = fit_fusion(("a", "b", "c"), signals, owners)
    assert fusion.weights[0] == pytest.approx(1.7, abs=0.4)
    assert fusion.weights[1] > 0.2
    assert fusion.weights[2] == 0.0


def test_acceptance_goes_to_the_family_and_keeps_the_order() -> None:
    accepted = acceptability(np.array([0.3, 0.25, 0.35, 0.1]), np.array([0, 0, 1, 2]))
    assert accepted.argmax() == 0  # the base and its refinement together
    assert accepted[0] > accepted[2] > accepted[3]
    assert confidence_of(acceptability(np.array([0.98, 0.02]), np.array([0, 1]))) == "sure"
    assert confidence_of(acceptability(np.full(50, 0.02), np.arange(50))) == "unsure"
