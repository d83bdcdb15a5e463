"""Every subject has a name and a picture in both languages."""

from __future__ import annotations

import pytest
from django.utils import translation

from emotoon.catalog.categories import TITLES, categories_list
from emotoon.catalog.files import catalog_read
from tests.factories import TemplateFactory


def test_every_category_of_the_catalog_has_a_title():
    assert {file.fields["category"] for file in catalog_read()} == set(TITLES)


def test_titles_differ_between_languages():
    for _, title in TITLES.values():
        with translation.override("ko"):
            korean = str(title)
        with translation.override("en"):
            assert str(title) != korean


@pytest.mark.django_db
def test_one_that_a_curator_made_up_comes_last_under_its_own_name():
    TemplateFactory(template_id="abba", category="abba")
    TemplateFactory(template_id="hello", category="greet")
    TemplateFactory(template_id="bye", category="greet")
    TemplateFactory(template_id="hidden", category="food", is_published=False)
    found = categories_list()
    assert [(category.id, category.templates) for category in found] == [("greet", 2), ("abba", 1)]
    assert found[1].title == "abba"
