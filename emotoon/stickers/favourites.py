"""Which templates a person chose lately. Read from their own stickers, so nothing else is kept about them
and deleting a sticker or the account forgets it."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import timezone

from emotoon.accounts.models import User
from emotoon.stickers.models import Sticker

HALF_LIFE_DAYS = 14.0
LOOKED_AT = 100
"""The newest stickers that count."""


def template_favourites(*, owner: User) -> Mapping[str, float]:
    """Template id -> 0..1, the most and latest chosen at 1. Empty unless the person switched it on."""
    if not owner.learns_from_choices:
        return {}
    now = timezone.now()
    weights: dict[str, float] = {}
    rows = Sticker.objects.owned_by(owner).values_list("template__template_id", "created_at")[:LOOKED_AT]
    for template_id, created_at in rows:
        age = (now - created_at).total_seconds() / 86_400
        weights[template_id] = weights.get(template_id, 0.0) + 0.5 ** (age / HALF_LIFE_DAYS)
    most = max(weights.values(), default=1.0)
    return {template_id: weight / most for template_id, weight in weights.items()}
