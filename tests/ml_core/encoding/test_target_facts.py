"""The target files against the figures that were read from the messengers' own pages.

``tests/data/messengers.json`` is this project's own collection of November 2026 (its note explains the keys);
a limit may be stricter than the page says where a sentence of the page says so, never laxer.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ml_core.encoding.targets import load_targets

FACTS: dict[str, dict[str, Any]] = {
    name: facts
    for name, facts in json.loads(
        (Path(__file__).parents[2] / "data/messengers.json").read_text("utf-8")
    ).items()
    if not name.startswith("_")
}
TARGETS = load_targets()
ICON_NAMES = {"thumb": "thumbnail"}
FORMATS = {"webm/vp9": "webm"}


def pairs(value: Any) -> set[tuple[int, int]]:
    """One size or a list of sizes as a set."""
    if not value:
        return set()
    return {tuple(size) for size in value} if isinstance(value[0], list) else {tuple(value)}


def pair(value: Any) -> tuple[int, int] | None:
    return None if value is None else (value, value) if isinstance(value, int) else tuple(value)


def test_every_target_has_facts_and_the_other_way_round() -> None:
    assert set(TARGETS) == set(FACTS)


@pytest.mark.parametrize("name", FACTS)
def test_limits_of_one_file(name: str) -> None:
    facts, target = FACTS[name], TARGETS[name]
    limits = target.limits
    assert target.source.confidence == facts["c"]
    assert limits.bytes == facts.get("b")
    assert set(limits.sizes) == pairs(facts.get("px"))
    assert limits.side == facts.get("side")
    assert limits.within == pair(facts.get("max"))
    assert limits.one_side_min == facts.get("one_side_min")
    assert (limits.square or (None, None))[1] == facts.get("square_max")
    assert limits.max_frames == facts.get("f_max")
    assert limits.max_seconds == facts.get("s")
    assert limits.max_rate == facts.get("fps")
    assert limits.min_delay_ms == facts.get("min_delay_ms")
    assert limits.loops == pair(facts.get("loops"))
    assert limits.whole_seconds == facts.get("whole_s", False)
    assert limits.first_equals_last == facts.get("first_eq_last", False)
    assert target.fit.margin == facts.get("margin", 0)
    assert {FORMATS.get(kind, kind) for kind in facts["fmt"].split("|")} == set(target.accepts)
    if "f" in facts:
        assert limits.frames == tuple(facts["f"])
    if facts.get("alpha"):
        assert limits.alpha == "transparent"
    for stricter, found in (("even", limits.even), ("s_includes_loops", limits.seconds_include_loops)):
        assert found or not facts.get(stricter, False)


@pytest.mark.parametrize("name", FACTS)
def test_rules_of_the_pack(name: str) -> None:
    facts, rules = FACTS[name], TARGETS[name].pack
    if rules is None:
        assert not {"n", "n_max", "icon", "tray", "main"} & set(facts)
        return
    assert (rules.range or rules.counts) == tuple(facts.get("n", ()))
    assert rules.max == facts.get("n_max")
    assert rules.min_animated == facts.get("min_webp")
    assert not (rules.mix and facts.get("mix") is False)
    for key, found in (("emoji", rules.emoji), ("name_len", rules.name_chars), ("zip", rules.zip_bytes)):
        if key in facts:
            assert found == (facts[key] if key == "zip" else tuple(facts[key]))
    icons = {icon.name: (*icon.size, icon.bytes) for icon in rules.icons}
    for key in ("icon", "tray", "thumb", "main", "tab", "cover"):
        if key in facts:
            size = tuple(facts[key])
            assert icons[ICON_NAMES.get(key, key)][: len(size)] == size
