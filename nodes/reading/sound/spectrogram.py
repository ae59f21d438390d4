"""Sounds brought to another rate, and seen as mel spectrograms: the energy of each band over time.

Bands are spaced as O'Shaughnessy's mel scale hears them, 2595 log₁₀(1 + f/700). Knows arrays alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

FLOOR = 1e-6
"""Energies are logarithms above this; a silent band is log(1e-6)."""
Floats = NDArray[np.float64]
Wave = NDArray[np.float32]


@dataclass(frozen=True)
class MelChoice:
    """A spectrogram of `mels` bands up to half the rate, from windows of `size` samples every `hop`."""

    rate: int
    size: int
    hop: int
    mels: int

    def frames(self, length: int) -> int:
        """How many windows a sound of so many samples has; each is centred at a multiple of the hop."""
        return 1 + length // self.hop


def resampled(wave: Wave, rate: int, wanted: int) -> Wave:
    """The same sound at another rate: `(round(samples · wanted / rate))`, without what is above half of it.

    By the discrete Fourier transform of the sound, mirrored at both ends so that they do not meet.
    """
    if rate == wanted or not len(wave):
        return wave
    count = max(1, round(len(wave) * wanted / rate))
    # a mirrored end, as long as gives a whole number of samples at both rates
    mirrored = np.concatenate([wave, wave[::-1]]).astype(np.float64)
    length = 2 * count
    found = np.fft.rfft(mirrored)[: length // 2 + 1]
    if len(found) == length // 2 + 1 and length < len(mirrored):
        found[-1] = found[-1].real
    made = np.fft.irfft(found, length) * (length / len(mirrored))
    return np.asarray(made[:count], np.float32)


def mel_spectrogram(wave: Wave, choice: MelChoice) -> NDArray[np.float32]:
    """The logarithm of the energy of each band and window, `(mels, frames)`, low bands first."""
    half = choice.size // 2
    padded = np.pad(wave.astype(np.float64), (half, half + choice.size), "constant")
    windows = np.lib.stride_tricks.sliding_window_view(padded, choice.size)[:: choice.hop]
    windows = windows[: choice.frames(len(wave))]
    energy = np.abs(np.fft.rfft(windows * _window(choice.size), axis=1)) ** 2
    return np.log(energy @ bands(choice.rate, choice.size, choice.mels).T + FLOOR).T.astype(np.float32)


@lru_cache(maxsize=8)
def _window(size: int) -> Floats:
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)


@lru_cache(maxsize=8)
def bands(rate: int, size: int, mels: int) -> Floats:
    """How much each frequency counts in each band, `(mels, size // 2 + 1)`: triangles of height 1 that
    overlap by half.
    """
    edges = _hertz(np.linspace(0.0, _mel(rate / 2), mels + 2))
    frequencies = np.linspace(0.0, rate / 2, size // 2 + 1)
    low, middle, high = (edges[i : i + mels, None] for i in range(3))
    rising = (frequencies - low) / (middle - low)
    falling = (high - frequencies) / (high - middle)
    return np.maximum(0.0, np.minimum(rising, falling))


def empty_bands(rate: int, size: int, mels: int) -> int:
    """How many bands have no frequency of the windows in them, because windows are short."""
    return int((bands(rate, size, mels).sum(axis=1) == 0).sum())


def _mel(hertz: float) -> float:
    return float(2595.0 * np.log10(1.0 + hertz / 700.0))


def _hertz(mel: Floats) -> Floats:
    return np.asarray(700.0 * (10.0 ** (mel / 2595.0) - 1.0))
