"""When the moderator refuses a sentence or the name of a pack, people may ask a curator to look, who decides
in the admin panel."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from emotoon import ml
from emotoon.accounts.models import User
from emotoon.core.errors import InvalidInput, QuotaExceeded
from emotoon.stickers.models import Appeal, OwnedQuerySet

UNDISPUTED = {"minors"}
"""Refusals where there is nothing to weigh."""
OPEN_AT_MOST = 10
"""Appeals of one person that may wait at once."""


def sentence_allow(*, owner: User, sentence: str, field: str = "sentence") -> None:
    """Refuse what the moderator refuses, unless a curator has allowed this person this very sentence.

    field: what was filled in: the sentence of a sticker, the title of a pack.
    """
    try:
        ml.sentence_moderate(sentence, field=field)
    except InvalidInput:
        asked = ml.sentence_check(sentence)  # as appeal_record keeps it
        if not _appeals(owner).filter(sentence=asked, decision=Appeal.Decision.ALLOWED).exists():
            raise


def is_appealable(refusal: InvalidInput) -> bool:
    """Whether the person may ask a curator to look at what was refused."""
    return refusal.code.startswith("moderated_") and refusal.params["category"] not in UNDISPUTED


def appeal_record(*, owner: User, sentence: str) -> Appeal:
    """Ask a curator to look at a refused sentence; asking again changes nothing.

    Raises InvalidInput ``appeal_needless`` when nothing refuses it and ``appeal_impossible`` where there is
    nothing to weigh; QuotaExceeded ``appeals_waiting`` when too many wait.
    """
    sentence = ml.sentence_check(sentence)
    earlier: Appeal | None = _appeals(owner).filter(sentence=sentence).first()
    if earlier is not None:
        return earlier
    category = _refused_as(sentence)
    if category in UNDISPUTED:
        raise InvalidInput(
            "appeal_impossible", _("This cannot be looked at again."), field="sentence", category=category
        )
    if _appeals(owner).filter(decision=Appeal.Decision.WAITING).count() >= OPEN_AT_MOST:
        raise QuotaExceeded("appeals_waiting", _("Several of your sentences wait already. Please wait, too."))
    return Appeal.objects.create(owner=owner, sentence=sentence, category=category)


def _appeals(owner: User) -> OwnedQuerySet:
    return Appeal.objects.owned_by(owner)


def _refused_as(sentence: str) -> str:
    try:
        ml.sentence_moderate(sentence)
    except InvalidInput as refusal:
        return str(refusal.params["category"])
    raise InvalidInput("appeal_needless", _("Nothing speaks against this sentence."), field="sentence")
