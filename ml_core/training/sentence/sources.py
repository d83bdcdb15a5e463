"""Readers of the public data the encoder and the moderator are trained on, one function per file.

Where each file is published and under which licence: ``SOURCES`` (and the model card). Sentences of the
KorSTS test set and of the BEEP! development set never leave this module: every reader drops them.
"""

from __future__ import annotations

import csv
import json
import lzma
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """One published data set: files read, where from, licence as its repository states it."""

    name: str
    files: tuple[str, ...]
    url: str
    licence: str


SOURCES = (
    Source("KorSTS", ("korsts_train.tsv",), "https://github.com/kakaobrain/kor-nlu-datasets", "CC BY-SA 4.0"),
    Source(
        "KLUE",
        ("klue_sts_dev.json", "klue_nli_dev.json"),
        "https://github.com/KLUE-benchmark/KLUE",
        "CC BY-SA 4.0",
    ),
    Source("ParaKQC", ("parakqc.txt",), "https://github.com/warnikchow/paraKQC", "CC BY-SA 4.0"),
    Source("StyleKQC", ("stylekqc_train.tsv",), "https://github.com/cynthia/stylekqc", "CC BY-SA 4.0"),
    Source("3i4K", ("3i4k.txt",), "https://github.com/warnikchow/3i4k", "CC BY-SA 4.0"),
    Source("Chatbot_data", ("chatbot.csv",), "https://github.com/songys/Chatbot_data", "MIT"),
    Source("Question_pair", ("qpair_train.csv",), "https://github.com/songys/Question_pair", "MIT"),
    Source(
        "GoEmotions-Korean",
        ("goemo_train.tsv", "goemo_label.txt"),
        "https://github.com/monologg/GoEmotions-Korean",
        "Apache-2.0",
    ),
    Source(
        "KOTE",
        ("kote_val.tsv", "kote_test.tsv"),
        "https://github.com/searle-j/KOTE",
        "MIT (its comments were crawled from platforms; a third-party list calls it academic)",
    ),
    Source("NSMC", ("nsmc_sample150k.tsv.xz",), "https://github.com/e9t/nsmc", "CC0 1.0"),
    Source("korean-sarcasm", ("kocasm_train.csv",), "https://github.com/SpellOnYou/korean-sarcasm", "MIT"),
    Source(
        "BEEP!",
        ("beep_train.tsv", "beep_unlab5.txt"),
        "https://github.com/kocohub/korean-hate-speech",
        "CC BY-SA 4.0",
    ),
    Source("APEACH", ("apeach.csv",), "https://github.com/jason9693/APEACH", "CC BY-SA 4.0"),
    Source("KODOLI", ("kodoli.csv",), "https://github.com/cardy20/KODOLI", "CC BY-SA 4.0"),
    Source(
        "Curse-detection-data", ("curse2runo.txt",), "https://github.com/2runo/Curse-detection-data", "MIT"
    ),
)


@dataclass(frozen=True)
class Scored:
    """Two sentences and how alike they are, 0..1."""

    first: str
    second: str
    score: float


@dataclass(frozen=True)
class Labelled:
    """A sentence and the indices of its labels."""

    text: str
    labels: tuple[int, ...]


class Shelf:
    """The folder of raw files. Every reader leaves out held-back sentences."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._held_back = frozenset(self._test_sentences())

    def keeps(self, *texts: str) -> bool:
        """True when no text occurs (letters only) in a set kept for testing."""
        return not any(letters_only(text) in self._held_back for text in texts)

    def _test_sentences(self) -> Iterator[str]:
        for row in self.tsv("korsts_test.tsv"):
            yield letters_only(row[5])
            yield letters_only(row[6])
        for row in self.tsv("beep_dev.tsv"):
            yield letters_only(row[0])

    def lines(self, name: str) -> list[str]:
        """Lines of a file."""
        return (self.folder / name).read_text(encoding="utf-8-sig").splitlines()

    def tsv(self, name: str, header: bool = True) -> list[list[str]]:
        """Fields of a tab-separated file, without its header."""
        return [line.split("\t") for line in self.lines(name)[int(header) :] if line]

    def csv(self, name: str) -> list[list[str]]:
        """Fields of a comma-separated file, without its header."""
        with (self.folder / name).open(encoding="utf-8-sig", newline="") as handle:
            return list(csv.reader(handle))[1:]

    def similar_pairs(self) -> list[Scored]:
        """KorSTS training pairs and KLUE-STS development pairs."""
        pairs = [
            Scored(row[5], row[6], float(row[4]) / 5) for row in self.tsv("korsts_train.tsv") if len(row) > 6
        ]
        for item in json.loads((self.folder / "klue_sts_dev.json").read_text(encoding="utf-8")):
            pairs.append(Scored(item["sentence1"], item["sentence2"], item["labels"]["real-label"] / 5))
        return [pair for pair in pairs if self.keeps(pair.first, pair.second)]

    def inferences(self) -> list[Scored]:
        """KLUE-NLI development pairs: entailment, neutral, contradiction as 1, 0.5, 0."""
        value = {"entailment": 1.0, "neutral": 0.5, "contradiction": 0.0}
        items = json.loads((self.folder / "klue_nli_dev.json").read_text(encoding="utf-8"))
        pairs = (Scored(item["premise"], item["hypothesis"], value[item["gold_label"]]) for item in items)
        return [pair for pair in pairs if self.keeps(pair.first, pair.second)]

    def clusters(self) -> list[tuple[str, ...]]:
        """Groups that mean the same: ParaKQC, StyleKQC, Question_pair, shared chatbot answers."""
        groups: dict[tuple[str, str], list[str]] = {}
        for name, rows in (
            ("parakqc", self.tsv("parakqc.txt", header=False)),
            ("stylekqc", self.tsv("stylekqc_train.tsv")),
        ):
            for start in range(0, len(rows), WORDINGS):
                groups[(name, str(start))] = [row[-1] for row in rows[start : start + WORDINGS]]
        for row in self.csv("qpair_train.csv"):
            if row[5] == "1":
                groups[("qpair", row[0])] = [row[3], row[4]]
        for row in self.csv("chatbot.csv"):
            groups.setdefault(("answer", row[1]), []).append(row[0])
        kept = (tuple(dict.fromkeys(text for text in group if self.keeps(text))) for group in groups.values())
        return [group for group in kept if len(group) > 1]

    def exchanges(self) -> list[tuple[str, str]]:
        """Question and answer of the chatbot data."""
        return [(row[0], row[1]) for row in self.csv("chatbot.csv") if self.keeps(row[0], row[1])]

    def emotions(self) -> dict[str, tuple[int, list[Labelled]]]:
        """Name -> (number of labels, rows): GoEmotions-Korean (28), KOTE (44)."""
        goemo = [Labelled(row[0], _indices(row[1])) for row in self.tsv("goemo_train.tsv", header=False)]
        kote_rows = self.tsv("kote_val.tsv", header=False) + self.tsv("kote_test.tsv", header=False)
        kote = [Labelled(row[1], _indices(row[2])) for row in kote_rows]
        return {"goemotions": (28, self._kept(goemo)), "kote": (44, self._kept(kote))}

    def goemotion_labels(self) -> list[str]:
        """Names of GoEmotions' 28 labels; a label's number is its place."""
        return self.lines("goemo_label.txt")

    def intents(self) -> tuple[int, list[Labelled]]:
        """3i4K: fragment, statement, question, command, two rhetorical kinds, intonation-dependent."""
        return 7, self._kept(Labelled(row[1], (int(row[0]),)) for row in self.tsv("3i4k.txt", header=False))

    def ratings(self) -> tuple[int, list[Labelled]]:
        """NSMC reviews: 0 for a rating of at most 4, 1 for at least 8; the middle is left out."""
        with lzma.open(self.folder / "nsmc_sample150k.tsv.xz", "rt", encoding="utf-8") as handle:
            rows = [line.rstrip("\n").split("\t", 1) for line in handle]
        kept = (Labelled(row[1], (int(int(row[0]) >= 8),)) for row in rows if not 4 < int(row[0]) < 8)
        return 2, self._kept(kept)

    def sentiments(self) -> tuple[int, list[Labelled]]:
        """KODOLI: negative, neutral, positive."""
        order = {"NEG": 0, "NEU": 1, "POS": 2}
        rows = self.csv("kodoli.csv")
        return 3, self._kept(Labelled(row[1], (order[row[3]],)) for row in rows if row[3] in order)

    def comments(self) -> list[str]:
        """Unlabelled comments and tweets, for the vocabulary and the co-occurrence counts."""
        tweets = [row[1].replace("@user", "") for row in self.csv("kocasm_train.csv")]
        return [text for text in self.lines("beep_unlab5.txt") + tweets if self.keeps(text)]

    def _kept(self, rows: Iterable[Labelled]) -> list[Labelled]:
        return [row for row in rows if row.text.strip() and self.keeps(row.text)]


WORDINGS = 10
"""ParaKQC and StyleKQC list ten wordings of one meaning in a row."""


def letters_only(text: str) -> str:
    """Lower-case letters and digits: how two copies of a sentence are recognised."""
    return "".join(letter for letter in text.lower() if letter.isalnum())


def _indices(field: str) -> tuple[int, ...]:
    return tuple(int(part) for part in field.split(","))
