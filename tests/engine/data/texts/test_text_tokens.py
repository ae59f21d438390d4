"""One long text as words or byte pairs: stretches make the text again, and its end is unseen in training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.data import catalogue
from nodes.modules.sampler import _tokens
from nodes.reading.error import DataError
from nodes.reading.texts import stretches
from tests.engine.data.sources import rows, source

LINES = [f"Line {i} of größe, and — so on\n" for i in range(200)]


def written(folder: Path) -> Path:
    (folder / "t.txt").write_text("".join(LINES), "utf-8")
    return folder / "t.txt"


@pytest.mark.parametrize("tokens", ["word", "byte-pair"])
@pytest.mark.parametrize("part", [64, 1 << 16])
def test_stretches_make_the_text_again(
    tokens: str, part: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretches, "PART", part)
    made = source("text-file", path=str(written(tmp_path)), tokens=tokens, context=8, vocabulary_size=400)
    info, data = catalogue.describe(made), catalogue.load(made)
    assert info.samples == len(data.train) + len(data.validation)
    assert data.info.vocabulary is not None
    assert len(info.classes) == info.input.classes == len(data.info.vocabulary)
    inputs = rows(data.train.input)
    assert (inputs[:, 1:] == rows(data.train.target)[:, :-1]).all()
    assert "".join(LINES).startswith(data.info.vocabulary.text(inputs.ravel()))
    if tokens == "word":  # bytes of one character may be two tokens, which are shown as none
        assert "".join(LINES).startswith("".join(data.info.classes[token] for token in inputs.ravel()))


@pytest.mark.parametrize("tokens", ["word", "byte-pair"])
def test_the_vocabulary_does_not_know_the_end(tokens: str, tmp_path: Path) -> None:
    text = "".join(f"aaa bbb {chr(0x4E00 + i) * 3} ccc\n" * 2 for i in range(300))
    (tmp_path / "t.txt").write_text(text, "utf-8")
    made = source("text-file", path=str(tmp_path / "t.txt"), tokens=tokens, context=4, vocabulary_size=1000)
    data = catalogue.load(made)
    known = {sign for word in data.info.classes for sign in word if sign >= "\u4e00"} - {"\ufffd"}
    assert known
    assert max(known) <= chr(0x4E00 + 240)
    assert data.info.vocabulary is not None
    assert max(data.info.vocabulary.text(rows(data.train.target).ravel())) <= chr(0x4E00 + 240)


def test_nothing_is_held_back_where_nothing_is_asked_for(tmp_path: Path) -> None:
    path = str(written(tmp_path))
    data = catalogue.load(source("text-file", path=path, tokens="word", context=8, validation=0.0))
    assert len(data.validation) == 0
    limited = catalogue.load(source("text-file", path=path, tokens="word", context=8, samples=10))
    assert limited.info.samples == len(limited.train) + len(limited.validation) == 10
    assert len(limited.validation) > 0


def test_a_prompt_is_cut_into_the_longest_tokens() -> None:
    alphabet = ("<padding>", "<unknown>", "the", " the", " ", "t", "e", "h", "\n")
    assert _tokens("the the\nhe", alphabet) == [2, 3, 8, 7, 6]


def test_latin_is_read_and_told(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_bytes(b"line\n" * 40 + "Größe und Maß".encode("latin-1"))
    made = source("text-file", path=str(tmp_path / "t.txt"), context=8)
    data, look = catalogue.load(made), catalogue.look(made)
    assert "ß" in data.info.classes
    told = "t.txt: read as latin-1, as it is not UTF-8: line 41 has the byte 0xf6"
    assert list(data.notes) == [told]
    assert told in look.warnings
    assert [doubt.question for doubt in look.doubts] == ["How are the characters written as bytes?"]
    titles = [answer.title for answer in look.doubts[0].answers]
    assert "utf-8" not in titles, "only what the file can be is offered"
    assert "utf-16-le" not in titles
    chosen = catalogue.load(
        source("text-file", path=str(tmp_path / "t.txt"), context=8, text_encoding="latin-1")
    )
    assert not chosen.notes


def test_byte_pairs_need_room_for_every_byte(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="vocabulary_size: Expected at least 260 tokens for byte pairs"):
        catalogue.describe(
            source("text-file", path=str(written(tmp_path)), tokens="byte-pair", vocabulary_size=100)
        )


def test_characters_are_as_they_were(tmp_path: Path) -> None:
    data = catalogue.load(source("text-file", path=str(written(tmp_path)), context=8))
    assert data.info.classes == tuple(sorted(set("".join(LINES))))
    assert data.info.vocabulary is None
    assert np.array_equal(data.train.places, np.arange(len(data.train)))
