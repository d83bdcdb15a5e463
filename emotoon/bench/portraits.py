"""Photos that benchmarks and published pictures may show: the astronaut, and files given by hand."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from emotoon.core.errors import InvalidInput


def portrait_bytes(paths: Sequence[Path]) -> dict[str, bytes]:
    """Name -> file bytes; without paths the public-domain astronaut of scikit-image."""
    if not paths:
        return {"astronaut": _astronaut()}
    try:
        return {path.stem: path.read_bytes() for path in paths}
    except OSError as error:
        raise InvalidInput("photo_unreadable", f"{error.filename}: {error.strerror}.") from error


def _astronaut() -> bytes:
    try:
        from skimage import data
    except ImportError:
        raise InvalidInput(
            "no_portrait", "Give a photo, or run `make setup`: the default portrait comes with scikit-image."
        ) from None
    buffer = io.BytesIO()
    pixels = data.astronaut()  # type: ignore[no-untyped-call]
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
