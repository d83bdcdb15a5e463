"""Mel spectrogram as Wav2Lip was trained with (Prajwal 2020; scale: Slaney's Auditory Toolbox, 1998).

Numpy only. The published code pads by reflection (librosa 0.7); newer librosa pads with zeros, which
changes the first and last frames by order 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml_core.speech.wav2lip.generator import MEL_BANDS, MEL_STEP

SAMPLE_RATE = 16_000
N_FFT = 800
HOP = 200
PRE_EMPHASIS = 0.97
LOWEST_HZ, HIGHEST_HZ = 55.0, 7600.0
REFERENCE_DB = 20.0
FLOOR_DB = -100.0
LARGEST = 4.0
"""The spectrogram is scaled to -4..4."""
FRAMES_PER_SECOND = SAMPLE_RATE / HOP

_LINEAR_HZ_PER_MEL = 200.0 / 3.0
_BREAK_HZ = 1000.0
_LOG_STEP = np.log(6.4) / 27.0

Sound = NDArray[np.float32]


def _hz_to_mel(hz: float) -> float:
    if hz < _BREAK_HZ:
        return hz / _LINEAR_HZ_PER_MEL
    return float(_BREAK_HZ / _LINEAR_HZ_PER_MEL + np.log(hz / _BREAK_HZ) / _LOG_STEP)


def _mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    knee = _BREAK_HZ / _LINEAR_HZ_PER_MEL
    out: NDArray[np.float64] = np.where(
        mel < knee, mel * _LINEAR_HZ_PER_MEL, _BREAK_HZ * np.exp(_LOG_STEP * (np.maximum(mel, knee) - knee))
    )
    return out


def mel_filters() -> NDArray[np.float64]:
    """(80, 401) triangular filters on the Slaney scale, each of area 1 in hertz times 2/width."""
    edges = _mel_to_hz(np.linspace(_hz_to_mel(LOWEST_HZ), _hz_to_mel(HIGHEST_HZ), MEL_BANDS + 2))
    bins = np.linspace(0.0, SAMPLE_RATE / 2, N_FFT // 2 + 1)
    ramps = edges[:, None] - bins[None]
    widths = np.diff(edges)
    rising = -ramps[:-2] / widths[:-1, None]
    falling = ramps[2:] / widths[1:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    filters: NDArray[np.float64] = triangles * (2.0 / (edges[2:] - edges[:-2]))[:, None]
    return filters


def mel_spectrogram(wave: Sound) -> Sound:
    """wave: (n,) float32 mono in -1..1 at 16 kHz, n > 400. Returns (80, 1 + n // 200) in -4..4."""
    sharp = wave.astype(np.float64)
    sharp[1:] -= PRE_EMPHASIS * wave[:-1].astype(np.float64)
    padded = np.pad(sharp, N_FFT // 2, mode="reflect")
    starts = HOP * np.arange(1 + (len(padded) - N_FFT) // HOP)
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(N_FFT) / N_FFT)
    frames = padded[starts[:, None] + np.arange(N_FFT)[None]] * window
    magnitude = np.abs(np.fft.rfft(frames, axis=1)).T
    decibel = 20.0 * np.log10(np.maximum(1e-5, mel_filters() @ magnitude)) - REFERENCE_DB
    scaled = 2.0 * LARGEST * (decibel - FLOOR_DB) / -FLOOR_DB - LARGEST
    return np.clip(scaled, -LARGEST, LARGEST).astype(np.float32)


def mel_chunks(mel: Sound, fps: float) -> list[Sound]:
    """One (80, 16) piece per video frame, starting at int(i * 80 / fps).

    The first piece that would overrun is replaced by the last 16 frames and ends the list.
    Raises ValueError for less than 16 frames (0.2 s): pad the sound with silence first.
    """
    if mel.shape[1] < MEL_STEP:
        raise ValueError("the sound is shorter than 0.2 s; pad it with silence")
    chunks: list[Sound] = []
    while True:
        start = int(len(chunks) * FRAMES_PER_SECOND / fps)
        if start + MEL_STEP > mel.shape[1]:
            chunks.append(mel[:, -MEL_STEP:])
            return chunks
        chunks.append(mel[:, start : start + MEL_STEP])
