"""The door to ml_core.encoding: messenger targets, fitted files, certificates, people's own files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from emotoon.core.errors import EmotoonError, Text
from ml_core.encoding.coders import CODERS
from ml_core.encoding.credentials import Credentials, development_credentials
from ml_core.encoding.decoding import ReadLimits, frames_of
from ml_core.encoding.encode import encode
from ml_core.encoding.exporting import Exported, export, export_all
from ml_core.encoding.fitting import Fitted
from ml_core.encoding.likeness import looks_like
from ml_core.encoding.marks import COMPOSITE, GENERATED, marked
from ml_core.encoding.material import ClipMaterial
from ml_core.encoding.reading import LARGEST_SIDE, read_clip
from ml_core.encoding.resampling import canvas_for, content_for, placed
from ml_core.encoding.targets import Icon, PackRules, Target, load_targets, still_target
from ml_core.encoding.verification import check
from ml_core.errors import ClipInvalid, MlError, TargetUnmet
from ml_core.types import Certificate, Check, Clip, EncodedFile

__all__ = [
    "CODERS",
    "COMPOSITE",
    "GENERATED",
    "Certificate",
    "Check",
    "Clip",
    "ClipInvalid",
    "ClipMaterial",
    "Credentials",
    "EncodedFile",
    "ExportRefused",
    "Exported",
    "Fitted",
    "Icon",
    "PackRules",
    "ReadLimits",
    "Target",
    "TargetUnmet",
    "check",
    "clip_read",
    "content_for",
    "development_credentials",
    "encode",
    "export",
    "export_all",
    "frames_of",
    "load_targets",
    "looks_like",
    "marked",
    "placed",
    "refused",
    "render_side",
    "still_target",
    "targets_named",
]

_USUAL_SIDE = 512

MESSAGES: Mapping[str, Text] = {
    "file_unknown": _("This is not an animated picture we can read. Use WebP, GIF, APNG, WebM or MP4."),
    "file_corrupt": _("The file is damaged or incomplete. Please save or send it again."),
    "file_too_large": _("The file is too large. Please use one of at most 10 MB."),
    "canvas_too_large": _("The picture is too large. Please make it smaller or shorter."),
    "frames_too_many": _("The file has too many frames. Please use at most 300."),
    "frames_too_few": _("The clip has too few frames for this messenger."),
    "alpha_missing": _(
        "This messenger needs a transparent background, and this clip has none. "
        "Please remove the background first."
    ),
    "clip_empty": _("The file has no frames."),
    "decode_too_slow": _("Reading the file takes too long. Please make it smaller or shorter."),
    "bytes_unmet": _("This clip cannot be made small enough for this messenger. Use a shorter, calmer one."),
    "check_failed": _("The finished file does not keep this messenger's rules."),
}


class ExportRefused(EmotoonError):
    """ml_core could not read a clip or meet a target. ``detail``: English, with the numbers, for logs."""

    status = 422

    def __init__(self, error: MlError) -> None:
        super().__init__(error.code, MESSAGES.get(error.code, str(error)), **error.params)
        self.detail = str(error)
        self.permanent = error.permanent


@contextmanager
def refused() -> Iterator[None]:
    """Turn ml_core's errors into ExportRefused."""
    try:
        yield
    except (ClipInvalid, TargetUnmet) as error:
        raise ExportRefused(error) from error


def targets_named(names: Sequence[str]) -> tuple[Target, ...]:
    """Targets by name; "all" is every one. Raises ExportRefused (target_unknown) and lists the known."""
    known = load_targets()
    missing = [name for name in names if name not in known and name != "all"]
    if "all" in names and not missing:
        return tuple(known.values())
    if missing or not names:
        message = f"unknown target {', '.join(missing) or '(none)'}; use all or some of: {', '.join(known)}"
        raise ExportRefused(TargetUnmet("target_unknown", message))
    return tuple(known[name] for name in dict.fromkeys(names))


def render_side(targets: Sequence[Target]) -> int:
    """Side in pixels of a square canvas that serves all ``targets`` without being enlarged.

    Never below what stickers are made at: smaller pictures look better scaled down than drawn small.
    """
    largest = (LARGEST_SIDE, LARGEST_SIDE)
    wanted = [
        max(content_for(largest, canvas_for(largest, target.limits), target.fit.margin)) for target in targets
    ]
    return min(LARGEST_SIDE, max(_USUAL_SIDE, *wanted) // 2 * 2)


def clip_read(path: Path) -> Clip:
    """A person's own animated file. Raises ExportRefused, and OSError when it cannot be opened."""
    limits = ReadLimits()
    with path.open("rb") as stream:
        data = stream.read(limits.bytes + 1)
    with refused():
        return read_clip(data, limits)
