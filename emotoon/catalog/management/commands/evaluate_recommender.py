"""Judge the search on messages with accepted answers: ``evaluate_recommender FILE.json --json``.

The file is ``[{"text": "...", "accept": ["id", ...]}]``; a template that refines another counts as it.
``--without emotion`` measures what a signal brings: its weight is 0, the others keep theirs.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from emotoon.catalog.search import texts_of_files
from emotoon.core.commands import EmotoonCommand
from emotoon.core.errors import InvalidInput
from emotoon.ml import search_catalog_version, search_index_build, search_index_version
from emotoon.ml.evaluation import recommender_evaluate

SHOWN = ("n", "top1", "top3", "top5", "mrr", "ece", "latency_ms", "confidence")


class Command(EmotoonCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.json")
        parser.add_argument(
            "--without", metavar="SIGNAL", help="search without a signal, as emotion or meaning"
        )
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, file: Path, without: str | None, as_json: bool, **_: Any) -> None:
        with self.failing_clearly():
            queries = queries_read(file)
            self._ready_index()
            measures = recommender_evaluate(queries=queries, without=without)
        if as_json:
            self.answer(measures)
            return
        for name in SHOWN:
            print(f"{name:12} {measures[name]}  {measures['intervals'].get(name, '')}")
        for miss in measures["misses"]:
            print(f"  {miss['text']}: {', '.join(miss['found'])} instead of {' or '.join(miss['accept'])}")

    def _ready_index(self) -> None:
        """Build a missing index from the catalog files; only mention one that is older or edited."""
        texts = texts_of_files()
        version = search_index_version()
        if version is None:
            self.say("search index: building ...")
            search_index_build(texts)
        elif version != search_catalog_version(texts):
            self.say("The index in place is not of the catalog's files; load_catalog rebuilds it.")


def queries_read(path: Path) -> list[dict[str, Any]]:
    """Checked queries. Raises InvalidInput that says which entry is wrong."""
    try:
        queries = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput("file_unreadable", f"{path}: {error.strerror}.", field="file") from error
    except ValueError as error:
        raise InvalidInput("file_not_json", f"{path} is not JSON: {error}.", field="file") from error
    if not isinstance(queries, list) or not queries:
        raise InvalidInput("queries_missing", f"{path} holds no list of queries.", field="file")
    for number, query in enumerate(queries):
        if not _is_query(query):
            raise InvalidInput(
                "query_malformed",
                f'{path}, entry {number}: expected {{"text": "...", "accept": ["id", ...]}}.',
                field="file",
            )
    return queries


def _is_query(query: Any) -> bool:
    if not isinstance(query, dict) or not isinstance(query.get("text"), str) or not query["text"].strip():
        return False
    accept = query.get("accept")
    return isinstance(accept, list) and bool(accept) and all(isinstance(name, str) for name in accept)
