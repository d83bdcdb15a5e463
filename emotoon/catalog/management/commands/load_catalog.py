"""Load the template files into the database and rebuild the search index when anything changed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from emotoon.catalog.files import catalog_read, pictures_read
from emotoon.catalog.search import index_build, index_is_current
from emotoon.catalog.services import catalog_load
from emotoon.core.commands import EmotoonCommand


class Command(EmotoonCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--rebuild", action="store_true", help="rebuild the index even if nothing changed"
        )

    def handle(self, *, rebuild: bool, **_: Any) -> None:
        load = catalog_load(files=[*catalog_read(), *pictures_read()])
        self.say(
            f"catalog: {load.created} new, {load.updated} updated, {load.unchanged} unchanged, "
            f"{load.kept} edited here and kept"
        )
        if rebuild or not index_is_current():
            self.say("search index: building (once, some ten seconds) ...")
            with self.clock("search index"):
                version = index_build()
            self.say(f"search index: {version}")
