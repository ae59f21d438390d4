"""Sounds at another rate are the same sounds, and a tone is seen in the band that it is in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.reading.sound.spectrogram import MelChoice, bands, empty_bands, mel_spectrogram, resampled


def tone(hertz: float, rate: int, seconds: float = 0.5) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate).astype(np.float32)


@pytest.mark.parametrize(("rate", "wanted"), [(16000, 8000), (8000, 16000), (44100, 16000), (22050, 44100)])
def test_a_tone_is_the_same_at_another_rate(rate: int, wanted: int) -> None:
    found = resampled(tone(440.0, rate), rate, wanted)
    assert len(found) == wanted // 2
    inside = slice(wanted // 20, -wanted // 20)  # ends are mirrored
    assert np.abs(found - tone(440.0, wanted))[inside].max() < 0.02


def test_what_a_lower_rate_cannot_hold_is_gone_and_not_folded() -> None:
    found = resampled(tone(6000.0, 16000), 16000, 8000)
    assert np.abs(found[400:-400]).max() < 0.02


@settings(max_examples=50, deadline=None)
@given(count=st.integers(1, 300), rate=st.integers(1, 500), wanted=st.integers(1, 500))
def test_lengths_follow_rates(count: int, rate: int, wanted: int) -> None:
    wave = np.ones(count, np.float32)
    found = resampled(wave, rate, wanted)
    assert found.dtype == np.float32
    assert len(found) == max(1, round(count * wanted / rate))
    assert np.allclose(found, 1.0, atol=1e-4)


@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(1, 3000),
    size=st.sampled_from([16, 50, 256]),
    hop=st.integers(1, 400),
    mels=st.integers(4, 40),
)
def test_spectrograms_have_the_size_that_is_told(count: int, size: int, hop: int, mels: int) -> None:
    choice = MelChoice(8000, size, hop, mels)
    found = mel_spectrogram(np.zeros(count, np.float32), choice)
    assert found.shape == (mels, choice.frames(count))
    assert np.isfinite(found).all()


def test_a_tone_is_in_its_band() -> None:
    choice = MelChoice(16000, 1024, 256, 40)
    triangles = bands(16000, 1024, 40)
    for hertz in (250.0, 1000.0, 4000.0):
        wanted = int(triangles[:, round(hertz * 1024 / 16000)].argmax())
        found = mel_spectrogram(tone(hertz, 16000), choice)
        assert (found[:, 4:-4].argmax(axis=0) == wanted).all()
    assert empty_bands(16000, 1024, 40) == 0
    assert empty_bands(16000, 64, 128) > 0
