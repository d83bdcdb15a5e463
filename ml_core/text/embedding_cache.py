"""Document vectors kept between index builds, for encoders that take minutes for a catalog."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from ml_core.text.encoder import Encoder

_READABLE = 0o644


class CachedEncoder:
    """An encoder that remembers the vectors of the last corpus it saw, by model name and text.

    One file per model in ``folder``. After a change of the catalog only the changed texts are encoded; texts
    that are gone are forgotten. For building indexes: a call replaces the remembered corpus. A cache that
    cannot be read is built again.
    """

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        self._encoder = encoder
        slug = hashlib.sha256(encoder.name.encode()).hexdigest()[:16]
        self._path = folder / f"{slug}.safetensors"
        self.name = encoder.name
        self.dimension = encoder.dimension
        self.reads_normalised = encoder.reads_normalised

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(N, D) float32 unit rows."""
        digests = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        known = self._read()
        missing = sorted({text for text, digest in zip(texts, digests, strict=True) if digest not in known})
        if missing:
            fresh = self._encoder.encode(missing)
            for text, vector in zip(missing, fresh, strict=True):
                known[hashlib.sha256(text.encode()).hexdigest()] = vector
        rows = np.stack([known[digest] for digest in digests])
        self._write(digests, rows)
        return rows

    def _read(self) -> dict[str, NDArray[np.float32]]:
        try:
            arrays = load_file(self._path)
            digests = json.loads(self._path.with_suffix(".json").read_text(encoding="utf-8"))
            return dict(zip(digests, arrays["vectors"], strict=True))
        except (OSError, KeyError, ValueError):
            return {}

    def _write(self, digests: Sequence[str], rows: NDArray[np.float32]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        save_file({"vectors": rows}, self._path)
        self._path.chmod(_READABLE)
        self._path.with_suffix(".json").write_text(json.dumps(list(digests)), encoding="utf-8")
