"""The subjects templates are sorted by: what somebody is asked for when the search does not know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.db.models import Count, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from emotoon.catalog.models import TalkingHeadTemplate


@dataclass(frozen=True)
class Category:
    """One subject that has published templates; ``title`` in the reader's language."""

    id: str
    title: str | Promise
    emoji: str
    templates: int


TITLES: Mapping[str, tuple[str, str | Promise]] = MappingProxyType(
    {
        "greet": ("👋", gettext_lazy("Greetings")),
        "thanks": ("🙏", gettext_lazy("Thanks")),
        "apology": ("🙇", gettext_lazy("Sorry")),
        "celebrate": ("🎉", gettext_lazy("Congratulations")),
        "joy": ("😆", gettext_lazy("Joy")),
        "love": ("❤️", gettext_lazy("Love")),
        "sad": ("😢", gettext_lazy("Sadness")),
        "angry": ("😡", gettext_lazy("Anger")),
        "surprise": ("😲", gettext_lazy("Surprise")),
        "encourage": ("💪", gettext_lazy("Cheering up")),
        "agree": ("👌", gettext_lazy("Agreeing")),
        "refuse": ("🙅", gettext_lazy("Declining")),
        "relation": ("🤝", gettext_lazy("You and me")),
        "daily": ("💬", gettext_lazy("Everyday")),
        "food": ("🍚", gettext_lazy("Food and drink")),
        "rest": ("🛌", gettext_lazy("Rest")),
        "play": ("🎮", gettext_lazy("Play")),
        "work": ("💼", gettext_lazy("Work")),
        "study": ("📚", gettext_lazy("Study")),
        "health": ("🩺", gettext_lazy("Health")),
        "weather": ("☔", gettext_lazy("Weather")),
    }
)
"""Emoji and name by id, in the order of asking: what people say most comes first."""


def categories_list() -> list[Category]:
    """Subjects with at least one published talking head. One that a curator made up keeps its own name."""
    published = TalkingHeadTemplate.objects.published().talking_heads()
    counted = dict(published.order_by().values_list("category").annotate(Count("pk")))
    known = [name for name in TITLES if name in counted]
    names = known + sorted(set(counted) - set(known))
    return [Category(name, _title(name), _emoji(name), counted[name]) for name in names]


def templates_of(*, category: str) -> QuerySet[TalkingHeadTemplate]:
    """The published talking heads of a subject; none for a subject that does not exist."""
    return TalkingHeadTemplate.objects.published().talking_heads().filter(category=category)


def _title(name: str) -> str | Promise:
    return TITLES[name][1] if name in TITLES else name


def _emoji(name: str) -> str:
    return TITLES[name][0] if name in TITLES else ""
