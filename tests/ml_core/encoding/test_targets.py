"""The target files: complete, frozen, and strict about typing errors."""

from __future__ import annotations

import dataclasses

import pytest

from ml_core.encoding.targets import load_targets, parse_target

NAMES = {
    "kakao_static", "kakao_anim", "kakao_big", "kakao_mini", "kakao_mini_anim", "telegram_video",
    "telegram_static", "telegram_emoji", "line_static", "line_anim", "line_bot", "line_popup",
    "whatsapp_static", "whatsapp_anim", "signal_anim", "discord_sticker", "discord_emoji", "slack_emoji",
    "imessage", "ogq_anim", "wechat", "viber",
}  # fmt: skip
BYTES = {
    "kakao_static": 150_000, "kakao_anim": 650_000, "telegram_video": 256_000, "line_anim": 1_000_000,
    "line_bot": 300_000, "whatsapp_static": 100_000, "whatsapp_anim": 500_000, "signal_anim": 300_000,
    "slack_emoji": 128_000, "wechat": 500_000,
}  # fmt: skip
MINIMAL = """
title = {en = "New", ko = "새것"}
messenger = "new"
animated = true
format = "gif"
accepts = ["gif"]
extension = ".gif"
[source]
page = "https://example.org"
date = "2026-11"
confidence = "C"
[limits]
sizes = [[64, 64]]
bytes = 50000
[fit]
give_up = ["colours", "frames"]
"""


def test_every_messenger_is_there() -> None:
    targets = load_targets()
    assert set(targets) == NAMES
    assert {name: targets[name].limits.bytes for name in BYTES} == BYTES
    for target in targets.values():
        assert target.title["ko"]
        assert target.title["en"]
        assert target.source.page.startswith("https://")
        assert target.source.date == "2026-11"
        assert target.source.confidence[0] in "ABCM"


def test_targets_cannot_be_changed() -> None:
    targets = load_targets()
    with pytest.raises(TypeError):
        targets["new"] = targets["viber"]  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        targets["viber"].limits.bytes = 1  # type: ignore[misc]


def test_a_new_target_needs_no_code() -> None:
    target = parse_target("new", MINIMAL)
    assert target.limits.sizes == ((64, 64),)
    assert target.pack is None


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ("bytes = 50000", "byte = 50000", "byte"),
        ('format = "gif"', 'format = "bmp"', "formats"),
        ('"colours", "frames"', '"beauty"', "give_up"),
        ("sizes = [[64, 64]]", "", "sizes"),
        ('messenger = "new"', "", "messenger"),
        ("[fit]", "[fit", "new"),
    ],
)
def test_mistakes_are_named(before: str, after: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        parse_target("new", MINIMAL.replace(before, after, 1))
