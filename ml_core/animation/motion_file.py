"""Motions as TOML text: strict reading that says where the mistake is, and readable writing."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from ml_core.animation.channels import CHANNELS
from ml_core.animation.easing import EASINGS
from ml_core.animation.motion import Motion, channels_of
from ml_core.animation.tracks import SHAPES, Key, Track, Wave, track_closes
from ml_core.errors import MotionInvalid
from ml_core.types import EffectCue, GestureCue, Rgb

DEFAULT_FPS = 24.0
MAX_DURATION_S = 10.0
MAX_FPS = 60.0
TOP_KEYS = frozenset(
    [
        "id",
        "duration_s",
        "fps",
        "poster",
        "loop",
        "talking",
        "blinks",
        "idle",
        "caption",
        "tracks",
        "effects",
        "gestures",
    ]
)
WAVE_KEYS = frozenset(["wave", "cycles", "amplitude", "shift", "during", "fade"])


def _fail(code: str, where: str, problem: str) -> NoReturn:
    raise MotionInvalid(code, f"Motion, at '{where}': {problem}", where=where)


def _number(value: object, where: str, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        _fail("motion_type", where, f"expected a number, found {value!r}.")
    if not low <= value <= high:
        _fail("motion_range", where, f"{value} is outside {low}..{high}.")
    return float(value)


def _known_keys(table: Mapping[str, object], known: frozenset[str], where: str) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        _fail(
            "motion_unknown_key",
            f"{where}{unknown[0]}",
            f"unknown key; known are {', '.join(sorted(known))}.",
        )


def _flag(table: Mapping[str, object], key: str, default: bool) -> bool:
    value = table.get(key, default)
    if not isinstance(value, bool):
        _fail("motion_type", key, f"expected true or false, found {value!r}.")
    return value


def _list(value: object, where: str) -> list[Any]:
    if not isinstance(value, list):
        _fail("motion_type", where, f"expected a list, found {value!r}.")
    return value


def _table(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        _fail("motion_type", where, f"expected a table, found {value!r}.")
    return value


def _key(entry: list[Any], where: str, low: float, high: float) -> Key:
    if len(entry) not in (2, 3):
        _fail("motion_type", where, "a key is [phase, value] or [phase, value, easing].")
    phase = _number(entry[0], where, 0.0, 1.0)
    value = _number(entry[1], where, low, high)
    ease = entry[2] if len(entry) == 3 else "ease"
    if ease not in EASINGS:
        _fail("track_unknown_ease", where, f"no easing {ease!r}; known are {', '.join(EASINGS)}.")
    return Key(phase, value, ease)


def _wave(entry: dict[str, Any], where: str, span: float) -> Wave:
    _known_keys(entry, WAVE_KEYS, f"{where}.")
    shape = str(entry.get("wave"))
    if shape not in SHAPES:
        _fail("track_unknown_wave", where, f"no wave {shape!r}; known are {', '.join(SHAPES)}.")
    during = _list(entry.get("during", [0.0, 1.0]), f"{where}.during")
    if len(during) != 2:
        _fail("motion_type", f"{where}.during", "expected [start, end].")
    start, end = (_number(value, f"{where}.during", 0.0, 1.0) for value in during)
    if start >= end:
        _fail("track_unsorted", f"{where}.during", f"start {start} is not before end {end}.")
    if "cycles" not in entry or "amplitude" not in entry:
        _fail("motion_missing_key", where, "a wave needs cycles and amplitude.")
    return Wave(
        shape=shape,
        cycles=_number(entry["cycles"], f"{where}.cycles", 0.0, 60.0),
        amplitude=_number(entry["amplitude"], f"{where}.amplitude", -span, span),
        shift=_number(entry.get("shift", 0.0), f"{where}.shift", -1.0, 1.0),
        during=(start, end),
        fade=_number(entry.get("fade", 0.0), f"{where}.fade", 0.0, 0.5),
    )


def _track(name: str, value: object, loop: bool) -> Track:
    where = f"tracks.{name}"
    channel = CHANNELS[channels_of(name)[0]]
    if not isinstance(value, list):
        return Track(keys=(Key(0.0, _number(value, where, channel.low, channel.high)),))
    keys: list[Key] = []
    waves: list[Wave] = []
    for position, entry in enumerate(value):
        at = f"{where}[{position}]"
        if isinstance(entry, dict):
            waves.append(_wave(entry, at, channel.high - channel.low))
            continue
        key = _key(_list(entry, at), at, channel.low, channel.high)
        if keys and key.phase <= keys[-1].phase:
            _fail("track_unsorted", at, f"phase {key.phase} does not come after {keys[-1].phase}.")
        keys.append(key)
    if not keys and not waves:
        _fail("motion_missing_key", where, "the track is empty.")
    if not keys:
        keys.append(Key(0.0, channel.rest))
    track = Track(tuple(keys), tuple(waves))
    if loop and not track_closes(track):
        _fail("track_open", where, "the value at phase 0 and at phase 1 differ, so the loop would jump.")
    return track


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    """``head.roll = ...`` is a nested table in TOML; channel names are flat."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _tracks(table: Mapping[str, Any], loop: bool) -> dict[str, Track]:
    tracks = {}
    for name, value in _flatten(table):
        try:
            channels_of(name)
        except KeyError:
            _fail("track_unknown", f"tracks.{name}", "no such blendshape or channel.")
        tracks[name] = _track(name, value, loop)
    return tracks


def _cue(entry: object, where: str) -> dict[str, Any]:
    table = _table(entry, where)
    name = table.get("name")
    if not isinstance(name, str) or not name:
        _fail("motion_missing_key", where, "a cue needs a name.")
    start = _number(table.get("start", 0.0), f"{where}.start", 0.0, 1.0)
    end = _number(table.get("end", 1.0), f"{where}.end", 0.0, 1.0)
    if start >= end:
        _fail("cue_range", where, f"start {start} is not before end {end}.")
    options = {key: value for key, value in table.items() if key not in ("name", "start", "end")}
    for key, value in options.items():
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            _fail("motion_type", f"{where}.{key}", "an option is a number or a word.")
    return {"name": name, "start": start, "end": end, "options": options}


def _colour(value: object, where: str) -> Rgb:
    if not isinstance(value, str) or len(value) != 7 or not value.startswith("#"):
        _fail("colour_format", where, f"expected a colour like #e67814, found {value!r}.")
    try:
        red, green, blue = bytes.fromhex(value[1:])
    except ValueError:
        _fail("colour_format", where, f"expected a colour like #e67814, found {value!r}.")
    return red, green, blue


def _identity(table: Mapping[str, Any]) -> str:
    for key in ("id", "duration_s", "tracks"):
        if key not in table:
            _fail("motion_missing_key", key, "this key is required.")
    name = table["id"]
    if not isinstance(name, str) or not name.replace("_", "").isalnum():
        _fail("motion_type", "id", f"expected a word of letters, digits and underscores, found {name!r}.")
    return name


def motion_from_toml(text: str) -> Motion:
    """Read a motion. MotionInvalid names the place and the problem (``error.params["where"]``)."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MotionInvalid("motion_syntax", f"Motion is not valid TOML: {error}.", where="") from error
    _known_keys(table, TOP_KEYS, "")
    name = _identity(table)
    loop = _flag(table, "loop", default=True)
    caption = _table(table.get("caption", {}), "caption")
    _known_keys(caption, frozenset(["style", "colour"]), "caption.")
    style = caption.get("style", "pop")
    if not isinstance(style, str):
        _fail("motion_type", "caption.style", f"expected a word, found {style!r}.")
    effects = _list(table.get("effects", []), "effects")
    gestures = _list(table.get("gestures", []), "gestures")
    return Motion(
        id=name,
        duration_s=_number(table["duration_s"], "duration_s", 0.2, MAX_DURATION_S),
        fps=_number(table.get("fps", DEFAULT_FPS), "fps", 1.0, MAX_FPS),
        poster=_number(table.get("poster", 0.5), "poster", 0.0, 1.0),
        loop=loop,
        talking=_flag(table, "talking", default=False),
        tracks=_tracks(_table(table["tracks"], "tracks"), loop),
        effects=tuple(EffectCue(**_cue(entry, f"effects[{i}]")) for i, entry in enumerate(effects)),
        gestures=tuple(GestureCue(**_cue(entry, f"gestures[{i}]")) for i, entry in enumerate(gestures)),
        caption_style=style,
        caption_colour=_colour(caption.get("colour", "#2b2028"), "caption.colour"),
        blinks=tuple(_number(at, "blinks", 0.0, 1.0) for at in _list(table.get("blinks", []), "blinks")),
        idle=_flag(table, "idle", default=True),
    )


def _figure(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))


def _key_text(key: Key) -> str:
    tail = "" if key.ease == "ease" else f', "{key.ease}"'
    return f"[{_figure(key.phase)}, {_figure(key.value)}{tail}]"


def _wave_text(wave: Wave) -> str:
    parts = [
        f'wave = "{wave.shape}"',
        f"cycles = {_figure(wave.cycles)}",
        f"amplitude = {_figure(wave.amplitude)}",
    ]
    if wave.shift:
        parts.append(f"shift = {_figure(wave.shift)}")
    if wave.during != (0.0, 1.0):
        parts.append(f"during = [{_figure(wave.during[0])}, {_figure(wave.during[1])}]")
    if wave.fade:
        parts.append(f"fade = {_figure(wave.fade)}")
    return "{ " + ", ".join(parts) + " }"


def _track_text(name: str, track: Track) -> str:
    first = track.keys[0] if track.keys else None
    if len(track.keys) == 1 and first is not None and first.phase == 0.0 and first.ease == "ease":
        if not track.waves:
            return f"{name} = {_figure(first.value)}"
        if first.value == CHANNELS[channels_of(name)[0]].rest:
            return f"{name} = [{', '.join(map(_wave_text, track.waves))}]"
    entries = [*map(_key_text, track.keys), *map(_wave_text, track.waves)]
    return f"{name} = [{', '.join(entries)}]"


def _option_text(value: float | str) -> str:
    return f'"{value}"' if isinstance(value, str) else _figure(value)


def _cue_lines(kind: str, cue: EffectCue | GestureCue) -> list[str]:
    lines = ["", f"[[{kind}]]", f'name = "{cue.name}"']
    lines += [f"start = {_figure(cue.start)}", f"end = {_figure(cue.end)}"]
    lines += [f"{key} = {_option_text(value)}" for key, value in cue.options.items()]
    return lines


def motion_to_toml(motion: Motion) -> str:
    """Text that ``motion_from_toml`` reads back to an equal Motion."""
    lines = [
        f'id = "{motion.id}"',
        f"duration_s = {_figure(motion.duration_s)}",
        f"fps = {_figure(motion.fps)}",
    ]
    lines.append(f"poster = {_figure(motion.poster)}")
    flags = {"loop": (motion.loop, True), "talking": (motion.talking, False), "idle": (motion.idle, True)}
    lines += [f"{key} = {str(value).lower()}" for key, (value, usual) in flags.items() if value != usual]
    if motion.blinks:
        lines.append(f"blinks = [{', '.join(map(_figure, motion.blinks))}]")
    red, green, blue = motion.caption_colour
    lines += [
        "",
        "[caption]",
        f'style = "{motion.caption_style}"',
        f'colour = "#{red:02x}{green:02x}{blue:02x}"',
    ]
    lines += ["", "[tracks]", *(_track_text(name, track) for name, track in motion.tracks.items())]
    for effect in motion.effects:
        lines += _cue_lines("effects", effect)
    for gesture in motion.gestures:
        lines += _cue_lines("gestures", gesture)
    return "\n".join(lines) + "\n"
