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
def catalog(settings, site_var):
    settings.SEARCH_INDEX_DIR = site_var / "search"  # of the same templates, so it is not built again
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


ORDINARY = (
    "안녕",
    "배고파",
    "너무 졸려",
    "미안해",
    "감기 걸렸어",
    "새해 복 많이 받아",
    "면접 떨어졌어",
    "ㅋㅋㅋㅋ",
)
AIMED = {
    "오늘 월급 들어왔다 돈방석이다": "pic_money",
    "야근하다 울 것 같아 회사 가기 싫어": "pic_office",
    "응애 나 아기야 맘마 줘": "pic_baby",
    "현상수배 귀여운 죄": "pic_wanted",  # what it means among talking heads is another picture's subject
    "우주로 가즈아 신난다": "pic_astronaut",
}


def test_a_picture_is_found_by_what_is_aimed_at_it_and_never_before_a_talking_head(page, catalog):
    for sentence in (*ORDINARY, *AIMED):
        found = template_search(sentence=sentence, k=5)
        assert found.hits
        assert not any(hit.template.is_picture for hit in found.hits), sentence
        assert all(hit.template.is_picture for hit in found.pictures)
    assert {s: template_search(sentence=s).pictures[0].template.template_id for s in AIMED} == AIMED
    assert not any(template_search(sentence=sentence).pictures for sentence in ORDINARY)
    shown = radios(page(sentence="현상수배 귀여운 죄"))
    assert shown.index("aegyo") < shown.index("pic_wanted")
