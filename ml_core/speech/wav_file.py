"""Sound files as the networks want them: mono float32 at 16 kHz."""

from __future__ import annotations

import io
import wave
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ml_core.errors import SoundInvalid

RATE = 16_000
LONGEST_S = 10.0
"""The longest motion."""
_WIDTHS = {1: "u1", 2: "<i2", 4: "<i4"}


def sound_from_wav(data: bytes) -> NDArray[np.float32]:
    """Bytes of a PCM WAV file -> (n,) float32 in -1..1, mono, 16 kHz, cut after LONGEST_S.

    Raises SoundInvalid ``sound_unreadable``.
    """
    try:
        with wave.open(io.BytesIO(data)) as stream:
            rate, channels, width = stream.getframerate(), stream.getnchannels(), stream.getsampwidth()
            raw = stream.readframes(int(LONGEST_S * rate))
    except (wave.Error, EOFError) as error:
        raise SoundInvalid(
            "sound_unreadable", f"This is no PCM WAV file ({error}); save it as one."
        ) from error
    if width not in _WIDTHS or not raw or rate <= 0:
        raise SoundInvalid(
            "sound_unreadable", f"{8 * width} bit sound or none at all; save it as 16 bit WAV."
        )
    samples = np.frombuffer(raw[: len(raw) // (width * channels) * (width * channels)], _WIDTHS[width])
    mono = samples.reshape(-1, channels).astype(np.float64).mean(1)
    scaled = (mono - 128.0) / 128.0 if width == 1 else mono / float(1 << (8 * width - 1))
    ratio = Fraction(RATE, rate)
    from scipy.signal import resample_poly  # noqa: PLC0415 - a second to import, for sound only

    return np.asarray(resample_poly(scaled, ratio.numerator, ratio.denominator), np.float32)
