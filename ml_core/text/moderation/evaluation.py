"""How the moderator judges texts of known kind: what docs/quality.md reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml_core.text.moderation import CLASSES, Moderator


def evaluate_refusals(moderator: Moderator, texts: Sequence[str]) -> dict[str, Any]:
    """``n``, ``refused`` (fraction), counts by ``categories``, and each text that is ``blocked`` with why.

    Raises ValueError when there are no texts.
    """
    if not texts:
        raise ValueError("no texts to judge")
    verdicts = [(text, moderator.check(text)) for text in texts]
    blocked = [(text, verdict) for text, verdict in verdicts if not verdict.allowed]
    return {
        "n": len(texts),
        "refused": len(blocked) / len(texts),
        "categories": dict(Counter(str(verdict.category) for _, verdict in blocked)),
        "blocked": [
            {"text": text, "category": verdict.category, "reason": verdict.reason_code}
            for text, verdict in blocked
        ],
    }


def evaluate_classes(moderator: Moderator, path: Path) -> dict[str, Any]:
    """Macro-F1 of the classifier's most probable class (none, offensive, hate) on a BEEP! file.

    The file is tab separated with a header naming ``comments`` and ``hate``. Raises ValueError when a column
    or a class is not known, OSError when it cannot be read.
    """
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    header = lines[0].split("\t")
    text_column, class_column = header.index("comments"), header.index("hate")
    rows = [line.split("\t") for line in lines[1:] if line]
    truth = np.array([CLASSES.index(row[class_column]) for row in rows], np.int64)
    found = np.array(
        [int(moderator.model.probabilities(row[text_column]).argmax()) for row in rows], np.int64
    )
    return {"n": len(rows), "macro_f1": macro_f1(found, truth)}


def macro_f1(found: NDArray[np.int64], truth: NDArray[np.int64]) -> float:
    """Mean over the classes of the harmonic mean of precision and recall."""
    scores = []
    for label in range(len(CLASSES)):
        both = int(np.sum((found == label) & (truth == label)))
        either = int(np.sum(found == label) + np.sum(truth == label))
        scores.append(2.0 * both / either if either else 0.0)
    return float(np.mean(scores))
