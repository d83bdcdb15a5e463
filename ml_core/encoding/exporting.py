"""One clip to many targets: fitted, marked, signed where that is possible, checked as the final bytes."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from ml_core.encoding.credentials import MANIFEST_BYTES, MEDIA_TYPES, Credentials, signed
from ml_core.encoding.fitting import Fitted, fit
from ml_core.encoding.marks import COMPOSITE, mark_bytes, marked
from ml_core.encoding.material import ClipMaterial
from ml_core.encoding.targets import Target
from ml_core.encoding.verification import check
from ml_core.errors import ClipInvalid, TargetUnmet
from ml_core.types import FrameSource

_LARGEST_SHARE = 0.05
"""A signature may take this part of the byte limit; where it would take more, the plain mark must do."""


@dataclass(frozen=True)
class Exported:
    """What became of one target: exactly one of ``fitted`` and ``error`` is set."""

    target: str
    fitted: Fitted | None = None
    error: TargetUnmet | ClipInvalid | None = None


def export(
    clip: FrameSource,
    target: Target,
    *,
    credentials: Credentials | None = None,
    source_type: str = COMPOSITE,
    material: ClipMaterial | None = None,
) -> Fitted:
    """Fit ``clip`` to ``target`` with the AI mark, and a signed manifest when ``credentials`` are given, the
    format has a place for it and the byte limit leaves room.

    Raises ClipInvalid and TargetUnmet as ``fitting.fit`` does.
    """
    limit = target.fit.bytes or target.limits.bytes
    roomy = limit is None or limit * _LARGEST_SHARE >= MANIFEST_BYTES
    keys = credentials if target.format in MEDIA_TYPES and roomy else None

    def finish(data: bytes) -> bytes:
        with_mark = marked(data, target.format, source_type)
        return with_mark if keys is None else signed(with_mark, target.format, keys, source_type)

    reserve = mark_bytes(target.format) + (MANIFEST_BYTES if keys else 0)
    return fit(clip, target, reserve=reserve, finish=finish, material=material)


def export_all(
    clip: FrameSource,
    targets: Sequence[Target],
    *,
    credentials: Credentials | None = None,
    source_type: str = COMPOSITE,
    threads: int = 2,
) -> Iterator[Exported]:
    """Export to every target, ``threads`` at a time (the encoders release the GIL), in the order given.

    One target that cannot be met does not stop the others: its error is part of the result. Targets that ask
    for the same file share it; each checks it against its own limits.
    """

    material = ClipMaterial(clip)

    def one(target: Target) -> Exported:
        try:
            made = export(clip, target, credentials=credentials, source_type=source_type, material=material)
        except (TargetUnmet, ClipInvalid) as error:
            return Exported(target.name, error=error)
        return Exported(target.name, fitted=made)

    def alike(group: Sequence[Target]) -> list[Exported]:
        first = one(group[0])
        return [first, *(_shared(first, target) or one(target) for target in group[1:])]

    groups: dict[Hashable, list[Target]] = {}
    for target in targets:
        groups.setdefault(_recipe(target), []).append(target)
    with ThreadPoolExecutor(threads) as pool:
        # What takes longest goes first, so that no thread is left alone with it at the end.
        ordered = sorted(groups.items(), key=lambda group: _expected_work(group[1][0]))
        begun = {recipe: pool.submit(alike, group) for recipe, group in ordered}
        for target in targets:
            group = groups[_recipe(target)]
            yield begun[_recipe(target)].result()[group.index(target)]


def _recipe(target: Target) -> Hashable:
    """Equal for targets whose files are equal: of two byte limits, wished and hard, only the first counts."""
    wished = target.fit.bytes or target.limits.bytes
    return (
        target.format,
        target.animated,
        replace(target.limits, bytes=wished),
        replace(target.fit, bytes=None),
    )


def _shared(made: Exported, target: Target) -> Exported | None:
    """The file of another target as that of ``target``, when it keeps its limits."""
    if made.fitted is None:
        return None
    certificate = check(made.fitted.file.data, target, transparent=made.fitted.transparent)
    if not certificate.ok:
        return None
    shared = replace(made.fitted, target=target.name, encodes=0, seconds=0.0, certificate=certificate)
    return Exported(target.name, fitted=shared)


def _expected_work(target: Target) -> tuple[bool, bool, float]:
    """Sorts before others what takes longer: video, then animations, each by their area."""
    limits = target.limits
    sides = [width * height for width, height in limits.sizes]
    sides += [side * side for side in (limits.side, limits.square and limits.square[1]) if side]
    area = limits.within[0] * limits.within[1] if limits.within else max(sides)
    return target.format != "webm", not target.animated, -area
