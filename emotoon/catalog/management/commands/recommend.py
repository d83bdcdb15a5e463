"""Which templates fit a sentence: ``recommend "생일 축하해" -k 3 --json``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from emotoon import ml
from emotoon.catalog.search import TemplateHit, template_search
from emotoon.core.commands import EmotoonCommand


class Command(EmotoonCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sentence")
        parser.add_argument("-k", type=int, default=5, help="how many answers (default 5)")
        parser.add_argument("--explain", action="store_true", help="which signals spoke for each answer")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, sentence: str, k: int, explain: bool, as_json: bool, **_: Any) -> None:
        with self.failing_clearly():
            found = template_search(sentence=sentence, k=k)
            encoder = ml.search_encoder()
        if as_json:
            hits = [hit.as_json() | (_explained(hit) if explain else {}) for hit in found.hits]
            answer = {"sentence": sentence, "confidence": found.confidence, "encoder": encoder}
            if explain:
                answer["emotions"] = _rounded(found.emotions)
            self.answer({**answer, "templates": hits})
            return
        for note in ml.fallback_notes(encoder):
            self.say(note)
        self.say(f"confidence: {found.confidence}")
        if explain and found.emotions:
            print("emotions: " + ", ".join(f"{name} {share:.0%}" for name, share in found.emotions.items()))
        for hit in found.hits:
            print(f"{hit.probability:6.1%}  {hit.template.template_id:20} {hit.template.title_ko}")
            if explain:
                signals = "  ".join(f"{name} {value:+.2f}" for name, value in hit.signals.items())
                print(f"        nearest: {hit.nearest_label}\n        {signals}")
                if hit.emotions:
                    print(f"        emotions that speak for it: {', '.join(hit.emotions)}")


def _explained(hit: TemplateHit) -> dict[str, Any]:
    return {
        "signals": dict(hit.signals),
        "emotions": _rounded(hit.emotions),
        "nearest": hit.nearest_label,
    }


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in values.items()}
