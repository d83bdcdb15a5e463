"""What all management commands do with expected failures."""

from __future__ import annotations

import pytest
from django.core.management.base import CommandError
from django.db import connection

from emotoon.core.commands import USAGE_ERROR, EmotoonCommand


@pytest.mark.django_db
def test_a_database_without_tables_is_one_line_that_says_what_to_do() -> None:
    with (
        pytest.raises(CommandError, match=r"manage.py prepare") as caught,
        EmotoonCommand().failing_clearly(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT 1 FROM never_made")
    assert caught.value.returncode == USAGE_ERROR
