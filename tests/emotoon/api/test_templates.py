"""Templates by category, and the list of categories."""

from __future__ import annotations

import pytest

from tests.factories import TemplateFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_the_api_lists_categories_and_filters_templates(call_as):
    client = call_as(UserFactory())
    TemplateFactory(template_id="hello", category="greet")
    TemplateFactory(template_id="hungry", category="food")
    listed = client.get("/api/v1/templates/categories/").json()
    assert listed[1] == {"id": "food", "title": "Food and drink", "emoji": "🍚", "templates": 1}
    of_food = client.get("/api/v1/templates/", {"category": "food"}).json()
    assert [template["id"] for template in of_food] == ["hungry"]
    assert len(client.get("/api/v1/templates/").json()) == 2
    assert client.get("/api/v1/templates/", {"category": "nothing"}).json() == []
