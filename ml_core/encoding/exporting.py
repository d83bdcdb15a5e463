"""One clip to many targets: fitted, marked, signed where that is possible, checked as the final bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ml_core.encoding.credentials import MANIFEST_BYTES, MEDIA_TYPES, Credentials, signed
from ml_core.encoding.fitting import Fitted, fit
from ml_core.encoding.marks import COMPOSITE, mark_bytes, marked
from ml_core.encoding.material import ClipMaterial
from ml_core.encoding.targets import Target
from ml_core.errors import ClipInvalid, TargetUnmet
from ml_core.types import Clip

_LARGEST_SHARE = 0.05
"""A signature may take this part of the byte limit; where it would take more, the plain mark must do."""


@dataclass(frozen=True)
class Exported:
    """What became of one target: exactly one of ``fitted`` and ``error`` is set."""

    target: str
    fitted: Fitted | None = None
    error: TargetUnmet | ClipInvalid | None = None


def export(
    clip: Clip,
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
    clip: Clip,
    targets: Sequence[Target],
    *,
    credentials: Credentials | None = None,
    source_type: str = COMPOSITE,
    threads: int = 2,
) -> Iterator[Exported]:
    """Export to every target, ``threads`` at a time (the encoders release the GIL), in the order given.

    One target that cannot be met does not stop the others: its error is part of the result.
    """

    material = ClipMaterial(clip)

    def one(target: Target) -> Exported:
        try:
            made = export(clip, target, credentials=credentials, source_type=source_type, material=material)
        except (TargetUnmet, ClipInvalid) as error:
            return Exported(target.name, error=error)
        return Exported(target.name, fitted=made)

    with ThreadPoolExecutor(threads) as pool:
        # What takes longest goes first, so that no thread is left alone with it at the end.
        begun = {target.name: pool.submit(one, target) for target in sorted(targets, key=_expected_work)}
        for target in targets:
            yield begun[target.name].result()


def _expected_work(target: Target) -> tuple[bool, bool, float]:
    """Sorts before others what takes longer: video, then animations, each by their area."""
    limits = target.limits
    sides = [width * height for width, height in limits.sizes]
    sides += [side * side for side in (limits.side, limits.square and limits.square[1]) if side]
    area = limits.within[0] * limits.within[1] if limits.within else max(sides)
    return target.format != "webm", not target.animated, -area
