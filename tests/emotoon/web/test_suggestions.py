"""What the create page says about a sentence: the pick, the best three, or a question with subjects."""

from __future__ import annotations

import re

import pytest
from django.core.management import call_command

from emotoon.catalog.search import template_search
from tests.factories import TemplateFactory, UserFactory

pytestmark = pytest.mark.django_db

SURE, UNSURE = "생일 축하해!!", "zxqv wkrjp"


@pytest.fixture
def page(client):
    client.force_login(UserFactory())

    def _page(language="ko", **asked):
        answer = client.get("/create/suggestions/", asked, headers={"accept-language": language})
        assert answer.status_code == 200
        return answer.content.decode()

    return _page


@pytest.fixture
def catalog(settings, tmp_path):
    settings.SEARCH_INDEX_DIR = tmp_path
    call_command("load_catalog", verbosity=0)


def radios(page: str) -> list[str]:
    return re.findall(r'name="template" value="(\w+)"', page)


def test_a_sure_answer_is_chosen_already(page, catalog):
    assert template_search(sentence=SURE).confidence == "sure"
    shown = page(sentence=SURE)
    assert 'value="bday_wish" checked' in shown
    assert "category=" not in shown


def test_an_unsure_answer_asks_for_a_subject_and_chooses_nothing(page, catalog):
    assert template_search(sentence=UNSURE).confidence == "unsure"
    shown = page(sentence=UNSURE)
    assert len(re.findall(r"\?category=\w+", shown)) == 21
    assert not radios(shown)
    assert "먹고 마시기" in shown
    assert "Food and drink" in page(language="en", sentence=UNSURE)


def test_a_subject_shows_its_templates_and_no_others(page):
    TemplateFactory(template_id="hello", category="greet")
    TemplateFactory(template_id="hungry", category="food")
    TemplateFactory(template_id="withdrawn", category="food", is_published=False)
    TemplateFactory(template_id="framed", category="food", kind="picture")
    shown = page(category="food")
    assert radios(shown) == ["hungry"]
    assert re.search(r'id="category-food" aria-pressed="true"', shown)
    assert re.search(r'id="category-greet" aria-pressed="false"', shown)


def test_a_subject_that_is_not_there_has_no_templates(page):
    TemplateFactory(template_id="hello", category="greet")
    shown = page(category="<b>")
    assert not radios(shown)
    assert 'aria-pressed="true"' not in shown
