from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

import pytest

from ml_core.text.jamo import near_duplicates, ngrams, squeeze
from ml_core.text.normalise import normalise

ROOT = Path(__file__).parents[3]


def test_spacing_and_case_do_not_change_the_ngrams() -> None:
    assert ngrams("배 고파", (3,)) == ngrams("배고파!", (3,))
    assert ngrams("OK 가자", (3,)) == ngrams("ok가자", (3,))


def test_near_duplicates_are_found_and_others_are_not() -> None:
    found = near_duplicates(["생일 축하해요", "배고파"], ["생일축하해요~", "배가 부르다", "집에 가자"])
    assert [(a, b) for a, b, _ in found] == [("생일 축하해요", "생일축하해요~")]
    assert found[0][2] == 1.0


def _catalog() -> list[str]:
    own: list[str] = []
    for file in sorted((ROOT / "emotoon" / "catalog" / "templates").glob("*.toml")):
        template = tomllib.loads(file.read_text(encoding="utf-8"))
        own += [message for register in template["messages"].values() for message in register]
        own += template["labels"]
        own += [negative["text"] for negative in template.get("hard_negatives", [])]
    return own


def _written(name: str) -> list[str]:
    return [row["text"] for row in json.loads((ROOT / "tests/data" / name).read_text(encoding="utf-8"))]


def _longer(texts: list[str]) -> list[str]:
    """Without the short set phrases, which everybody types alike."""
    return [text for text in texts if len(squeeze(normalise(text))) >= 8]


def test_the_negated_messages_are_kept_out_of_the_catalog() -> None:
    negations = _written("negations.json")
    assert len(negations) >= 80
    assert near_duplicates(negations, _catalog(), threshold=0.6) == []


def test_the_blind_messages_are_kept_out_of_the_catalog() -> None:
    blind = _written("queries_blind.json")
    assert len(blind) >= 300
    assert near_duplicates(_longer(blind), _catalog(), threshold=0.6) == []


def test_catalog_and_test_sets_hold_no_development_query() -> None:
    path = os.environ.get("EMOTOON_DEV_QUERIES")
    if not path:
        pytest.skip("EMOTOON_DEV_QUERIES is not set: the overlap with the development queries is NOT checked")
    queries = [query["text"] for query in json.loads(Path(path).read_text(encoding="utf-8"))]
    assert near_duplicates(_longer(queries), _catalog() + _written("negations.json"), threshold=0.6) == []
