"""Texts that do not fit into the memory that they may take train from the disk, with the same numbers."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from engine.data import catalogue
from nodes.reading import budget
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


def short_texts(folder: Path) -> None:
    """The same texts as lines, a table, JSON lines, a folder of classes, pairs, and two files of lines."""
    count = 300
    texts = [" ".join(WORDS[(i * k + k) % 10] for k in range(1, 2 + i % 9)) for i in range(count)]
    others = [text.upper() + " ☃" for text in texts]
    labels = [("sea", "land", "air")[i % 3] for i in range(count)]
    texts[7] = labels[9] = ""
    (folder / "lines.txt").write_text("\n".join(texts))
    (folder / "other.txt").write_text("\n".join(others))
    (folder / "pairs.tsv").write_text("\n".join(map("\t".join, zip(texts, others, strict=True))))
    cells = zip(texts, labels, strict=True)
    (folder / "table.csv").write_text("text,label\n" + "\n".join(f'"{one}",{label}' for one, label in cells))
    objects = (
        {"text": text or None, "label": label or None, "more": [1]}
        if i % 2
        else {"label": label, "text": text}
        for i, (text, label) in enumerate(zip(texts, labels, strict=True))
    )
    (folder / "objects.jsonl").write_text("\n".join(map(json.dumps, objects)))
    for i, (text, label) in enumerate(zip(texts, labels, strict=True)):
        (folder / "set" / (label or "sea")).mkdir(parents=True, exist_ok=True)
        (folder / "set" / (label or "sea") / f"{i:03}.txt").write_text(text)


@pytest.mark.parametrize(
    ("dataset", "how"),
    [
        ("texts", {"path": "lines.txt", "predict": "next token"}),
        ("texts", {"path": "table.csv", "fill": "behind", "tokens": "character", "vocabulary_size": 16}),
        ("texts", {"path": "table.csv", "group_column": "label", "predict": "nothing"}),
        ("texts", {"path": "objects.jsonl", "split": "stratified"}),
        ("texts", {"path": "set", "lowercase": True}),
        ("text-pairs", {"path": "pairs.tsv", "target_length": 5}),
        ("text-pairs", {"path": "lines.txt", "target_path": "other.txt"}),
    ],
)
def test_short_texts_on_disk_are_the_rows_of_those_in_memory(
    dataset: str, how: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short_texts(tmp_path)
    made = source(
        dataset, **{"length": 6, "validation": 0.3, **how, "path": str(tmp_path / str(how["path"]))}
    )
    usual = catalogue.load(made, seed=5)
    looked = catalogue.look(made, seed=5)
    spilled = with_free_memory(made, monkeypatch, 2 * 65 * 300)
    assert_same(usual, spilled)
    with monkeypatch.context() as patched:
        patched.setattr(budget, "free_memory", lambda: 2 * 65 * 300)
        found = catalogue.look(made, seed=5)
    assert found.facts == looked.facts
    assert [part.examples for part in found.parts] == [part.examples for part in looked.parts]
    assert [part.missing for part in found.parts] == [part.missing for part in looked.parts]


def test_rows_of_texts_that_do_not_fit_are_made_where_they_are_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short_texts(tmp_path)
    made = source("texts", path=str(tmp_path / "table.csv"), length=2000)
    usual = catalogue.load(made, seed=5)
    assert_same(usual, with_free_memory(made, monkeypatch, 2 * 1_000_000))  # the texts fit, not their rows


def test_byte_pairs_of_texts_on_disk_are_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short_texts(tmp_path)
    made = source("texts", path=str(tmp_path / "table.csv"), tokens="byte-pair")
    words = r"Received 298 texts, to which byte pairs are fitted as a whole, .*; cut them into words or char"
    with pytest.raises(DataError, match=words):
        with_free_memory(made, monkeypatch, 2 * 65 * 300)
