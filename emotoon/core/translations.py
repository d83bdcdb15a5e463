"""Compiles the .po files. Babel does it, so that no gettext tools are needed on the machine."""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings


def translations_compile() -> None:
    """Compile every .po that is newer than its .mo; replaced whole, so that readers never see a part."""
    for folder in settings.LOCALE_PATHS:
        for source in sorted(Path(folder).glob("*/LC_MESSAGES/*.po")):
            target = source.with_suffix(".mo")
            if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
                _compile(source, target)


def _compile(source: Path, target: Path) -> None:
    with source.open("rb") as stream:
        catalog = read_po(stream)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    half = target.with_suffix(".mo.part")
    half.write_bytes(compiled.getvalue())
    half.replace(target)
