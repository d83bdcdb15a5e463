"""``{{ file.bytes|size_text }}``."""

from __future__ import annotations

from django import template

from emotoon.core.sizes import size_text

register = template.Library()
register.filter("size_text", size_text)
