"""Sounds in folders: one rate and one length for all, masks where they end, broken ones named."""

from __future__ import annotations

import io
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from engine.data import catalogue
from engine.data.first_drawing import first_drawing
from engine.infer import infer
from nodes.data_sets import sounds as declared_sounds
from nodes.reading.dataset import DataSet
from nodes.reading.error import DataError
from tests.engine.data.sources import rows, source

RATE = 8000


def tone(hertz: float, rate: int = RATE, seconds: float = 0.1) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)


def folder_of(folder: Path, count: int = 6, **options: Any) -> Path:
    for name, hertz in (("high", 2000.0), ("low", 300.0)):
        (folder / name).mkdir()
        for i in range(count):
            soundfile.write(folder / name / f"{i}.wav", tone(hertz + i), RATE, **options)
    return folder


def loaded(path: Path, **params: Any) -> DataSet:
    return catalogue.load(source("sounds", path=str(path), **{"seconds": 0.15, "mels": 16, **params}))


@pytest.mark.parametrize(
    "options",
    [
        {"subtype": "PCM_16"},
        {"subtype": "PCM_24"},
        {"subtype": "PCM_U8"},
        {"subtype": "FLOAT"},
        {"subtype": "DOUBLE"},
        {"format": "FLAC"},
        {"format": "AIFF"},
        {"format": "RF64"},
    ],
)
def test_every_kind_of_file_gives_the_same_waves(options: dict[str, Any], tmp_path: Path) -> None:
    """Told by their first bytes: all are called .wav."""
    data = loaded(folder_of(tmp_path, **options), sound_as="waveform")
    assert catalogue.recognised(tmp_path)[0].dataset == "sounds"
    assert (data.info.classes, data.info.input.features) == (("high", "low"), (1, 1200))
    assert not data.notes
    part = data.train
    assert part.places is not None
    for given, label, place, mask in zip(
        rows(part.input), rows(part.target), part.places, rows(part.more["mask"]), strict=True
    ):
        wanted = tone((2000.0, 300.0)[label] + place % 6)
        assert np.abs(given[0, :800] - wanted).max() < 0.02
        assert not given[0, 800:].any()
        assert mask.tolist() == [1] * 800 + [0] * 400


def test_spectrograms_are_scaled_by_the_training_part(tmp_path: Path) -> None:
    data = loaded(folder_of(tmp_path))
    scaling = data.train.input_scaling
    given = rows(data.train.input)
    assert given.shape[1:] == data.info.input.features == (1, 16, 5)
    assert scaling is not None
    assert scaling == data.validation.input_scaling
    assert scaling.mean == pytest.approx((given.mean(),))
    assert [(one, str(spec)) for one, spec in data.info.more] == [("mask", "N×5")]


@pytest.mark.parametrize("sound_as", ["waveform", "spectrogram"])
def test_sounds_that_are_streamed_are_those_that_are_kept(
    sound_as: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = loaded(folder_of(tmp_path), sound_as=sound_as)
    catalogue.forget()
    monkeypatch.setattr(declared_sounds, "KEPT_BYTES", 0)
    streamed = loaded(tmp_path, sound_as=sound_as)
    assert type(streamed.train.input).__name__ == "SoundRows"
    assert np.array_equal(rows(kept.train.input), rows(streamed.train.input))
    assert np.array_equal(rows(kept.train.more["mask"]), rows(streamed.train.more["mask"]))


def test_other_rates_lengths_and_channels_are_told(tmp_path: Path) -> None:
    folder_of(tmp_path)
    soundfile.write(tmp_path / "low" / "6.wav", tone(300.0, 16000), 16000)
    soundfile.write(tmp_path / "low" / "7.wav", tone(300.0, seconds=1.0), RATE)
    soundfile.write(tmp_path / "low" / "8.wav", np.stack([tone(300.0), 0 * tone(300.0)], axis=1), RATE)
    data = loaded(tmp_path, sound_as="waveform", validation=0.0)
    assert data.notes == [
        "1 of 15 sounds last longer than 0.15 s: their ends are left out",
        "1 of 15 sounds have another rate and are brought to 8,000 Hz",
        "1 of 15 sounds have several channels: their mean is taken",
    ]
    given = rows(data.train.input)[12:, 0]
    assert np.abs(given[0, 40:760] - tone(300.0)[40:760]).max() < 0.02
    assert np.abs(given[1] - tone(300.0, seconds=0.15)).max() < 0.01
    assert np.abs(given[2, :800] - tone(300.0) / 2).max() < 0.01
    look = catalogue.look(source("sounds", path=str(tmp_path), seconds=0.15))
    assert [doubt.question for doubt in look.doubts] == [
        "What becomes of sounds of another rate?",
        "Are the first 0.15 s of a sound enough?",
    ]
    for doubt in look.doubts:
        for answer in doubt.answers:
            loaded(tmp_path, **answer.values)
    alone = loaded(tmp_path, other_rates="leave out")
    assert alone.info.samples == 14
    assert alone.notes[0] == "left out: sounds of other rates than 8,000 Hz (1)"


def broken_files() -> dict[str, bytes]:
    whole = io.BytesIO()
    soundfile.write(whole, tone(300.0), RATE, format="WAV", subtype="PCM_16")
    sound, no_sample, not_finite = whole.getvalue(), io.BytesIO(), io.BytesIO()
    soundfile.write(no_sample, np.zeros(0), RATE, format="WAV")
    soundfile.write(not_finite, np.full(800, np.nan), RATE, format="WAV", subtype="FLOAT")
    return {
        "cut.wav": sound[:30],
        "empty.wav": b"",
        "text.wav": b"these are words",
        "silent.wav": no_sample.getvalue(),
        "nan.wav": not_finite.getvalue(),
        "fast.wav": sound[:24] + (1 << 30).to_bytes(4, "little") + sound[28:],
        "wide.wav": sound[:22] + (1000).to_bytes(2, "little") + sound[24:],
    }


def test_broken_files_are_named_and_left_out(tmp_path: Path) -> None:
    folder_of(tmp_path)
    for name, content in broken_files().items():
        (tmp_path / "low" / name).write_bytes(content)
    data = loaded(tmp_path)
    assert len(data.train) + len(data.validation) == data.info.samples == 12
    told = " ".join([*data.notes, *data.skipped])
    for name in broken_files():
        assert f"low/{name}: Expected a WAV, FLAC, Ogg, AIFF or MP3 file. Received" in told, name


def test_a_file_that_ends_before_its_header_says_is_told(tmp_path: Path) -> None:
    folder_of(tmp_path)
    path = tmp_path / "low" / "0.wav"
    path.write_bytes(path.read_bytes()[:900])
    data = loaded(tmp_path, sound_as="waveform", validation=0.0)
    (note,) = data.notes  # of a long path the middle is left out
    assert note.startswith("1 of 12 sounds end before their header says: /")
    assert note.endswith("/low/0.wav")
    assert rows(data.train.more["mask"])[6].sum() == (900 - 44) // 2


def test_a_header_that_lies_costs_nothing(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "0.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(bytes(1600))
    content = bytearray((tmp_path / "0.wav").read_bytes())
    content[4:8] = content[40:44] = (0x7FFFFF00).to_bytes(4, "little")
    for i in range(3):
        (tmp_path / f"{i}.wav").write_bytes(content)
    data = loaded(tmp_path, sound_as="waveform", seconds=600.0)
    assert rows(data.train.more["mask"]).sum(axis=1).tolist() == [800, 800]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"path": ""}, "path: Expected a folder of sounds. Received nothing"),
        ({"path": "0.wav"}, "0.wav: Expected a folder of sounds. Received no folder"),
        ({"path": "."}, r"Expected a folder of sounds \(.wav, .*\). Received none"),
        ({"path": "two", "other_rates": "leave out", "sample_rate": 7}, r"one of \[8000\] Hz. Received 7 Hz"),
    ],
)
def test_what_is_no_folder_of_sounds_is_said(params: dict[str, Any], message: str, tmp_path: Path) -> None:
    (tmp_path / "x" / "two").mkdir(parents=True)
    folder_of(tmp_path / "x" / "two", count=1)
    (tmp_path / "none").mkdir()
    path = {"": "", ".": str(tmp_path / "none"), "two": str(tmp_path / "x" / "two")}.get(
        params["path"], "0.wav"
    )
    with pytest.raises(DataError, match=message):
        catalogue.load(source("sounds", **{**params, "path": path}))


def test_a_first_network_looks_along_a_wave(tmp_path: Path) -> None:
    """A wave is no single step of many numbers: convolutions see it, and no weight belongs to one sample."""
    given = source("sounds", path=str(folder_of(tmp_path)), sound_as="waveform", seconds=0.15)
    drawing = first_drawing(given, catalogue.load(given).info)
    layers = [node.layer for node in drawing.main.nodes.values()]
    assert layers[1:5] == ["conv1d", "conv1d", "conv1d", "global_avg_pool"]
    report = infer(drawing)
    assert report.problems == ()
    assert report.parameters < 100_000
