"""In which encoding a text is: told with a reason, never in silence, the same in pieces of any size."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodes.reading.error import DataError
from nodes.reading.texts import encoding
from nodes.reading.texts.encoding import encoding_of, lines_of

TEXT = "Größe\nÁrbol y niño\n\nlast"
MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


def written(folder: Path, content: bytes) -> Path:
    path = folder / "t.txt"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", MARKS)
def test_marks_decide_and_every_end_of_a_line_is_one(name: str, ends: str, tmp_path: Path) -> None:
    path = written(tmp_path, MARKS[name] + TEXT.replace("\n", ends).encode(name))
    found = encoding_of(path)
    assert (found.name, found.why) == (name, "it begins with a byte order mark")
    assert list(lines_of(path, found)) == TEXT.split("\n")


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (TEXT.encode(), "utf-8", "all of it is UTF-8"),
        (b"", "utf-8", "all of it is UTF-8"),
        (TEXT.encode("utf-16-le"), "utf-16-le", "every second byte is zero"),
        (TEXT.encode("utf-16-be"), "utf-16-be", "every second byte is zero"),
        (b"one\ntwo\n" + TEXT.encode("latin-1"), "latin-1", "it is not UTF-8: line 3 has the byte 0xf6"),
        ("costs 5 €\n“so”".encode("cp1252"), "windows-1252", "it is not UTF-8: line 1 has the byte 0x80"),
    ],
)
def test_without_a_mark_bytes_decide(content: bytes, name: str, why: str, tmp_path: Path) -> None:
    found = encoding_of(written(tmp_path, content))
    assert (found.name, found.why) == (name, why)
    lossy = name in ("latin-1", "windows-1252")
    assert found.is_doubtful == (why != "all of it is UTF-8")
    assert len(found.notes) == lossy
    assert all(name in note and why in note for note in found.notes)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("größe\nmaß\n".encode() + b"x\xe6\x95", "line 3: Expected UTF-8 text. Received the byte 0xe6"),
        (
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff",
            "line 1: Expected UTF-8 text. Received the byte 0x89 and 3",
        ),
        (b"\xff\xfe" + "ab".encode("utf-16-le") + b"\x00\xd8", "Expected utf-16-le text"),
    ],
)
def test_damage_and_other_files_are_refused(content: bytes, message: str, tmp_path: Path) -> None:
    path = written(tmp_path, content)
    with pytest.raises(DataError, match=message):
        list(lines_of(path, encoding_of(path)))


def test_zero_characters_are_told_with_the_first_line(tmp_path: Path) -> None:
    for mark in (b"", codecs.BOM_UTF8):
        path = written(tmp_path, mark + b"one line\nof a text\0 and\0 more words\n")
        note = "t.txt: 2 zero characters, the first in line 2; they are kept"
        assert encoding_of(path).notes == (note,)


def test_a_chosen_encoding_is_taken(tmp_path: Path) -> None:
    path = written(tmp_path, codecs.BOM_UTF8 + b"caf\xc3\xa9")
    assert list(lines_of(path, encoding_of(path, "utf-8"))) == ["café"]
    assert list(lines_of(path, encoding_of(path, "latin-1"))) == ["ï»¿cafÃ©"]


def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "LONGEST_LINE", 1000)
    monkeypatch.setattr(encoding, "PIECE", 64)
    path = written(tmp_path, b"short\n" + b"x" * 2000)
    with pytest.raises(DataError, match="line 2: Expected lines of at most 1,000 characters"):
        list(lines_of(path, encoding_of(path)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0\ufeff\ufffd"), max_size=60),
    piece=st.integers(1, 9),
    name=st.sampled_from(list(MARKS)),
)
def test_a_text_is_the_same_in_pieces_of_any_size(
    text: str, piece: int, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "PIECE", piece)
    path = written(tmp_path, MARKS[name] + text.encode(name))
    encoding._found.clear()
    wanted = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert "\n".join(lines_of(path, encoding_of(path))) == "\n".join(wanted).removesuffix("\n")
