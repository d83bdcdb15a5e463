"""The GPU service under 1, 8, 32 and 128 callers, beside no batching, LitServe and no service at all."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser

from emotoon.ml.networks import service_measure


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cpu")
    parser.add_argument("--threads", type=int, default=1, help="torch threads of every contestant")
    parser.add_argument(
        "--litserve", default=sys.executable, metavar="PYTHON",
        help="an interpreter with LitServe beside our requirements; skipped where it is not installed",
    )  # fmt: skip
    parser.add_argument("--tiny", action="store_true", help="a few calls: proves that the measurement runs")


def run(options: dict[str, Any]) -> dict[str, Any]:
    return service_measure(
        device=options["device"],
        threads=options["threads"],
        litserve_python=options["litserve"],
        tiny=options["tiny"],
        say=lambda line: print(line, file=sys.stderr),  # noqa: T201 - progress of a command
    )
