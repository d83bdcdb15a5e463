"""What may be written on a sticker: rules as data, and a small classifier for what rules cannot name.

Rules (``rules.toml``) name the category and the spans. The classifier (``model.safetensors``, trained by
ml_core.training.sentence.moderation) reads hashed syllable and jamo n-grams and separates nothing wrong,
offensive and hateful, as BEEP! (Moon, Cho, Lee 2020) annotates them.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from ml_core.errors import WeightsUnavailable
from ml_core.text.moderation.features import hashed_features
from ml_core.text.moderation.views import View, views_of
from ml_core.text.normalise import clean

MODERATION_DIR = Path(__file__).parent
CLASSES = ("none", "offensive", "hate")
Category = Literal["hate", "harassment", "sexual", "minors", "self_harm", "personal_data", "spam"]
_HANGUL = re.compile("[가-힣]{2}")


@dataclass(frozen=True)
class Verdict:
    """allowed, or the category with a stable ``reason_code``; ``self_harm`` is answered with help, not blame.

    score: 1 for a rule, else the classifier's probability of offence. spans: (start, end) in the cleaned
    text that the rule saw; empty for the classifier.
    """

    allowed: bool
    category: Category | None
    score: float
    reason_code: str
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Rule:
    """One entry of rules.toml, compiled."""

    category: Category
    reason: str
    view: str
    fits: re.Pattern[str]
    unless: re.Pattern[str] | None
    also: re.Pattern[str] | None


@dataclass(frozen=True)
class ToxicityModel:
    """weights: (buckets, 3) float32; bias: (3,); threshold: blocked from this P(offensive) + P(hate)."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    threshold: float

    def probabilities(self, text: str) -> NDArray[np.float64]:
        """(3,) probabilities of ``CLASSES``."""
        buckets = hashed_features(text, len(self.weights))
        logits = self.bias.astype(np.float64)
        if len(buckets):
            logits = logits + self.weights[buckets].sum(axis=0, dtype=np.float64) / np.sqrt(len(buckets))
        powers = np.exp(logits - logits.max())
        result: NDArray[np.float64] = powers / powers.sum()
        return result


class Moderator:
    """Thread safe; about a millisecond a sentence."""

    def __init__(self, rules: Sequence[Rule], model: ToxicityModel) -> None:
        self._rules = tuple(rules)
        self.model = model

    @classmethod
    def load(cls, folder: Path | str = MODERATION_DIR) -> Moderator:
        """Read rules.toml, model.safetensors and model.json. Raises WeightsUnavailable."""
        folder = Path(folder)
        try:
            rules = tomllib.loads((folder / "rules.toml").read_text(encoding="utf-8"))["rule"]
            arrays = load_file(folder / "model.safetensors")
            threshold = json.loads((folder / "model.json").read_text(encoding="utf-8"))["threshold"]
        except (OSError, KeyError, ValueError) as error:
            raise WeightsUnavailable(
                "moderation_missing", f"No moderation model in {folder}: run manage.py train_moderator."
            ) from error
        weights = arrays["weights"].astype(np.float32)
        return cls(
            [_compile(rule) for rule in rules], ToxicityModel(weights, arrays["bias"], float(threshold))
        )

    def check(self, text: str) -> Verdict:
        """Judge one text (a sentence or a pack title). Never raises."""
        views = views_of(clean(text))
        for rule in self._rules:
            spans = _spans(rule, views)
            if spans:
                return Verdict(False, rule.category, 1.0, rule.reason, spans)
        if not _HANGUL.search(text):
            return Verdict(True, None, 0.0, "")
        _, offensive, hate = self.model.probabilities(text)
        score = float(offensive + hate)
        if score < self.model.threshold:
            return Verdict(True, None, score, "")
        return Verdict(False, "hate" if hate > offensive else "harassment", score, "tone")


def _spans(rule: Rule, views: Mapping[str, tuple[View, ...]]) -> tuple[tuple[int, int], ...]:
    for view in views[rule.view]:
        text = view.text
        if rule.unless is not None:  # blanks of the same length keep the positions
            text = rule.unless.sub(lambda match: "\0" * len(match[0]), text)
        if rule.also is not None and not rule.also.search(text):
            continue
        found = [match.span() for match in rule.fits.finditer(text) if match[0]]
        if found:
            return tuple((view.positions[start], view.positions[end - 1] + 1) for start, end in found)
    return ()


def _compile(rule: dict[str, object]) -> Rule:
    def pattern(name: str) -> re.Pattern[str] | None:
        parts = rule.get(name)
        return re.compile("|".join(f"(?:{part})" for part in parts)) if isinstance(parts, list) else None

    fits = pattern("any")
    if fits is None:
        raise ValueError(f"rule {rule.get('reason')} has no patterns")
    return Rule(
        rule["category"],  # type: ignore[arg-type]
        str(rule["reason"]),
        str(rule["view"]),
        fits,
        pattern("unless"),
        pattern("also"),
    )
