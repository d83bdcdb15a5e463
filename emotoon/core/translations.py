"""Compiles the .po files: ``python -m emotoon.core.translations``. Babel does it, no gettext tools needed."""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE_DIR = Path(__file__).parent.parent / "locale"


def translations_compile() -> None:
    """Compile every .po that is newer than its .mo; replaced whole, so that readers never see a part."""
    for source in sorted(LOCALE_DIR.glob("*/LC_MESSAGES/*.po")):
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


if __name__ == "__main__":
    translations_compile()
