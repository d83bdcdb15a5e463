"""Sentences: checked, moderated, and matched to templates. numpy only, so web workers use it directly."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from emotoon.core.errors import InvalidInput
from emotoon.ml.encoders import encoder_choice, encoder_of_index, encoder_told
from emotoon.ml.refusals import for_operators, message_for, translated
from ml_core.text.corpus import TemplateText

if TYPE_CHECKING:
    from ml_core.text.index_handle import IndexHandle
    from ml_core.text.moderation import Moderator
    from ml_core.text.search import SearchIndex, SearchResult

__all__ = [
    "PICTURES",
    "TemplateText",
    "emotions_train",
    "moderator_train",
    "search",
    "search_catalog_version",
    "search_encoder",
    "search_index_build",
    "search_index_version",
    "sentence_check",
    "sentence_moderate",
]

TALKING_HEADS, PICTURES = "", "pictures"
"""Kinds of templates, each with its own index: folders under SEARCH_INDEX_DIR."""
_SPARE = "spare"
"""Beside the index of a published encoder: one by the embedded encoder, for when the other cannot be had."""

_lock = threading.Lock()
_handles: dict[Path, IndexHandle] = {}
"""One index per process and folder, opened on first use."""
_moderator: Moderator | None = None


def sentence_check(sentence: str) -> str:
    """The sentence as it will be kept and written; refuses what cannot become a sticker."""
    from ml_core.text.normalise import check_sentence

    with translated():
        return check_sentence(sentence)


def sentence_moderate(sentence: str, *, field: str = "sentence") -> None:
    """Refuse, with the reason, what must not be written on a sticker or a pack. field: what was filled in."""
    verdict = _moderator_of_process().check(sentence)
    if not verdict.allowed:
        code = f"moderated_{verdict.category}"
        raise InvalidInput(code, message_for(code), field=field, category=verdict.category)


def _moderator_of_process() -> Moderator:
    from ml_core.text.moderation import Moderator

    global _moderator  # noqa: PLW0603 - one moderator per process, loaded on first use
    with _lock:
        if _moderator is None:
            _moderator = Moderator.load()
        return _moderator


def search(sentence: str, *, k: int = 5, shelf: str = TALKING_HEADS) -> SearchResult:
    """The k best templates of one kind. Notices a rebuilt index without a restart."""
    with translated():
        return _index(shelf).search(sentence, k=k)


def _index(shelf: str = TALKING_HEADS) -> SearchIndex:
    """The index in place, or its spare when the encoder that it was built with cannot be had any more."""
    from ml_core.errors import WeightsUnavailable

    try:
        return _index_handle(shelf).index()
    except WeightsUnavailable as error:
        spare = _index_handle(_spare(shelf))
        if error.code != "index_stale" or spare.version() is None:
            raise
        return spare.index()


def _spare(shelf: str) -> str:
    return f"{shelf}/{_SPARE}" if shelf else _SPARE


def _shelf_dir(shelf: str) -> Path:
    folder: Path = settings.SEARCH_INDEX_DIR
    return folder / shelf if shelf else folder


def _index_handle(shelf: str = TALKING_HEADS) -> IndexHandle:
    from ml_core.text.index_handle import IndexHandle

    folder = _shelf_dir(shelf)
    with _lock:
        if folder not in _handles:
            _handles[folder] = IndexHandle(folder, encoder_of_index)
        return _handles[folder]


def search_index_build(templates: Sequence[TemplateText], *, shelf: str = TALKING_HEADS) -> str:
    """Build and put in place atomically; other processes pick it up. Returns the new version.

    Exports the encoder of the settings first if need be; the embedded one stands in when that cannot be, and
    has a spare index beside that of another one.
    """
    from ml_core.text.encoder import EMBEDDED

    with translated():
        source = encoder_choice(may_export=True).source
        if source != EMBEDDED:
            _build(templates, EMBEDDED, _spare(shelf))
        return _build(templates, source, shelf)


def _build(templates: Sequence[TemplateText], source: str, shelf: str) -> str:
    from ml_core.text.embedding_cache import CachedEncoder
    from ml_core.text.encoder import load_encoder
    from ml_core.text.search import SearchIndex

    encoder = CachedEncoder(load_encoder(source), _shelf_dir(shelf) / "embeddings")
    index = SearchIndex.build(templates, encoder)
    index.save(_shelf_dir(shelf))
    return index.version


def search_index_version(*, shelf: str = TALKING_HEADS) -> str | None:
    """Version of the index in place, or None when there is none yet."""
    return _index_handle(shelf).version()


def search_catalog_version(templates: Sequence[TemplateText]) -> str:
    """The version that an index built from these templates now would have; for commands, as building is."""
    from ml_core.text.search import index_version

    return index_version(templates, encoder_choice(may_export=True).name)


def search_encoder() -> dict[str, Any]:
    """Which encoder the index in place uses, and why not the one of the settings; see ``encoder_told``."""
    with translated():
        return encoder_told(_index().encoder.name)


def moderator_train(
    *, data: Path, templates: Sequence[TemplateText], out: Path, seed: int
) -> dict[str, float]:
    """Train the moderation classifier into ``out``; see ml_core.training.sentence.moderation."""
    from ml_core.training.sentence.moderation import train_moderator

    with for_operators():
        return train_moderator(data, templates, out, seed=seed)


def emotions_train(*, data: Path, out: Path, seed: int) -> dict[str, Any]:
    """Train the emotion classifier into ``out``; see ml_core.training.sentence.emotions."""
    from ml_core.training.sentence.emotions import train_emotions

    with for_operators():
        return train_emotions(data, out, seed=seed)
