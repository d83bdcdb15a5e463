"""Is a finished file within a target's limits? Found out by opening it again, not by trusting its writer."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ml_core.encoding.containers import Container, open_container
from ml_core.encoding.decoding import ReadLimits, frames_of, video_facts
from ml_core.encoding.targets import Limits, Target
from ml_core.errors import ClipInvalid
from ml_core.types import Certificate, Check

_VIDEO = frozenset({"webm", "mp4"})
_CODECS = {"webm": "vp9", "mp4": "h264"}
_CLOCK_SLACK = Fraction(11, 10000)
"""WebM writes times in whole milliseconds, so equal delays may differ by one."""
_SAME_PIXELS = 1.0
"""Mean difference (0..255) up to which first and last frame count as equal: lossy codecs never repeat."""
_CHECK_LIMITS = ReadLimits(bytes=64_000_000, frames=1000, total_pixels=400_000_000, decode_seconds=60.0)
"""Files to check may be far outside the limits; only what would hurt the machine is refused."""


@dataclass(frozen=True)
class _Found:
    container: Container
    bytes: int
    codec: str
    width: int
    height: int
    delays: tuple[Fraction, ...]
    audio: bool
    alpha: bool
    transparent: bool
    distinct: int
    seam: float

    @property
    def seconds(self) -> Fraction:
        return sum(self.delays, Fraction(0))


def check(
    data: bytes, target: Target, *, transparent: bool | None = None, glance: bool = False
) -> Certificate:
    """Open ``data`` and hold it to every limit of ``target``.

    transparent: the source had transparent pixels, so the file must have some too; None when unknown.
    glance: of WebM, look at the alpha of the first frame only (see ``frames_of``), for a file just written
    that somebody waits for.
    A file that cannot be read at all gives a certificate with a failed "container" check, never an error.
    """
    expected = " or ".join(target.accepts)
    try:
        found = _inspect(data, target.limits, glance)
        if glance and transparent and not found.transparent:  # not in the first frame
            found = _inspect(data, target.limits, False)
    except ClipInvalid as error:
        return Certificate(False, target.name, (Check("container", False, expected, str(error)),))
    kind = found.container.format
    checks = [Check("container", kind in target.accepts, expected, kind)]
    checks += _alpha(found, target, transparent)
    checks += [result for rule in _RULES for result in rule(found, target)]
    return Certificate(all(c.ok for c in checks), target.name, tuple(checks), _marks(found.container))


def _marks(container: Container) -> tuple[str, ...]:
    said = ("xmp", "comment", "tags") if container.source_type else ()
    return tuple(mark for mark in container.metadata if mark in (*said, "c2pa"))


def _inspect(data: bytes, limits: Limits, glance: bool) -> _Found:
    """Every frame is decoded; colours are converted only where ``limits`` ask for a look at them."""
    container = open_container(data)
    starts: list[Fraction] = []
    seen: set[int] = set()
    transparent, first, last, alpha = False, None, None, container.alpha
    for frame in frames_of(data, _CHECK_LIMITS, glance=glance):
        transparent = transparent or frame.transparent
        alpha = alpha and frame.has_alpha
        if _counts_pictures(limits):
            seen.add(hash(frame.image.tobytes()))
        first, last = first or frame, frame
        starts.append(frame.start)
    if first is None or last is None:
        raise ClipInvalid("clip_empty", "the file has no frames")
    seam = 0.0
    if limits.first_equals_last:
        seam = float(np.abs(first.image.astype(np.int16) - last.image).mean())
    codec, audio, delays = container.format, False, container.delays
    if container.format in _VIDEO:
        facts = video_facts(data)
        codec, audio = facts.codec, facts.audio
        delays = tuple(b - a for a, b in itertools.pairwise(starts))
        # Sound may outlast the pictures; then the last one is taken to stay as long as those before it.
        delays += delays[-1:] if audio and delays else (facts.seconds - starts[-1],)
    return _Found(
        container=container,
        bytes=len(data),
        codec=codec,
        width=first.size[0],
        height=first.size[1],
        delays=delays,
        audio=audio,
        alpha=alpha,
        transparent=transparent,
        distinct=len(seen),
        seam=seam,
    )


# Rules: each yields the checks that apply ------------------------------------------------------------


def _codec(found: _Found, target: Target) -> Iterator[Check]:
    wanted = _CODECS.get(found.container.format)
    if wanted is not None:
        yield Check("codec", found.codec == wanted, wanted, found.codec)
    yield _flag("audio", not found.audio, "none", "an audio track", "none")


def _alpha(found: _Found, target: Target, transparent: bool | None) -> Iterator[Check]:
    """One check, of the most that target and source ask for."""
    level = target.limits.alpha
    if level == "transparent":
        yield _flag("alpha", found.transparent, "transparent pixels", "none", "transparent pixels")
    elif transparent:
        yield _flag("alpha", found.transparent, "as in the source", "none", "transparent pixels")
    elif level == "carried":
        yield _flag("alpha", found.alpha, "an alpha channel", "none", "an alpha channel")


def _dimensions(found: _Found, target: Target) -> Iterator[Check]:
    limits, size = target.limits, (found.width, found.height)
    text = f"{found.width} x {found.height}"
    for applies, ok, limit in (
        (bool(limits.sizes), size in limits.sizes, " or ".join(f"{w} x {h}" for w, h in limits.sizes)),
        (limits.side is not None, max(size) == limits.side, f"longest side {limits.side}"),
        (limits.square is not None, _square(size, limits), f"square, sides {_range(limits.square)}"),
        (limits.within is not None, _within(size, limits), _within_text(limits)),
        (limits.even, not (size[0] % 2 or size[1] % 2), "even sides"),
    ):
        if applies:
            yield Check("dimensions", ok, limit, text)


def _square(size: tuple[int, int], limits: Limits) -> bool:
    return (
        limits.square is not None and size[0] == size[1] and limits.square[0] <= size[0] <= limits.square[1]
    )


def _within(size: tuple[int, int], limits: Limits) -> bool:
    if limits.within is None:
        return False
    fits = size[0] <= limits.within[0] and size[1] <= limits.within[1]
    return fits and max(size) >= (limits.one_side_min or 0)


def _within_text(limits: Limits) -> str:
    text = "at most {} x {}".format(*limits.within) if limits.within else ""
    return text + (f", one side at least {limits.one_side_min}" if limits.one_side_min else "")


def _frames(found: _Found, target: Target) -> Iterator[Check]:
    limits, count = target.limits, len(found.delays)
    low, high = limits.frames or (_fewest(target), None)
    high = limits.max_frames or high
    if not target.animated:
        low, high = 1, 1
    ok = low <= count and (high is None or count <= high)
    yield Check("frames", ok, _range((low, high)), str(count))
    if _counts_pictures(limits):
        yield Check("different frames", found.distinct >= low, f"at least {low}", str(found.distinct))
    if limits.first_equals_last:
        same = found.seam <= _SAME_PIXELS
        yield _flag("first and last frame", same, "equal", f"differ by {found.seam:.1f} of 255", "equal")


def _counts_pictures(limits: Limits) -> bool:
    """Where many frames are asked for, the same one again and again does not count."""
    return limits.frames is not None and limits.frames[0] > 2


def _fewest(target: Target) -> int:
    return 1 if "png" in target.accepts or not target.animated else 2


def _time(found: _Found, target: Target) -> Iterator[Check]:
    if not target.animated or len(found.delays) < 2:
        return
    limits, loops = target.limits, found.container.loops
    played = found.seconds * loops if limits.seconds_include_loops else found.seconds
    text = f"{float(played):.3f} s" + (f" in {loops} plays" if limits.seconds_include_loops else "")
    if limits.max_seconds is not None:
        endless = limits.seconds_include_loops and loops == 0
        ok = 0 < played <= Fraction(limits.max_seconds) and not endless
        yield Check("duration", ok, f"at most {limits.max_seconds:g} s", text)
    if limits.whole_seconds:
        yield Check("whole seconds", played > 0 and played.denominator == 1, "whole seconds", text)


def _delays(found: _Found, target: Target) -> Iterator[Check]:
    if not target.animated or len(found.delays) < 2:
        return
    limits, low, high = target.limits, min(found.delays), max(found.delays)
    slack = _CLOCK_SLACK if found.container.format in _VIDEO else Fraction(0)
    text = _ms(low) if low == high else f"{_ms(low)} to {_ms(high)}"
    yield Check("delays", low > 0 and high - low <= slack, "all equal", text)
    if limits.min_delay_ms is not None:
        yield Check(
            "shortest delay", low * 1000 >= limits.min_delay_ms, f"{limits.min_delay_ms:g} ms", _ms(low)
        )
    if limits.max_rate is not None:
        rate = len(found.delays) / max(found.seconds + slack, _CLOCK_SLACK)
        ok = low > 0 and rate <= Fraction(limits.max_rate) + Fraction(1, 100)
        yield Check("rate", ok, f"at most {limits.max_rate:g} a second", f"{float(rate):.2f}")


def _loops(found: _Found, target: Target) -> Iterator[Check]:
    if target.limits.loops is None or not target.animated or found.container.format in _VIDEO:
        return
    low, high = target.limits.loops
    name = "for ever" if (low, high) == (0, 0) else _range((low, high))
    loops = found.container.loops
    yield Check("loops", low <= loops <= high, name, "for ever" if loops == 0 else str(loops))


def _bytes(found: _Found, target: Target) -> Iterator[Check]:
    limit = target.limits.bytes
    if limit is not None:
        yield Check("bytes", found.bytes <= limit, f"at most {limit}", str(found.bytes))


def _metadata(found: _Found, target: Target) -> Iterator[Check]:
    there = sorted(set(found.container.metadata))
    if found.container.source_type:
        there.append(found.container.source_type)
    yield Check("metadata", "exif" not in there, "no EXIF", ", ".join(there) or "none")


def _flag(name: str, ok: bool, limit: str, without: str, with_: str) -> Check:
    return Check(name, ok, limit, with_ if ok else without)


def _range(pair: tuple[int | None, int | None] | None) -> str:
    low, high = pair or (None, None)
    if high is None:
        return f"at least {low}"
    return str(low) if low == high else f"{low} to {high}"


def _ms(delay: Fraction) -> str:
    return f"{float(delay * 1000):g} ms"


_RULES: tuple[Callable[[_Found, Target], Iterator[Check]], ...] = (
    _codec,
    _dimensions,
    _frames,
    _time,
    _delays,
    _loops,
    _bytes,
    _metadata,
)
