"""What each messenger accepts: one TOML file per target, read into frozen values.

A new file with a known format needs no code. Tables: ``source`` (page, date, confidence, notes), ``limits``
(what the checker holds a file to), ``fit`` (what the encoder aims at and gives up, in which order) and
``pack`` (counts, icons, names). Unknown keys are refused, so a typing error cannot switch a limit off.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Any, TypeVar

T = TypeVar("T")
_SUFFIX = ".toml"
Pair = tuple[int, int]
KNOWN_FORMATS = frozenset({"webp", "webm", "mp4", "apng", "gif", "png"})
KNOBS = frozenset({"quality", "colours", "frames", "size"})
ALPHA_LEVELS = frozenset({"any", "carried", "transparent"})


@dataclass(frozen=True)
class Source:
    """Where the limits come from. confidence: A official, B relay, C secondary, M unverified."""

    page: str
    date: str
    confidence: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Limits:
    """Hard limits of one file. None: no such limit. Bytes are KB x 1000, whatever the messenger counts.

    sizes: allowed (width, height), the first is preferred. side: one side exactly this, none longer.
    within: at most (width, height); one_side_min: at least one side reaches this. square: sides (min, max).
    loops: allowed play counts, 0 is for ever. alpha: "any", "carried" (the file has an alpha channel) or
    "transparent" (and some pixel of it is not opaque).
    """

    sizes: tuple[Pair, ...] = ()
    side: int | None = None
    within: Pair | None = None
    one_side_min: int | None = None
    square: Pair | None = None
    even: bool = False
    bytes: int | None = None
    frames: Pair | None = None
    max_frames: int | None = None
    max_seconds: float | None = None
    whole_seconds: bool = False
    seconds_include_loops: bool = False
    max_rate: float | None = None
    min_delay_ms: float | None = None
    loops: Pair | None = None
    first_equals_last: bool = False
    alpha: str = "any"


@dataclass(frozen=True)
class Fit:
    """How to come within the limits.

    give_up: knobs in the order in which they are given up; a knob that is not named is never touched.
    quality: (best worth having, worst acceptable) on the scale 0..100. colours: the same for the palette;
    full_colour: try without a palette first. min_rate: frames a second that are kept. min_scale: part of the
    side that is kept. bytes: wished size, below the limit. max_frames, max_rate: where more gain nothing.
    first_frame: "peak" puts the poster first, because lists show the first frame. margin: clear pixels
    around. effort: of the video encoder, "good" or "fast"; a person who waits gets fast.
    """

    give_up: tuple[str, ...] = ()
    quality: tuple[float, float] = (90.0, 40.0)
    colours: Pair = (256, 64)
    full_colour: bool = False
    min_rate: float = 5.0
    min_scale: float = 1.0
    bytes: int | None = None
    max_frames: int | None = None
    max_rate: float = 30.0
    loops: int | None = None
    first_frame: str = "start"
    margin: int = 0
    effort: str = "good"


@dataclass(frozen=True)
class Icon:
    """A picture the pack needs beside its stickers."""

    name: str
    size: Pair
    bytes: int
    format: str


@dataclass(frozen=True)
class PackRules:
    """counts: allowed numbers of stickers; range: (min, max); max: at most. emoji: (min, max) a sticker.

    mix: still and animated stickers may share a pack. min_animated and stills: an animated pack may hold
    stills made for the target ``stills`` as long as that many are animated.
    """

    counts: tuple[int, ...] = ()
    range: Pair | None = None
    max: int | None = None
    mix: bool = True
    min_animated: int | None = None
    stills: str | None = None
    emoji: Pair | None = None
    keywords_chars: int | None = None
    tags_chars: int | None = None
    name_chars: Pair | None = None
    accessibility_chars: int | None = None
    zip_bytes: int | None = None
    manifest: str = "plain"
    icons: tuple[Icon, ...] = ()


@dataclass(frozen=True)
class Target:
    """One messenger's kind of sticker. title: by language, ``en`` and ``ko``. pack: None for single files."""

    name: str
    title: Mapping[str, str]
    messenger: str
    animated: bool
    format: str
    accepts: tuple[str, ...]
    extension: str
    source: Source
    limits: Limits
    fit: Fit
    pack: PackRules | None


def load_targets() -> Mapping[str, Target]:
    """Every target by name, in alphabetical order; names are the file names without ``.toml``.

    Raises ValueError when a file is malformed, naming it and the key.
    """
    folder = resources.files(__package__)
    files = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(_SUFFIX))
    targets = [parse_target(file.removesuffix(_SUFFIX), (folder / file).read_text("utf-8")) for file in files]
    return MappingProxyType({target.name: target for target in targets})


def still_target(name: str, size: Pair, most_bytes: int) -> Target:
    """A PNG of exactly ``size``, as tray, tab and cover icons are."""
    return Target(
        name=name,
        title=MappingProxyType({"en": name, "ko": name}),
        messenger="",
        animated=False,
        format="png",
        accepts=("png",),
        extension=".png",
        source=Source(page="", date="", confidence="A"),
        limits=Limits(sizes=(size,), bytes=most_bytes),
        fit=Fit(give_up=("colours",), colours=(256, 16), full_colour=True),
        pack=None,
    )


def parse_target(name: str, text: str) -> Target:
    """Read one target. Raises ValueError for bad TOML, unknown or missing keys and unknown words."""
    try:
        table = tomllib.loads(text)
        pack = table.pop("pack", None)
        target = Target(
            name=name,
            title=MappingProxyType(dict(table.pop("title"))),
            source=_read(Source, table.pop("source")),
            limits=_read(Limits, table.pop("limits")),
            fit=_read(Fit, table.pop("fit")),
            pack=None if pack is None else _read_pack(pack),
            **{key: _frozen(value) for key, value in table.items()},
        )
        _validate(target)
    except (TypeError, KeyError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"target {name}: {error}") from error
    return target


def _read_pack(table: dict[str, Any]) -> PackRules:
    icons = tuple(_read(Icon, icon) for icon in table.pop("icons", []))
    return _read(PackRules, {**table, "icons": icons})


def _read(kind: type[T], table: Mapping[str, Any]) -> T:
    return kind(**{key: _frozen(value) for key, value in table.items()})


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list | tuple) else value


def _validate(target: Target) -> None:
    limits, fit = target.limits, target.fit
    unknown = {target.format, *target.accepts} - KNOWN_FORMATS
    if unknown or target.format not in target.accepts:
        raise TypeError(f"formats must be some of {sorted(KNOWN_FORMATS)} and include the one written")
    if set(fit.give_up) - KNOBS:
        raise TypeError(f"give_up may name {sorted(KNOBS)}")
    if limits.alpha not in ALPHA_LEVELS or fit.first_frame not in ("peak", "start"):
        raise TypeError("alpha or first_frame is an unknown word")
    if not (limits.sizes or limits.side or limits.within or limits.square):
        raise TypeError("limits need one of sizes, side, within, square")
