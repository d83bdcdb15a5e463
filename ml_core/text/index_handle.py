"""The live index of a process: loads on first use, notices a new version without a restart."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from ml_core.errors import WeightsUnavailable
from ml_core.text.encoder import Encoder
from ml_core.text.index_store import current_version, pointer_stamp
from ml_core.text.search import OpenEncoder, SearchIndex

CHECK_EVERY_S = 1.0
"""One stat call a second at most: a change of the catalog is live within about a second."""
RETRY_S = 30.0
"""What could not be loaded (its encoder is gone) is read again no sooner, unless it changes."""


class IndexHandle:
    """Thread safe. ``encoder``: see ``SearchIndex.load``; what opens by name follows an index built with
    another encoder."""

    def __init__(self, folder: Path | str, encoder: Encoder | OpenEncoder | None = None) -> None:
        self._folder = Path(folder)
        self._encoder = encoder
        self._lock = threading.Lock()
        self._index: SearchIndex | None = None
        self._stamp: tuple[int, int] | None = None
        self._checked = 0.0
        self._failed: tuple[float, WeightsUnavailable] | None = None

    def version(self) -> str | None:
        """Version in place, or None while there is none. Reads the pointer only."""
        return current_version(self._folder)

    def index(self) -> SearchIndex:
        """The newest index.

        Raises WeightsUnavailable: ``index_missing`` while there is none, ``index_stale`` when it was built
        with another encoder.
        """
        now = time.monotonic()
        index = self._index
        if index is not None and now - self._checked < CHECK_EVERY_S:
            return index
        with self._lock:
            self._checked = now
            stamp = pointer_stamp(self._folder)
            if self._index is None or (stamp is not None and stamp != self._stamp):
                self._index = self._loaded(stamp, now)
            return self._index

    def _loaded(self, stamp: tuple[int, int] | None, now: float) -> SearchIndex:
        if self._failed is not None and stamp == self._stamp and now - self._failed[0] < RETRY_S:
            known = self._failed[1]
            raise WeightsUnavailable(known.code, str(known))
        encoder = self._encoder or (self._index.encoder if self._index else None)
        self._stamp, self._failed = stamp, None
        try:
            return SearchIndex.load(self._folder, encoder)
        except WeightsUnavailable as error:
            self._index, self._failed = None, (now, error)
            raise
