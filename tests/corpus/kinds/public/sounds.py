"""Sounds as they are recorded and handed out: words, digits, silence, any subtype."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from tests.corpus.case import Case, Expected
from tests.corpus.kinds.signals import RATE, TONES, tone


def sounds(
    ending: str = ".wav",
    *,
    subtype: str = "PCM_16",
    form: str = "WAV",
    is_stereo: bool = False,
    loud: Callable[[int], float] = lambda i: 1.0,
) -> Callable[[Path], Path]:
    """Writes six tones in each of two folders; of stereo the second channel is the first upside down."""

    def make(folder: Path) -> Path:
        for name, hertz in TONES.items():
            (folder / "set" / name).mkdir(parents=True)
            for i in range(6):
                values = loud(i) * tone(hertz, i)
                values = np.stack([values, -values], axis=1) if is_stereo else values
                path = folder / "set" / name / f"{i}{ending}"
                soundfile.write(path, values, RATE, subtype=subtype, format=form)
        return folder / "set"

    return make


def speech(folder: Path) -> Path:
    """Words as they are handed out with noise to mix in and lists of the parts."""
    path = sounds()(folder)
    (path / "_background_noise_").mkdir()
    soundfile.write(path / "_background_noise_" / "white.wav", 0.1 * np.ones(8 * RATE), RATE)
    (path / "validation_list.txt").write_text("high/1.wav\nlow/1.wav\n")
    (path / "testing_list.txt").write_text("high/2.wav\nlow/2.wav\n")
    (path / "LICENSE").write_text("x")
    return path


def fsdd(folder: Path) -> Path:
    """Digits whose class is in the names."""
    (folder / "set").mkdir()
    for i in range(12):
        path = folder / "set" / f"{i % 3}_jackson_{i // 3}.wav"
        soundfile.write(path, tone(200 + 300 * (i % 3), i), RATE)
    return folder / "set"


def esc(folder: Path) -> Path:
    """Sounds in one folder, and a table of their classes in another."""
    (folder / "set" / "audio").mkdir(parents=True)
    (folder / "set" / "meta").mkdir()
    lines = ["filename,fold,target,category"]
    for i in range(12):
        name = f"1-{i}-A-{i % 3}.wav"
        soundfile.write(folder / "set" / "audio" / name, tone(200 + 300 * (i % 3), i), RATE)
        lines.append(f"{name},{i % 5 + 1},{i % 3},{['dog', 'cat', 'rain'][i % 3]}")
    (folder / "set" / "meta" / "esc50.csv").write_text("\n".join(lines))
    return folder / "set"


CASES = (
    Case(
        "public sounds", "float wav", sounds(subtype="FLOAT"), Expected(samples=12, classes=["high", "low"])
    ),
    Case("public sounds", "24 bit", sounds(subtype="PCM_24"), Expected(samples=12, classes=["high", "low"])),
    Case("public sounds", "double", sounds(subtype="DOUBLE"), Expected(samples=12, classes=["high", "low"])),
    Case("public sounds", "u-law", sounds(subtype="ULAW"), Expected(samples=12, classes=["high", "low"])),
    Case(
        "public sounds",
        "stereo opposite phases",
        sounds(is_stereo=True),
        Expected(told=["(?i)silen|channel|stereo|mean|mixed"], samples=12, classes=["high", "low"]),
    ),
    Case(
        "public sounds",
        "silence",
        sounds(loud=lambda i: 0),
        Expected(told=["(?i)silen|alike|same|zero"], samples=12, classes=["high", "low"]),
    ),
    Case(
        "public sounds",
        "one silent",
        sounds(loud=lambda i: float(i != 3)),
        Expected(samples=12, classes=["high", "low"]),
    ),
    Case(
        "public sounds",
        "speech commands",
        speech,
        Expected(samples=12, classes=["high", "low"], told=["_background_noise_"]),
    ),
    Case(
        "public sounds",
        "speech commands: lists of parts",
        speech,
        Expected(told=["left out: other files .2 .txt"], samples=12),
    ),
    Case(
        "public sounds",
        "fsdd digits in names",
        fsdd,
        Expected(told=["(?i)class|name|no label|label"], or_told="(?i)class|label"),
    ),
    Case(
        "public sounds",
        "ESC-50 meta csv",
        esc,
        Expected(classes=["cat", "dog", "rain"], or_told="(?i)esc50|csv|label|class"),
    ),
    Case(
        "public sounds",
        "mp3-named wav",
        sounds(ending=".mp3"),
        Expected(or_told="mp3", samples=12, classes=["high", "low"]),
    ),
    Case(
        "public sounds",
        "flac upper suffix",
        sounds(ending=".FLAC", form="FLAC"),
        Expected(samples=12, classes=["high", "low"]),
    ),
    Case(
        "public sounds",
        "speech commands in a folder of its own",
        lambda folder: speech(folder / "speech_commands_v0.02").parent,
        Expected(samples=12, classes=["high", "low"]),
    ),
)
