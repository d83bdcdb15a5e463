from __future__ import annotations

import pytest
from django.core.cache import cache
from knox.models import AuthToken
from rest_framework.test import APIClient


@pytest.fixture(autouse=True)
def _no_calls_counted_yet():
    cache.clear()


@pytest.fixture
def call_as():
    """A client that carries a fresh token of the given person."""

    def _call_as(user) -> APIClient:
        client = APIClient(HTTP_ACCEPT_LANGUAGE="en")
        _, token = AuthToken.objects.create(user=user)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return client

    return _call_as
