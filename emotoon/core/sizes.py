"""Sizes of files as messengers write them: a KB is 1000 bytes, and their limits are round numbers."""

from __future__ import annotations

_KILO, _MEGA = 1000, 1_000_000


def size_text(count: int) -> str:
    """``count`` bytes as "256 KB" or "1.2 MB"; the same in Korean and English."""
    unit, name = (_MEGA, "MB") if count >= _MEGA else (_KILO, "KB")
    return f"{count / unit:.1f}".removesuffix(".0") + f" {name}"
