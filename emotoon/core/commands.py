"""What our management commands share: one JSON object on standard output, everything else on standard
error, expected failures as one line with exit code 2, progress bars only on a terminal."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from tqdm import tqdm

from emotoon.core.errors import EmotoonError, InvalidInput

USAGE_ERROR = 2


class EmotoonCommand(BaseCommand):
    """Base class: ``self.say`` for people, ``self.answer`` for programs, ``self.failing_clearly``."""

    def say(self, line: str) -> None:
        self.stderr.write(line)

    def answer(self, value: Any) -> None:
        """Exactly one JSON object on standard output."""
        self.stdout.write(json.dumps(value, ensure_ascii=False, indent=2))

    @contextmanager
    def failing_clearly(self) -> Iterator[None]:
        try:
            yield
        except EmotoonError as error:
            raise CommandError(str(error.message), returncode=USAGE_ERROR) from error
        except OperationalError as error:
            message = (
                f"The database cannot be used ({error}). `python manage.py prepare` makes or updates it."
            )
            raise CommandError(message, returncode=USAGE_ERROR) from error

    @contextmanager
    def clock(self, title: str) -> Iterator[None]:
        """For work that cannot say how far it is: the seconds so far, on a terminal only."""
        done = threading.Event()
        with self.progress_bar(title, total=0) as bar:
            ticking = threading.Thread(target=_tick, args=(bar, done), daemon=True)
            ticking.start()
            try:
                yield
            finally:
                done.set()
                ticking.join()

    @contextmanager
    def progress_bar(self, title: str, total: int = 100) -> Iterator[tqdm[Any]]:
        with tqdm(
            total=total, desc=title, file=sys.stderr, disable=not sys.stderr.isatty(), leave=False
        ) as bar:
            yield bar


def names_chosen(wanted: str, known: Collection[str], *, option: str) -> list[str]:
    """Names of a comma-separated option; "all" is every one. Raises InvalidInput and lists the known."""
    names = list(known) if wanted == "all" else wanted.split(",")
    unknown = [name for name in names if name not in known]
    if unknown:
        message = f"--{option}: there is no {', '.join(unknown)}; choose from {', '.join(known)}."
        raise InvalidInput("name_unknown", message, field=option)
    return names


def _tick(bar: tqdm[Any], done: threading.Event) -> None:
    while not done.wait(0.5):
        bar.refresh()
