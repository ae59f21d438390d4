"""Texts: targets are the next characters, and the end of the text is unseen in training."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from engine.data import catalogue
from nodes.reading import opened, text
from nodes.reading.error import DataError
from tests.engine.data.sources import rows, source


def test_targets_are_one_character_on() -> None:
    data = catalogue.load(source("moby-dick", context=32))
    inputs, targets = rows(data.train.input), rows(data.train.target)
    assert (inputs[:, 1:] == targets[:, :-1]).all()
    assert inputs.dtype == targets.dtype == np.int64
    assert "".join(data.info.classes[token] for token in inputs[0]).startswith("CHAPTER 1. Loomings.")


def test_no_validated_character_is_a_target_of_training(tmp_path: Path) -> None:
    text = "".join(chr(0x4E00 + i) for i in range(500))  # every character once: each is known by its place
    (tmp_path / "t.txt").write_text(text, "utf-8")
    for stride in (0, 1, 5):
        data = catalogue.load(source("text-file", path=str(tmp_path / "t.txt"), context=16, stride=stride))
        assert rows(data.train.target).max() < rows(data.validation.target).min()


def test_packed_and_windows_texts_are_read(tmp_path: Path) -> None:
    path = tmp_path / "t.txt.gz"
    path.write_bytes(gzip.compress("\ufeffab\r\nc".encode() * 50))
    assert "\r" not in catalogue.describe(source("text-file", path=str(path), context=8)).classes


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"short", "Expected at least 130 characters for a context of 64. Received 5"),
        ("líne\n".encode() * 40 + b"\xff", r"line 41: Expected UTF-8 text. Received the byte 0xff"),
        (
            b"\x89PNG\0\n" * 40,
            r"line 1: Expected UTF-8 text. Received the byte 0x89 and 40 zero bytes; is it",
        ),
    ],
)
def test_what_cannot_be_read_is_said(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_bytes(content)
    with pytest.raises(DataError, match=message):
        catalogue.describe(source("text-file", path=str(tmp_path / "t.txt")))


def test_a_damaged_gz_is_refused(tmp_path: Path) -> None:
    whole = gzip.compress(b"a text " * 1000)
    (tmp_path / "t.gz").write_bytes(whole[:-20])
    with pytest.raises(DataError, match="Expected a text file"):
        catalogue.describe(source("text-file", path=str(tmp_path / "t.gz")))


@pytest.mark.parametrize("stretch", [1, 2, 3, 7, 1 << 20])
def test_a_text_is_the_same_in_pieces_of_any_length(
    stretch: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.txt"
    path.write_bytes("\ufeffGröße\r\n\r\n数\r\U0001f40b\n\r".encode())
    monkeypatch.setattr(text, "STRETCH", stretch)
    wanted = "Größe\n\n数\r\U0001f40b\n\r"
    assert text.read(path) == wanted
    found = text.outline(path)
    assert found == text.TextOutline(tuple(sorted(set(wanted))), len(wanted))
    assert text.tokens(wanted, found.alphabet).tolist() == [sorted(set(wanted)).index(c) for c in wanted]
    path.write_bytes("Größe\n\n".encode() + b"x\xe6\x95")
    with pytest.raises(DataError, match=r"line 3: Expected UTF-8 text. Received the byte 0xe6"):
        text.read(path)


def test_a_stride_of_any_size_is_a_stride(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("abc" * 100)
    data = catalogue.load(source("text-file", path=str(tmp_path / "t.txt"), context=8, stride=1 << 30))
    assert len(data.train) == data.info.samples == 1


@pytest.mark.parametrize("spoilt", ["cut", "damaged", "followed"])
def test_every_kind_of_damage_to_a_gz_is_one_error(spoilt: str, tmp_path: Path) -> None:
    whole = gzip.compress(bytes(range(32, 127)) * 200)
    data = {"cut": whole[:-9], "damaged": whole[:40] + bytes(30) + whole[70:], "followed": whole + b"words"}
    (tmp_path / "t.gz").write_bytes(data[spoilt])
    with pytest.raises(DataError, match=r"t.gz: Expected a text file. Received a damaged one"):
        catalogue.describe(source("text-file", path=str(tmp_path / "t.gz")))


@pytest.mark.parametrize("kind", ["zeros", "name", "parts", "sound parts"])
def test_a_packed_text_is_not_read_byte_by_byte(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened, "READS", 500)
    monkeypatch.setattr(opened, "PADDING", 300)
    words = gzip.compress(b"words and more words " * 20)
    data = {
        "zeros": words + bytes(10_000),
        "name": words[:3] + b"\x08" + words[4:10] + b"n" * 10_000 + b"\0" + words[10:],
        "parts": gzip.compress(b"") * 2000 + words,
        "sound parts": words * 50,
    }
    path = tmp_path / "words.txt.gz"
    path.write_bytes(data[kind])
    if kind == "sound parts":
        assert catalogue.describe(source("text-file", path=str(path), context=4)).samples > 1000
        return
    received = {"zeros": "more than 300 zero bytes behind the data"}.get(
        kind, "too many parts for the size of the file"
    )
    with pytest.raises(DataError, match=f"Received {received}; pack it again"):
        catalogue.describe(source("text-file", path=str(path), context=4))
