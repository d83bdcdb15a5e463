"""One clip into one messenger's limits, with as few full encodes as possible.

The clip is resampled once per size. What a file will cost is predicted from a few frames (``coders``); frames
and size are given up, in the target's own order, until the prediction fits; the fine knob is then solved on
the prediction, the file is written, and a miss is corrected by a secant step on ln(bytes).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType

import numpy as np

from ml_core.encoding.coders import CODERS, Coder
from ml_core.encoding.encode import validate
from ml_core.encoding.material import ClipMaterial, ShownFrames, SizedFrames
from ml_core.encoding.resampling import canvas_for, content_for, smaller
from ml_core.encoding.schedule import Schedule, order_of, schedule_for, timing_of
from ml_core.encoding.targets import Target
from ml_core.encoding.timing import Timing
from ml_core.encoding.verification import check
from ml_core.errors import TargetUnmet
from ml_core.types import Certificate, EncodedFile, FrameSource

AIM: Mapping[str, float] = MappingProxyType({"good": 0.965, "fast": 0.9})
"""Part of the limit that is aimed at, by effort. Predictions are right within two to three per cent; who is
in a hurry predicts within five, so leaves more room, that the first file fits, and takes it as it is."""
FILLED = 0.855
"""A file below this part of the limit is written again, better, if its quality can still rise."""
_SIZE_POWER = 0.67
"""Bytes grow less than the area: with about the 1.5th power of the side (measured)."""
_MOST_ENCODES = 4
_MOST_PLANS = 4


@dataclass(frozen=True)
class Fitted:
    """A file within its limits, and what it took.

    encodes: full encodes made. level: the fine knob, quality 0..100 or number of colours. best: nothing
    better is worth having, so the file may be far below the byte limit. given_up: short English notes.
    limit: bytes that were aimed at, None without a limit. certificate: what the independent check found.
    transparent: the frames have transparent pixels. encodes 0: the file of another target serves this one.
    """

    file: EncodedFile
    target: str
    encodes: int
    seconds: float
    level: float
    best: bool
    given_up: tuple[str, ...]
    limit: int | None
    transparent: bool
    certificate: Certificate


@dataclass(frozen=True)
class _Plan:
    """What is tried: frame count, part of the full size, and the worst level of the fine knob."""

    frames: int
    scale: float
    floor: float


@dataclass(frozen=True)
class _Written:
    data: bytes
    level: float
    encodes: int


Finish = Callable[[bytes], bytes]


def fit(
    clip: FrameSource,
    target: Target,
    *,
    reserve: int = 0,
    finish: Finish = bytes,
    material: ClipMaterial | None = None,
) -> Fitted:
    """Encode ``clip`` within every limit of ``target`` and check the result.

    material: of the same clip, when it goes to several targets.
    finish: what is still done to the finished file (marks, signature) before it is checked; it may add at
    most ``reserve`` bytes.
    Raises ClipInvalid for a malformed clip and TargetUnmet (frames_too_few, alpha_missing, bytes_unmet,
    check_failed) with what to change.
    """
    validate(clip)
    began = time.perf_counter()
    material = material or ClipMaterial(clip)
    job = _Job(material, target, reserve, finish)
    job.require_alpha()
    try:
        return job.run(began)
    except TargetUnmet as error:
        # The wished size is a wish: the messenger's own limit is what counts.
        if error.code != "bytes_unmet" or target.fit.bytes is None or not target.limits.bytes:
            raise
        eased = replace(target, fit=replace(target.fit, bytes=None))
        return _Job(material, eased, reserve, finish).run(
            began, (f"bytes: more than the wished {target.fit.bytes}",)
        )


class _Job:
    """One call of ``fit``: holds the frames resampled at the current size."""

    def __init__(self, material: ClipMaterial, target: Target, reserve: int, finish: Finish) -> None:
        self.material, self.target, self.finish = material, target, finish
        clip = material.clip
        self.schedule = schedule_for(clip, target) if target.animated else _still_schedule()
        wished = target.fit.bytes or target.limits.bytes
        self.limit = None if wished is None else wished
        self.room = math.inf if wished is None else wished - reserve
        self.source = clip.shape[2], clip.shape[1]
        self._sized: SizedFrames | None = None

    def require_alpha(self) -> None:
        """Raises TargetUnmet where transparent pixels are asked for, and neither clip nor margin has any."""
        canvas = canvas_for(self.source, self.target.limits)
        framed = content_for(self.source, canvas, self.target.fit.margin) != canvas
        if self.target.limits.alpha != "transparent" or framed or self._clip_is_clear():
            return
        message = f"{self.target.name} needs a transparent background; the clip has none: remove it first"
        raise TargetUnmet("alpha_missing", message, target=self.target.name)

    def _clip_is_clear(self) -> bool:
        clip = self.material.clip
        order = (clip.poster, *range(clip.shape[0])) if self.target.animated else (clip.poster,)
        return any(bool(clip.frame(index)[..., 3].min() < 255) for index in order)

    def run(self, began: float, notes: tuple[str, ...] = ()) -> Fitted:
        plan, coder, written = self._written()
        frames, timing = self._frames(plan)
        encoded = EncodedFile(
            data=self.finish(written.data),
            format=self.target.format,
            width=frames.canvas[0],
            height=frames.canvas[1],
            frames=len(frames),
            duration_s=timing.seconds if self.target.animated else 0.0,
        )
        transparent = any(bool((frame[..., 3] < 128).any()) for frame in frames)
        certificate = check(encoded.data, self.target, transparent=transparent, glance=self._hurried)
        if not certificate.ok:
            raise _failed(certificate)
        return Fitted(
            file=encoded,
            target=self.target.name,
            encodes=written.encodes,
            seconds=time.perf_counter() - began,
            level=written.level,
            best=written.level >= coder.levels[-1],
            given_up=(*self.schedule.notes, *self._given_up(plan, written.level), *notes),
            limit=self.limit,
            transparent=transparent,
            certificate=certificate,
        )

    # Choosing what to give up ----------------------------------------------------------------------

    def _written(self) -> tuple[_Plan, Coder, _Written]:
        """Plan and write; where a prediction was so wrong that nothing fits, plan again by what came out."""
        bias, encodes = 1.0, 0
        for _ in range(_MOST_PLANS):
            plan, coder = self._affordable(bias)
            try:
                written = self._write(coder, plan)
            except _Overshot as miss:
                encodes += miss.encodes
                bias = max(1.05 * bias, miss.bytes / coder.estimate(miss.level))
                continue
            return plan, coder, replace(written, encodes=written.encodes + encodes)
        raise self._unmet()

    def _affordable(self, bias: float) -> tuple[_Plan, Coder]:
        """The first plan, in the target's order of giving up, whose predicted bytes times ``bias`` fit."""
        plan = _Plan(self.schedule.most, 1.0, math.inf)
        coder = self._coder(plan)
        plan = replace(plan, floor=coder.levels[-1])
        if math.isinf(self.room):
            return plan, coder
        room = self.room * AIM[self.target.fit.effort] / bias
        for knob in self.target.fit.give_up:
            while (cost := coder.estimate(plan.floor)) > room:
                next_plan = self._without(knob, plan, coder, room / cost)
                if next_plan is None:
                    break
                same_frames = (next_plan.frames, next_plan.scale) == (plan.frames, plan.scale)
                plan, coder = next_plan, coder if same_frames else self._coder(next_plan)
            else:
                return plan, coder
        if coder.estimate(plan.floor) <= room:
            return plan, coder
        raise self._unmet()

    def _unmet(self) -> TargetUnmet:
        message = (
            f"{self.target.name} allows {self.room:.0f} bytes; even with everything given up it takes more: "
            "use a shorter or calmer clip"
        )
        return TargetUnmet("bytes_unmet", message, target=self.target.name, limit=int(self.room))

    def _without(self, knob: str, plan: _Plan, coder: Coder, ratio: float) -> _Plan | None:
        """``plan`` with about ``ratio`` of its bytes by giving up some of ``knob``; None at its end."""
        if knob in ("quality", "colours"):
            worst = coder.levels[0]
            return replace(plan, floor=worst) if plan.floor > worst else None
        if knob == "frames":
            if plan.frames <= self.schedule.fewest:
                return None
            wanted = min(plan.frames - 1, math.floor(plan.frames * ratio))
            return replace(plan, frames=max(self.schedule.fewest, wanted))
        scale = smaller(
            self.source, self.target.limits, self.target.fit, plan.scale, plan.scale * ratio**_SIZE_POWER
        )
        return None if scale is None else replace(plan, scale=scale)

    def _given_up(self, plan: _Plan, level: float) -> tuple[str, ...]:
        notes, shown = [], self._timing(plan).frames
        available = len(self.schedule.source)
        if shown < available:
            notes.append(f"frames: {shown} of {available}")
        if plan.scale < 1:
            full = canvas_for(self.source, self.target.limits)
            now = canvas_for(self.source, self.target.limits, plan.scale)
            notes.append(f"size: {now[0]} x {now[1]} instead of {full[0]} x {full[1]}")
        if "colours" in self.target.fit.give_up and level < self.target.fit.colours[0]:
            notes.append(f"colours: {level:.0f} of {self.target.fit.colours[0]}")
        return tuple(notes)

    # Frames of a plan ------------------------------------------------------------------------------

    def _timing(self, plan: _Plan) -> Timing:
        if not self.target.animated:
            return Timing(1, self.schedule.seconds)
        return timing_of(self.schedule, plan.frames, self.target)

    def _frames(self, plan: _Plan) -> tuple[ShownFrames, Timing]:
        clip, timing = self.material.clip, self._timing(plan)
        order = np.array([clip.poster])
        if self.target.animated:
            order = order_of(self.schedule, clip, timing.frames, self.target)
        canvas = canvas_for(self.source, self.target.limits, plan.scale)
        if self._sized is None or self._sized.canvas != canvas:
            content = content_for(self.source, canvas, self.target.fit.margin)
            self._sized = SizedFrames(self.material, canvas, content)
        return ShownFrames(self._sized, order), timing

    def _coder(self, plan: _Plan) -> Coder:
        frames, timing = self._frames(plan)
        return CODERS[self.target.format](frames, timing, self.target.fit)

    # Writing ---------------------------------------------------------------------------------------

    def _write(self, coder: Coder, plan: _Plan) -> _Written:
        """Solve the fine knob, write, and correct a miss. Raises _Overshot when even the worst is too big."""
        curve = _Curve(coder, self._worst(coder, plan))
        aim = self.room * AIM[self.target.fit.effort]
        level = curve.refined(curve.solve(aim), aim)
        best: _Written | None = None
        for attempt in range(1, _MOST_ENCODES + 1):
            data = coder.encode(level)
            curve.measured(level, len(data))
            if len(data) <= self.room and (best is None or len(data) > len(best.data)):
                best = _Written(data, level, attempt)
            if best is not None and self._good(best, coder):
                return replace(best, encodes=attempt)
            following = curve.solve(aim)
            if following >= level and best is None:
                following = coder.snap(level - 1)
            if following == level or following < curve.floor:
                break
            level = following
        if best is None:
            raise _Overshot(level, len(data), attempt)
        return replace(best, encodes=attempt)

    def _good(self, written: _Written, coder: Coder) -> bool:
        return self._hurried or len(written.data) >= FILLED * self.room or written.level >= coder.levels[-1]

    @property
    def _hurried(self) -> bool:
        return self.target.fit.effort == "fast"

    def _worst(self, coder: Coder, plan: _Plan) -> float:
        """The fine knob may go all the way down where it comes first in the order of giving up."""
        first = self.target.fit.give_up[:1]
        return coder.levels[0] if first in (("quality",), ("colours",)) else plan.floor


class _Overshot(Exception):
    """The smallest file at this frame count and size was still too big."""

    def __init__(self, level: float, size: int, encodes: int) -> None:
        super().__init__(level, size)
        self.level, self.bytes, self.encodes = level, size, encodes


class _Curve:
    """ln(bytes) over the level: predicted at a few points, then corrected by what was measured."""

    def __init__(self, coder: Coder, floor: float) -> None:
        self.coder, self.floor = coder, floor
        self.levels = [level for level in coder.levels if level >= floor]
        self.points: list[tuple[float, float]] = []

    def measured(self, level: float, size: int) -> None:
        self.points.append((level, math.log(size)))

    def solve(self, room: float) -> float:
        """The best level whose corrected prediction is within ``room`` bytes; the floor if none is."""
        if math.isinf(room):
            return self.levels[-1]
        aim = math.log(max(1.0, room))
        knots = sorted({*self.levels, *(level for level, _ in self.points)}, reverse=True)
        if self._at(knots[0]) <= aim:
            return knots[0]
        for low, high in zip(knots[1:], knots, strict=False):
            at_low, at_high = self._at(low), self._at(high)
            if at_low <= aim:
                share = (aim - at_low) / max(1e-9, at_high - at_low)
                return max(self.floor, self.coder.snap(low + min(1.0, share) * (high - low)))
        return self.floor

    def refined(self, level: float, room: float) -> float:
        """``level`` solved once more with a prediction made at that very level, not between others."""
        if level in self.levels:
            return level
        self.levels = sorted({*self.levels, level})
        return self.solve(room)

    def _at(self, level: float) -> float:
        predicted = self._predicted(level)
        if not self.points:
            return predicted
        nearest = sorted(self.points, key=lambda point: abs(point[0] - level))[:2]
        here, cost = nearest[0]
        slope = 1.0
        if len(nearest) == 2:
            there, other = nearest[1]
            span = self._predicted(there) - self._predicted(here)
            # The secant of the two measurements, relative to the predicted slope.
            slope = min(4.0, max(0.25, (other - cost) / span)) if abs(span) > 1e-6 else 1.0
        return cost + slope * (predicted - self._predicted(here))

    def _predicted(self, level: float) -> float:
        """Linear between the estimated levels."""
        upper = next((i for i, known in enumerate(self.levels) if known >= level), len(self.levels) - 1)
        high = self.levels[upper]
        if upper == 0 or level >= high:
            return self._estimated(high)
        low = self.levels[upper - 1]
        share = (level - low) / (high - low)
        return (1 - share) * self._estimated(low) + share * self._estimated(high)

    def _estimated(self, level: float) -> float:
        return math.log(max(1.0, self.coder.estimate(level)))


def _still_schedule() -> Schedule:
    return Schedule(Fraction(0), 0, np.arange(1), 1, 1)


def _failed(certificate: Certificate) -> TargetUnmet:
    lines = "; ".join(f"{c.name} is {c.found}, wanted {c.limit}" for c in certificate.failures)
    names = tuple(c.name for c in certificate.failures)
    return TargetUnmet(
        "check_failed", f"{certificate.target}: {lines}", target=certificate.target, checks=names
    )
