"""Does a pack suit a messenger? Asked before anything is encoded; every answer says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from emotoon.core.errors import InvalidInput
from emotoon.ml.export import PackRules, Target
from emotoon.packs.exports.content import PackContent

MOST_STICKERS = 200
"""The largest pack of any messenger; bounds what one job may cost."""


@dataclass(frozen=True)
class PackProblem:
    """code is stable: count, mixed, still, animated, emoji, title, identifier, cover, target."""

    code: str
    message: str


def pack_problems(content: PackContent, target: Target) -> tuple[PackProblem, ...]:
    """Everything that keeps ``content`` from becoming a pack for ``target``; empty when nothing does."""
    if target.pack is None:
        message = _("%(target)s has no packs; export single stickers instead.")
        return (PackProblem("target", message % {"target": _title(target)}),)
    rules = target.pack
    return (
        *_count_problems(len(content.stickers), rules, target),
        *_kind_problems(content, rules, target),
        *_text_problems(content, rules),
    )


def pack_require(content: PackContent, target: Target) -> None:
    """Raise InvalidInput with every problem in one message."""
    problems = pack_problems(content, target)
    if problems:
        text = " ".join(problem.message for problem in problems)
        raise InvalidInput(f"pack_{problems[0].code}", text, field="pack")


def _title(target: Target) -> str:
    return target.title["ko" if (get_language() or "").startswith("ko") else "en"]


def _count_problems(count: int, rules: PackRules, target: Target) -> Iterator[PackProblem]:
    wanted = _nearest_count(count, rules)
    if wanted is None:
        return
    named = {"target": _title(target), "wanted": wanted, "count": count, "difference": abs(wanted - count)}
    if wanted > count:
        message = ngettext(
            "%(target)s needs %(wanted)d stickers; %(difference)d is missing.",
            "%(target)s needs %(wanted)d stickers; %(difference)d are missing.",
            wanted - count,
        )
    else:
        message = ngettext(
            "%(target)s takes %(wanted)d stickers; please take %(difference)d out.",
            "%(target)s takes %(wanted)d stickers; please take %(difference)d out.",
            count - wanted,
        )
    yield PackProblem("count", message % named)


def _nearest_count(count: int, rules: PackRules) -> int | None:
    """The allowed count to go for, None when ``count`` is allowed: the next one up if there is one."""
    if rules.counts:
        if count in rules.counts:
            return None
        return min((n for n in rules.counts if n > count), default=max(rules.counts))
    low, high = rules.range or (1, rules.max or MOST_STICKERS)
    return low if count < low else high if count > high else None


def _kind_problems(content: PackContent, rules: PackRules, target: Target) -> Iterator[PackProblem]:
    stills = [index + 1 for index, sticker in enumerate(content.stickers) if sticker.is_still]
    if not target.animated or not stills:
        return
    named = {"target": _title(target), "stills": ", ".join(map(str, stills))}
    moving = len(content.stickers) - len(stills)
    if rules.stills is not None:
        least = rules.min_animated or 1
        if moving < least:
            message = _("%(target)s needs at least %(least)d animated stickers; there are %(moving)d.")
            yield PackProblem("animated", message % {**named, "least": least, "moving": moving})
    elif moving:
        message = _("%(target)s must not mix stills and animated stickers; these are stills: %(stills)s.")
        yield PackProblem("mixed", message % named)
    else:
        message = _("%(target)s is for animated stickers; these are stills: %(stills)s.")
        yield PackProblem("still", message % named)


def _text_problems(content: PackContent, rules: PackRules) -> Iterator[PackProblem]:
    if not content.identifier or not content.identifier.isascii():
        yield PackProblem("identifier", _("The pack's identifier must be plain ASCII letters."))
    if not content.title_ko.strip() and not content.title_en.strip():
        yield PackProblem("title", _("Please give the pack a name."))
    if content.stickers and not 0 <= content.cover < len(content.stickers):
        yield PackProblem("cover", _("The cover must be one of the pack's stickers."))
    least = (rules.emoji or (0, 0))[0]
    bare = [str(index + 1) for index, sticker in enumerate(content.stickers) if len(sticker.emoji) < least]
    if bare:
        message = _("These stickers need an emoji: %(stickers)s.")
        yield PackProblem("emoji", message % {"stickers": ", ".join(bare)})
