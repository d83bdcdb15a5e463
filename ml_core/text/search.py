"""From a sentence to the templates that act it out, with honest probabilities.

Signals per template: the intent classifier, the nearest document by encoder, the emotions, the template's
own emoji.
``fusion`` turns them into probabilities. Everything a query touches is numpy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ml_core.errors import WeightsUnavailable
from ml_core.text.classifier import IntentClassifier, held_out_scores, joint_kernel, train_classifier
from ml_core.text.corpus import TemplateText, corpus_digest
from ml_core.text.emotions import EmotionClassifier, emotions_version, leanings
from ml_core.text.encoder import Encoder, load_encoder
from ml_core.text.features import FeatureSpace, raw_features
from ml_core.text.fusion import Confidence, Fusion, acceptability, confidence_of, fit_fusion
from ml_core.text.index_store import Arrays, read_current, write_version
from ml_core.text.lexicon import Lexicon
from ml_core.text.matching import LabelMatrix, held_out_best
from ml_core.text.normalise import clean, normalise

SIGNALS = ("intent", "meaning", "emoji", "emotion")
"""Score of the classifier (jamo n-grams, words, negation, encoder together); best cosine by encoder; share of
the emoji that are the template's own; agreement of the emotions (see ``emotions.leanings``). The best n-gram
similarity was tried too: it got no weight."""
FORMAT = 2
RUNS = 5
_HANGUL = re.compile("[가-힣ㄱ-ㅣ]")
_LATIN = re.compile("[A-Za-z]")
_NO_EMOJI = re.compile("[\x00-\xa8가-힣ㄱ-ㅣ…]*")
"""What most messages are made of: no need to look for emoji in it. © and ® can be emoji, and so can a
digit, but only with a mark that is none of these."""
_WORDS_KNOWN = 0.5
"""Share of the words of a message without Hangul that the corpus must have to count as understood."""
_MIN_HELD_OUT = 40
"""With fewer messages the fusion's weights cannot be fitted and the defaults serve; what few messages feel
like says little of a template."""
_DEFAULT_WEIGHTS = (6.0, 6.0, 5.0, 0.0)
_STRONGEST = 3
"""Emotions that are named: the strongest."""
OpenEncoder = Callable[[str], Encoder]
"""Name of an encoder that an index was built with -> the encoder."""


@dataclass(frozen=True)
class Document:
    """A label or message of the corpus. held: kept out while the fusion is fitted."""

    text: str
    owner: int
    label: bool
    held: bool


@dataclass(frozen=True)
class Hit:
    """One template found. probability: of hits given 0.8, a person accepts four in five (they need not sum
    to 1: several templates can suit). signals: weighted contributions to the logit, by name. emotions: those
    that speak for it most, strongest first, with their part of the ``emotion`` signal."""

    template_id: str
    probability: float
    signals: Mapping[str, float]
    nearest_label: str
    emotions: Mapping[str, float]


@dataclass(frozen=True)
class SearchResult:
    """``sure``: take the first hit; ``likely``: show three; ``unsure``: ask, starting from categories.

    emotions: the strongest of the sentence with their shares, 0..1; empty for one without Hangul.
    """

    confidence: Confidence
    hits: tuple[Hit, ...]
    emotions: Mapping[str, float]


@dataclass(frozen=True)
class TemplateEntry:
    """What the index keeps of a template besides its documents."""

    id: str
    covers: str
    category: str
    emoji: tuple[str, ...]


@dataclass(frozen=True)
class SearchIndex:
    """An immutable, searchable corpus. Thread safe. Build, save and load: see ``index_store``."""

    version: str
    templates: tuple[TemplateEntry, ...]
    documents: tuple[Document, ...]
    matrix: LabelMatrix
    space: FeatureSpace
    classifier: IntentClassifier
    fusion: Fusion
    families: NDArray[np.int64]
    encoder: Encoder
    lexicon: Lexicon
    emotions: EmotionClassifier
    leanings: NDArray[np.float32]
    """(T, E), see ``emotions.leanings``."""

    @classmethod
    def build(
        cls, templates: Sequence[TemplateText], encoder: Encoder, lexicon: Lexicon | None = None
    ) -> SearchIndex:
        """Train the classifier and fit the fusion on held-out scores. Deterministic; about ten seconds.

        Raises ValueError when a template has no label or a hard negative names no template.
        """
        lexicon = lexicon or Lexicon.load()
        entries = tuple(
            TemplateEntry(t.id, t.covers, t.category, tuple(_bare(mark) for mark in t.emoji))
            for t in templates
        )
        documents = _documents(templates)
        texts = [normalise(document.text, lexicon) for document in documents]
        owners = np.array([document.owner for document in documents], np.int64)
        vectors = encode_documents(encoder, [document.text for document in documents], lexicon)
        corpus = [raw_features(text, lexicon.polarity) for text in texts]
        space = FeatureSpace.learn(corpus)
        rows = space.rows(corpus)
        emotions = EmotionClassifier.load()
        felt = _felt(texts, corpus, emotions)
        del corpus  # a quarter of a gigabyte, and the kernel wants more
        kernel = joint_kernel(rows.gram_matrix(), vectors)
        fusion = _fit_fusion(documents, entries, lexicon, vectors, kernel, felt)
        return cls(
            version=index_version(templates, encoder.name, emotions.version),
            templates=entries,
            documents=documents,
            matrix=LabelMatrix.build(vectors, owners),
            space=space,
            classifier=train_classifier(rows, kernel, vectors, owners),
            fusion=fusion,
            families=_families(entries),
            encoder=encoder,
            lexicon=lexicon,
            emotions=emotions,
            leanings=leanings(felt, owners, len(entries)),
        )

    def search(self, sentence: str, k: int = 5) -> SearchResult:
        """The ``k`` most probable templates for a cleaned sentence (see ``check_sentence``)."""
        text = normalise(sentence, self.lexicon)
        vector = self.encoder.encode([text if self.encoder.reads_normalised else clean(sentence)])[0]
        features = raw_features(text, self.lexicon.polarity)
        columns, values = self.space.row(features)
        similarities = self.matrix.similarities(vector)
        speaks_korean = _HANGUL.search(text) is not None
        shares = self.emotions.shares(features) * np.float32(speaks_korean)  # it learned from Korean alone
        signals = np.stack(
            [
                self.classifier.scores(columns, values, vector),
                np.maximum.reduceat(similarities, self.matrix.starts),
                _emoji_signal(sentence, self.templates, self.lexicon),
                self.leanings @ shares,
            ],
            axis=1,
        )
        accepted = acceptability(self.fusion.probabilities(signals), self.families)
        order = np.argsort(-accepted, kind="stable")[:k]
        weighted = self.fusion.contributions(signals)
        hits = tuple(self._hit(int(t), float(accepted[t]), weighted[t], similarities, shares) for t in order)
        # Another language, or keys hit at random: nothing in it was understood. English is, by its words.
        understood = speaks_korean or self.space.known_words(text) >= _WORDS_KNOWN
        confidence = confidence_of(accepted) if understood else "unsure"
        return SearchResult(confidence, hits, self._strongest(shares))

    def without(self, signal: str) -> SearchIndex:
        """The same search deaf to one signal, the weights of the others as they are. Raises ValueError."""
        return replace(self, fusion=self.fusion.without(signal))

    def save(self, folder: Path | str) -> Path:
        """Write this version into a folder of versions and make it the current one. Raises OSError."""
        arrays: Arrays = {
            "vectors": self.matrix.vectors,
            "starts": self.matrix.starts,
            "idf": self.space.idf,
            "intent_sparse": self.classifier.sparse,
            "intent_dense": self.classifier.dense,
            "leanings": self.leanings,
        }
        words = {
            "encoder": self.encoder.name,
            "emotions": self.emotions.version,
            "templates": [asdict(template) for template in self.templates],
            "documents": [[d.text, d.owner, d.label, d.held] for d in self.documents],
            "features": list(self.space.columns),
            "fusion": {"names": self.fusion.names, "weights": self.fusion.weights},
        }
        return write_version(Path(folder), self.version, arrays, words)

    @classmethod
    def load(cls, folder: Path | str, encoder: Encoder | OpenEncoder | None = None) -> SearchIndex:
        """The current version of a folder. Raises WeightsUnavailable: ``index_missing``, ``index_stale``.

        encoder: the one it was built with, or what opens it by its name; None: the shipped one.
        """
        version, arrays, words = read_current(Path(folder))
        if callable(encoder):
            encoder = encoder(words["encoder"])
        encoder = encoder or load_encoder()
        emotions = EmotionClassifier.load()
        built_with = (words["encoder"], words.get("emotions"))
        if built_with != (encoder.name, emotions.version) or not version.startswith(f"{FORMAT}-"):
            raise WeightsUnavailable(
                "index_stale",
                f"The search index is for {words['encoder']}, not {encoder.name}, or of an older version: "
                "rebuild it.",
            )
        entries = tuple(
            TemplateEntry(t["id"], t["covers"], t["category"], tuple(t["emoji"])) for t in words["templates"]
        )
        lexicon = Lexicon.load()
        columns = {feature: number for number, feature in enumerate(words["features"])}
        return cls(
            version=version,
            templates=entries,
            families=_families(entries),
            documents=tuple(Document(*row) for row in words["documents"]),
            matrix=LabelMatrix(arrays["vectors"], arrays["starts"]),
            space=FeatureSpace(columns, arrays["idf"]),
            classifier=IntentClassifier(arrays["intent_sparse"], arrays["intent_dense"]),
            fusion=Fusion(tuple(words["fusion"]["names"]), tuple(words["fusion"]["weights"])),
            encoder=encoder,
            lexicon=lexicon,
            emotions=emotions,
            leanings=arrays["leanings"],
        )

    @cached_property
    def _label_rows(self) -> tuple[NDArray[np.int64], ...]:
        """(L,) rows of each template's label sentences among the documents."""
        owners = np.array([document.owner for document in self.documents if document.label], np.int64)
        rows = np.array([row for row, document in enumerate(self.documents) if document.label], np.int64)
        return tuple(rows[owners == template] for template in range(len(self.templates)))

    def _hit(
        self,
        template: int,
        probability: float,
        weighted: NDArray[np.float32],
        similarities: NDArray[np.float32],
        shares: NDArray[np.float32],
    ) -> Hit:
        labels = self._label_rows[template]
        nearest = int(labels[similarities[labels].argmax()])
        signals = {name: float(value) for name, value in zip(self.fusion.names, weighted, strict=True)}
        return Hit(
            self.templates[template].id,
            probability,
            MappingProxyType(signals),
            self.documents[nearest].text,
            self._strongest(shares * self.leanings[template]),
        )

    def _strongest(self, values: NDArray[np.float32]) -> Mapping[str, float]:
        """The few emotions of highest positive value, by name, highest first. values: (E,)."""
        named = zip(values.tolist(), self.emotions.emotions, strict=True)
        ranked = sorted(named, key=lambda one: -one[0])[:_STRONGEST]
        return MappingProxyType({emotion.name: value for value, emotion in ranked if value > 0})


def encode_documents(encoder: Encoder, texts: Sequence[str], lexicon: Lexicon) -> NDArray[np.float32]:
    """(N, D) unit rows; our encoder reads normalised text, published ones the text as typed."""
    if encoder.reads_normalised:
        return encoder.encode([normalise(text, lexicon) for text in texts])
    return encoder.encode([clean(text) for text in texts])


def index_version(templates: Sequence[TemplateText], encoder_name: str, emotions: str | None = None) -> str:
    """Changes with any word of the corpus, the weights of encoder and emotions, and the index format.

    emotions: version of the classifier; None: of the shipped one.
    """
    emotions = emotions or emotions_version()
    return f"{FORMAT}-{corpus_digest(templates)}-{emotions}-{encoder_name.replace('/', '_')}"


def _documents(templates: Sequence[TemplateText]) -> tuple[Document, ...]:
    """All texts grouped by the template they belong to.

    Each template holds out one run of neighbouring messages, another run than the template before: the
    catalog lists a register together, so a held-out register is judged by the other registers. English is
    never held out: no other register could judge it.
    """
    position = {template.id: number for number, template in enumerate(templates)}
    groups: list[list[Document]] = []
    for number, template in enumerate(templates):
        if not template.labels:
            raise ValueError(f"template {template.id} has no label sentence")
        group = [Document(text, number, label=True, held=False) for text in template.labels]
        group.append(Document(template.title, number, label=False, held=False))
        korean = [text for text in template.messages if not _is_english(text)]
        run = range(*(len(korean) * edge // RUNS for edge in (number % RUNS, number % RUNS + 1)))
        held = {korean[row] for row in run}
        group += [Document(text, number, label=False, held=text in held) for text in template.messages]
        groups.append(group)
    for template in templates:
        for text, belongs in template.hard_negatives:
            if belongs not in position:
                raise ValueError(f"hard negative of {template.id} belongs to an unknown template: {belongs}")
            groups[position[belongs]].append(Document(text, position[belongs], label=False, held=False))
    return tuple(document for group in groups for document in group)


def _is_english(text: str) -> bool:
    return _LATIN.search(text) is not None and _HANGUL.search(text) is None


def _fit_fusion(
    documents: Sequence[Document],
    entries: Sequence[TemplateEntry],
    lexicon: Lexicon,
    vectors: NDArray[np.float32],
    kernel: NDArray[np.float32],
    felt: NDArray[np.float32],
) -> Fusion:
    """Weights of the signals, from documents that the signals were computed without."""
    owners = np.array([document.owner for document in documents], np.int64)
    held = np.array([document.held for document in documents], np.bool_)
    if int(held.sum()) < _MIN_HELD_OUT:
        return Fusion(SIGNALS, _DEFAULT_WEIGHTS)
    emoji = [_emoji_signal(document.text, entries, lexicon) for document in documents if document.held]
    signals = (
        held_out_scores(kernel, owners, held),
        held_out_best(vectors @ vectors.T, owners, held),
        np.stack(emoji),
        felt[held] @ leanings(felt[~held], owners[~held], len(entries)).T,
    )
    return fit_fusion(SIGNALS, np.stack(signals, axis=2), owners[held])


def _felt(
    texts: Sequence[str], corpus: Sequence[Mapping[str, float]], emotions: EmotionClassifier
) -> NDArray[np.float32]:
    """(N, E) shares of normalised texts; the average of all for those without Hangul, which say nothing."""
    shares = np.stack([emotions.shares(features) for features in corpus])
    korean = np.array([_HANGUL.search(text) is not None for text in texts])
    if korean.any():
        shares[~korean] = shares[korean].mean(axis=0)
    return shares


def _families(entries: Sequence[TemplateEntry]) -> NDArray[np.int64]:
    """(T,) one number for a base template and everything that covers it."""
    numbers: dict[str, int] = {}
    return np.array(
        [numbers.setdefault(entry.covers or entry.id, len(numbers)) for entry in entries], np.int64
    )


def _emoji_signal(text: str, templates: Sequence[TemplateEntry], lexicon: Lexicon) -> NDArray[np.float32]:
    """(T,) the share of the sentence's emoji that a template lists as its own."""
    found = () if _NO_EMOJI.fullmatch(text) else lexicon.emoji_in(clean(text))
    if not found:
        return np.zeros(len(templates), np.float32)
    return np.array([sum(mark in t.emoji for mark in found) / len(found) for t in templates], np.float32)


def _bare(emoji: str) -> str:
    return clean(emoji).replace("\ufe0f", "")
