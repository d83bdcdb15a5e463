"""Make a fresh or updated checkout ready to serve: translations, database, catalog, search index."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command

from emotoon.core.commands import EmotoonCommand
from emotoon.core.translations import translations_compile


class Command(EmotoonCommand):
    help = __doc__

    def handle(self, **_: Any) -> None:
        translations_compile()
        call_command("migrate", interactive=False, verbosity=0)
        call_command("load_catalog", stderr=self.stderr)
