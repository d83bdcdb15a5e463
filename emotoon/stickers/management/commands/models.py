"""Which model weights there are, their licences, and which are on this machine: ``models list``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from emotoon import ml
from emotoon.core.commands import EmotoonCommand


class Command(EmotoonCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        listing = actions.add_parser("list", help="all weights of the manifest")
        listing.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, action: str, as_json: bool, **_: Any) -> None:
        rows = ml.weights_list()
        if as_json:
            self.answer({"models": rows})
            return
        for row in rows:
            here = "here" if row["path"] else "-"
            use = "commercial" if row["commercial"] else "research only"
            print(f"{row['name']:28} {here:5} {use:14} {row['licence']:44} {row['task']}")
