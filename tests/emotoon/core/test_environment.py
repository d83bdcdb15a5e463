from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from emotoon.core.environment import SETTINGS, Environment

ROOT = Path(__file__).parents[3]


def test_defaults_are_readable():
    environment = Environment({})
    assert environment["EMOTOON_PORT"] == 8000
    assert environment["EMOTOON_DEBUG"] is False
    assert "127.0.0.1" in environment["EMOTOON_ALLOWED_HOSTS"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EMOTOON_PORT", "eighty"),
        ("EMOTOON_PORT", "0"),
        ("EMOTOON_DEBUG", "maybe"),
        ("EMOTOON_LICENCE_MODE", "pirate"),
    ],
)
def test_an_odd_value_is_refused_by_name(name, value):
    with pytest.raises(ImproperlyConfigured, match=name):
        Environment({name: value})


@pytest.mark.parametrize("readme", ["README.md", "README.ko.md"])
def test_the_readme_explains_every_setting(readme):
    text = (ROOT / readme).read_text(encoding="utf-8")
    missing = [row.name for row in SETTINGS if row.name not in text]
    assert not missing
