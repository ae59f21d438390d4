"""Texts that do not fit into the memory that they may take train from the disk, with the same numbers."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from engine.data import catalogue
from nodes.reading.error import DataError
from nodes.reading.texts import stretches
from tests.engine.data.sources import source
from tests.engine.data.spilled.same import assert_same, with_free_memory

WORDS = ("whale", "sea", "über", "Ahab", "it's", "the", "a", "of", "rope", "1851")


def long_text() -> str:
    """A text in lines of several lengths, of some 40,000 characters."""
    lines = (" ".join(WORDS[(i * k) % 10] for k in range(1, 3 + i % 11)) for i in range(1000))
    return "\r\n".join(line + ("." if i % 3 else " — ß") for i, line in enumerate(lines))


@pytest.mark.parametrize("how", [{}, {"tokens": "word", "vocabulary_size": 16}, {"tokens": "character"}])
@pytest.mark.parametrize("packed", [False, True])
def test_a_text_on_disk_gives_the_tokens_of_one_in_memory(
    packed: bool, how: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretches, "PART", 512)
    text = long_text().encode()
    path = tmp_path / ("t.txt.gz" if packed else "t.txt")
    path.write_bytes(gzip.compress(text) if packed else text)
    made = source("text-file", path=str(path), context=32, validation=0.25, **how)
    usual = catalogue.load(made, seed=5)
    assert_same(usual, with_free_memory(made, monkeypatch, 8 * len(text)))


def test_byte_pairs_of_a_text_on_disk_are_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "t.txt").write_text(long_text())
    made = source("text-file", path=str(tmp_path / "t.txt"), context=8, tokens="byte-pair")
    size = (tmp_path / "t.txt").stat().st_size
    words = rf"half of the memory that is free\. Received {size:,} bytes of text, to whose .* byte pairs are "
    with pytest.raises(DataError, match=words + r"fitted as a whole, .* GB; cut it into words or characters"):
        with_free_memory(made, monkeypatch, 8 * size)


def test_stretches_that_are_too_many_for_memory_are_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "t.txt").write_text(long_text())
    made = source("text-file", path=str(tmp_path / "t.txt"), context=8, stride=1)
    with pytest.raises(DataError, match=r"stretches that need 0\.0 GB; choose a larger stride"):
        with_free_memory(made, monkeypatch, 40_000)
