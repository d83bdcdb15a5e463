"""The OpenAPI schema is complete, valid, and without guesses."""

from __future__ import annotations

import io

import pytest
import yaml
from django.core.management import call_command
from openapi_spec_validator import validate


@pytest.fixture(scope="module")
def schema():
    out = io.StringIO()
    call_command("spectacular", "--fail-on-warn", stdout=out)
    return yaml.safe_load(out.getvalue())


def test_the_schema_is_valid(schema):
    validate(schema)


def test_accepting_a_sticker_is_described(schema):
    asked = schema["paths"]["/api/v1/stickers/"]["post"]
    assert {"202", "401", "404", "409", "422", "429"} <= set(asked["responses"])
    assert "Idempotency-Key" in {parameter["name"] for parameter in asked["parameters"]}


def test_every_call_but_the_first_asks_for_the_token(schema):
    for path, methods in schema["paths"].items():
        for call in methods.values():
            open_to_all = path == "/api/v1/tokens/"
            assert bool(call.get("security")) is not open_to_all, path


@pytest.mark.django_db
def test_anyone_may_read_it(client):
    assert b"openapi: 3" in client.get("/api/v1/schema/").content
