"""Make a fresh or updated checkout ready to serve: translations, database, catalog, search index."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command

from emotoon.core.commands import EmotoonCommand


class Command(EmotoonCommand):
    help = __doc__

    def handle(self, **_: Any) -> None:
        for folder in settings.LOCALE_PATHS:
            for source in sorted(Path(folder).glob("*/LC_MESSAGES/*.po")):
                translations_compile(source)
        call_command("migrate", interactive=False, verbosity=0)
        call_command("load_catalog", stderr=self.stderr)


def translations_compile(source: Path) -> None:
    """Compile a .po beside itself when it is newer. Babel does it, so no gettext tools are needed."""
    target = source.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return
    with source.open("rb") as stream:
        catalog = read_po(stream)
    with target.open("wb") as stream:
        write_mo(stream, catalog)
