"""Every refusal that can reach a person has a sentence of its own, in Korean and in English."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from emotoon.ml.refusals import MESSAGES

ROOT = Path(__file__).parents[3]
REACHING_PEOPLE = {
    "PhotoRejected",
    "SentenceRejected",
    "ServiceBusy",
    "ServiceDown",
    "OutOfMemory",
    "OutputInvalid",
    "ModelUnavailable",
    "LookInvalid",
}


def codes() -> set[str]:
    found = set()
    for path in (ROOT / "ml_core").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in REACHING_PEOPLE and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    found.add(first.value)
    return found


def test_the_search_for_codes_finds_them():
    assert {"no_face", "not_an_image", "queue_full"} <= codes()


def test_every_code_has_a_message():
    assert codes() - set(MESSAGES) == set()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_translations_are_complete(language):
    path = ROOT / "emotoon" / "locale" / language / "LC_MESSAGES" / "django.po"
    with path.open("rb") as stream:
        catalog = read_po(stream)
    untranslated = [message.id for message in catalog if message.id and not message.string]
    assert untranslated == []
    fuzzy = [message.id for message in catalog if message.id and message.fuzzy]
    assert fuzzy == []


def test_every_text_of_the_site_is_in_the_catalogue():
    """Texts marked for translation in code and templates, against the .po file."""
    with (ROOT / "emotoon/locale/ko/LC_MESSAGES/django.po").open("rb") as stream:
        known = {
            message.id[0] if isinstance(message.id, tuple) else message.id for message in read_po(stream)
        }
    marked = set()
    for path in (ROOT / "emotoon").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"_", "gettext"}:
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    marked.add(first.value)
    assert len(marked) > 50
    assert marked - known == set()
