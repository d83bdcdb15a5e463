"""Certificates as they are kept, and in the words of who reads them: what was looked at, found, allowed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.utils.translation import get_language, gettext_noop, ngettext
from django.utils.translation import gettext as _

from emotoon.core.sizes import size_text
from ml_core.types import EncodedFile

_NAMES: Mapping[str, str] = MappingProxyType({
    "container": gettext_noop("File format"),
    "codec": gettext_noop("Video coding"),
    "audio": gettext_noop("Sound"),
    "alpha": gettext_noop("Transparent background"),
    "dimensions": gettext_noop("Size in pixels"),
    "frames": gettext_noop("Pictures in the animation"),
    "different frames": gettext_noop("Different pictures"),
    "first and last frame": gettext_noop("First and last picture"),
    "duration": gettext_noop("Length"),
    "whole seconds": gettext_noop("Whole seconds"),
    "delays": gettext_noop("Time of each picture"),
    "shortest delay": gettext_noop("Shortest time of a picture"),
    "rate": gettext_noop("Pictures a second"),
    "loops": gettext_noop("Repeats"),
    "bytes": gettext_noop("File size"),
    "metadata": gettext_noop("Hidden data"),
})  # fmt: skip
"""Checks of ml_core.encoding.verification."""

_PHRASES: tuple[tuple[str, str], ...] = (
    (r"at most ([\d. x]+?)(?: s| a second)?, one side at least (\d+)",
     gettext_noop("at most %(a)s, one side at least %(b)s")),
    (r"at most ([\d.]+) a second", gettext_noop("at most %(a)s a second")),
    (r"at most (.+)", gettext_noop("at most %(a)s")),
    (r"at least (.+)", gettext_noop("at least %(a)s")),
    (r"([\d.]+) ms to ([\d.]+) ms", gettext_noop("%(a)s to %(b)s ms")),
    (r"([\d.]+) to ([\d.]+)", gettext_noop("%(a)s to %(b)s")),
    (r"longest side (\d+)", gettext_noop("longest side %(a)s")),
    (r"square, sides (.+)", gettext_noop("square, sides %(a)s")),
    (r"frames: (\d+) of (\d+)", gettext_noop("%(a)s of %(b)s pictures shown")),
    (r"colours: (\d+) of (\d+)", gettext_noop("%(a)s of %(b)s colours used")),
    (r"size: (.+) instead of (.+)", gettext_noop("made smaller: %(a)s instead of %(b)s")),
    (r"speed: (.+) s shown in (.+) s", gettext_noop("played in %(b)s s instead of %(a)s s")),
    (r"length: cut from (.+) s to (.+) s.*",
     gettext_noop("cut from %(a)s s to %(b)s s around the best moment")),
    (r"bytes: more than the wished (\d+)", gettext_noop("larger than wished, within the limit")),
    (r"all equal", gettext_noop("all equal")),
    (r"for ever", gettext_noop("for ever")),
    (r"even sides", gettext_noop("even numbers")),
    (r"whole seconds", gettext_noop("whole seconds")),
    (r"no EXIF", gettext_noop("no camera data")),
    (r"equal", gettext_noop("equal")),
    (r"none", gettext_noop("none")),
    (r"transparent pixels|an alpha channel|as in the source", gettext_noop("there")),
    (r"(.+?)(?:, )?(?:composite|trained)\w*", gettext_noop("AI mark (%(a)s)")),
)  # fmt: skip
"""Texts of ml_core as patterns, and what people read instead."""


@dataclass(frozen=True)
class CheckLine:
    ok: bool
    name: str
    found: str
    limit: str


@dataclass(frozen=True)
class FileLines:
    """summary: one sentence with the messenger's name. path: within its archive; empty outside one."""

    path: str
    ok: bool
    summary: str
    given_up: tuple[str, ...]
    checks: tuple[CheckLine, ...]


@dataclass(frozen=True)
class CertificateText:
    """summary: one sentence. marks: how the files say that AI made them."""

    ok: bool
    summary: str
    marks: str
    files: tuple[FileLines, ...]


def certificate_kept(file: EncodedFile) -> dict[str, Any]:
    """What of a single file's certificate goes into its row; empty when it was fitted to no messenger."""
    if file.certificate is None:
        return {}
    return {**file.certificate.as_dict(), "given_up": list(file.given_up)}


def certificate_text(certificate: Mapping[str, Any]) -> CertificateText:
    """A kept certificate (``PackArchive.as_dict``) as text in the language in force."""
    files = tuple(file_text(file) for file in certificate.get("files", ()))
    kept = sum(file.ok for file in files)
    summary = ngettext(
        "%(ok)d of %(all)d file keeps every limit of this messenger.",
        "%(ok)d of %(all)d files keep every limit of this messenger.",
        len(files),
    ) % {"ok": kept, "all": len(files)}
    marks = {mark for file in certificate.get("files", ()) for mark in file.get("marks", ())}
    return CertificateText(bool(certificate.get("ok")), summary, _marks(marks), files)


def _marks(marks: set[str]) -> str:
    if "c2pa" in marks:
        return _(
            "Every file says that AI made it, and the stickers are signed (Content Credentials). "
            "The signature comes from a development certificate: it shows changes, but nobody vouches "
            "for the signer."
        )
    return _("Every file says that AI made it.") if marks else ""


def file_text(file: Mapping[str, Any]) -> FileLines:
    """A kept certificate of one file as text in the language in force."""
    checks = tuple(
        CheckLine(
            bool(check["ok"]),
            _(_NAMES[check["name"]]) if check["name"] in _NAMES else check["name"],
            _worded(check["found"], check["name"]),
            _worded(check["limit"], check["name"]),
        )
        for check in file.get("checks", ())
    )
    given_up = given_up_text(file.get("given_up", ()))
    summary = (
        _("%(messenger)s: every limit is kept") if file["ok"] else _("%(messenger)s: not every limit is kept")
    )
    summary %= {"messenger": messenger_title(file["target"])}
    return FileLines(file.get("path", ""), bool(file["ok"]), summary, given_up, checks)


def given_up_text(notes: Iterable[str]) -> tuple[str, ...]:
    """What was given up to keep the limits, in the language in force."""
    return tuple(_worded(note) for note in notes)


def messenger_title(target: str) -> str:
    """The target's title; its name alone once its file is gone."""
    from ml_core.encoding.targets import load_targets

    known = load_targets().get(target)
    return known.title["en" if (get_language() or "ko").startswith("en") else "ko"] if known else target


def _worded(text: str, name: str = "") -> str:
    if name == "bytes":
        text = re.sub(r"\d+", lambda number: size_text(int(number[0])), text)
    for pattern, phrase in _PHRASES:
        match = re.fullmatch(pattern, text)
        if match is not None:
            return _(phrase) % dict(zip("ab", match.groups(), strict=False))
    return text
