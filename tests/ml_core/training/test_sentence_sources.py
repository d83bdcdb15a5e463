from __future__ import annotations

import pytest

from ml_core.training.sentence.card import model_card
from ml_core.training.sentence.moderation import training_rows
from ml_core.training.sentence.sources import SOURCES, Shelf
from tests.ml_core.training.sentence_shelf import HELD_COMMENT, HELD_SIMILAR, SENTENCES, write_shelf


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return Shelf(write_shelf(tmp_path_factory.mktemp("shelf")))


def test_sentences_kept_for_testing_never_leave_the_shelf(shelf: Shelf) -> None:
    pairs = shelf.similar_pairs()
    assert len(pairs) == len(SENTENCES) + 5  # the planted copy of a test sentence is gone
    assert not any(HELD_SIMILAR in (pair.first, pair.second) for pair in pairs)
    assert not shelf.keeps(f"{HELD_SIMILAR}!!")
    assert all(row.text != HELD_COMMENT for row in training_rows(shelf, ()))


def test_ten_wordings_are_one_cluster_and_shared_answers_another(shelf: Shelf) -> None:
    clusters = shelf.clusters()
    assert SENTENCES[:10] in clusters
    assert any(set(group) == {f"{SENTENCES[0]} 좋아", f"{SENTENCES[1]} 좋아"} for group in clusters)
    assert all(len(group) > 1 for group in clusters)


def test_scores_and_labels_are_in_range(shelf: Shelf) -> None:
    assert all(0 <= pair.score <= 1 for pair in shelf.similar_pairs() + shelf.inferences())
    sets = {
        **shelf.emotions(),
        "intents": shelf.intents(),
        "ratings": shelf.ratings(),
        "mood": shelf.sentiments(),
    }
    for count, rows in sets.values():
        assert rows
        assert all(0 <= label < count for row in rows for label in row.labels)


def test_the_card_names_every_source_with_its_licence() -> None:
    card = model_card({"korsts_dev": 0.7, "korsts_test": 0.6, "pieces": 10, "dimension": 4})
    used = [source for source in SOURCES if source.name not in {"APEACH", "Curse-detection-data"}]
    assert all(source.url in card and source.licence in card for source in used)
    assert not any("NC" in source.licence for source in SOURCES)
