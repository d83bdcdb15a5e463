"""Benchmarks, each a module of emotoon.bench: ``bench render --json``."""

from __future__ import annotations

import importlib
from typing import Any

from django.core.management.base import CommandParser

from emotoon.core.commands import EmotoonCommand

BENCHMARKS = ("export", "gpu", "pages", "quality", "render", "search", "service")


class Command(EmotoonCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = parser.add_subparsers(dest="kind", required=True)
        for name in BENCHMARKS:
            module = importlib.import_module(f"emotoon.bench.{name}")
            kind = kinds.add_parser(name, help=(module.__doc__ or "").splitlines()[0])
            module.add_arguments(kind)
            kind.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, kind: str, as_json: bool, **options: Any) -> None:
        with self.failing_clearly():
            result: dict[str, Any] = importlib.import_module(f"emotoon.bench.{kind}").run(options)
        if as_json:
            self.answer(result)
        else:
            for name, value in result.items():
                print(f"{name:24} {value}")
