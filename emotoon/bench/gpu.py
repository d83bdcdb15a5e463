"""Speed of the torch networks on a GPU, beside the device's floor and beside eager float32."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser

from emotoon.ml.networks import networks_measure


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument(
        "--tiny", action="store_true", help="small networks: proves that the measurement runs"
    )
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME",
        help="stylegan2, liveportrait, animegan2, wav2lip, sentences or puppet; may be repeated",
    )  # fmt: skip


def run(options: dict[str, Any]) -> dict[str, Any]:
    """Refuses with one line and exit code 2 when the device is not there."""
    return networks_measure(
        device=options["device"],
        tiny=options["tiny"],
        only=tuple(options["only"]),
        say=lambda line: print(line, file=sys.stderr),  # noqa: T201 - progress of a command
    )
