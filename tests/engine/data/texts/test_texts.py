"""Texts as samples: the same out of every container, vocabularies of the training part alone, masks."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data import catalogue
from nodes.reading.dataset import DataSet
from nodes.reading.error import DataError
from nodes.reading.folders import files_by_class
from nodes.reading.look import DataLook
from tests.engine.data.sources import rows, source

COUNT = 30
SAID = [(f'film {i}, "so {"good" if i % 2 else "bad"}" indeed', ("bad", "good")[i % 2]) for i in range(COUNT)]


def tabs(folder: Path) -> Path:
    (folder / "t.tsv").write_text("".join(f"{label}\t{text}\n" for text, label in SAID))
    return folder / "t.tsv"


def plain_tabs(folder: Path) -> Path:
    (folder / "t.txt").write_bytes("".join(f"{label}\t{text}\r\n" for text, label in SAID).encode("utf-16"))
    return folder / "t.txt"


def quoted(folder: Path) -> Path:
    cells = ((text.replace('"', '""'), label) for text, label in SAID)
    content = "label;text\n" + "".join(f'{label};"{text}"\n' for text, label in cells)
    (folder / "t.csv").write_text(content)
    return folder / "t.csv"


def json_lines(folder: Path) -> Path:
    lines = (json.dumps({"id": i, "text": text, "label": label}) for i, (text, label) in enumerate(SAID))
    (folder / "t.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    return folder / "t.jsonl.gz"


def files(folder: Path) -> Path:
    for i, (text, label) in enumerate(SAID):
        (folder / label).mkdir(exist_ok=True)
        (folder / label / f"{i:02}.txt").write_text(text)
    return folder


CONTAINERS = (tabs, plain_tabs, quoted, json_lines, files)


def loaded(path: Path, **params: Any) -> DataSet:
    return catalogue.load(source("texts", path=str(path), **params))


def texts_of(data: DataSet) -> dict[str, str]:
    """Texts and labels of both parts as the network is given them."""
    found: dict[str, str] = {}
    assert data.info.vocabulary is not None
    for part in (data.train, data.validation):
        for numbers, label in zip(rows(part.input), rows(part.target), strict=True):
            found[data.info.vocabulary.text(numbers)] = data.info.classes[int(label)]
    return found


@pytest.mark.parametrize("tokens", ["character", "byte-pair"])
@pytest.mark.parametrize("container", CONTAINERS)
def test_every_container_gives_the_same_texts_and_labels(
    container: Callable[[Path], Path], tokens: str, tmp_path: Path
) -> None:
    path = container(tmp_path)
    found = catalogue.recognised(path)[0]
    assert found.dataset == "texts"
    data = loaded(path, tokens=tokens, length=40, vocabulary_size=300)
    assert texts_of(data) == dict(SAID)
    assert catalogue.describe(source("texts", path=str(path))).classes == ("bad", "good")
    assert not data.notes
    assert len(data.validation) == COUNT // 5


@pytest.mark.parametrize("container", [tabs, files])
@pytest.mark.parametrize("tokens", ["character", "word", "byte-pair"])
def test_the_vocabulary_is_that_of_the_training_part(
    container: Callable[[Path], Path], tokens: str, tmp_path: Path
) -> None:
    """Each text has a token of its own: those of the texts to validate must be unknown."""
    marks = [chr(0x4E00 + i) for i in range(COUNT)]
    for i, (text, label) in enumerate(SAID):
        marked = f"{text} {marks[i] * 3}"
        if container is files:
            (tmp_path / label).mkdir(exist_ok=True)
            (tmp_path / label / f"{i:02}.txt").write_text(marked)
        else:
            with (tmp_path / "t.tsv").open("a") as file:
                file.write(f"{label}\t{marked}\n")
    path = tmp_path if container is files else tmp_path / "t.tsv"
    for seed in (0, 1):
        data = catalogue.load(source("texts", path=str(path), tokens=tokens, length=64), seed=seed)
        assert data.info.vocabulary is not None
        assert data.train.places is not None
        known = "".join(data.info.vocabulary.shown)
        trained = {i for i in range(COUNT) if marks[i] in known}
        order = sorted(range(COUNT), key=lambda i: (SAID[i][1], i)) if container is files else range(COUNT)
        assert trained == {list(order)[place] for place in data.train.places}
        described = catalogue.describe(source("texts", path=str(path), tokens=tokens, length=64))
        assert len(data.info.vocabulary) <= (described.input.classes or 0)
        assert max(rows(part.input).max() for part in (data.train, data.validation)) < len(
            data.info.vocabulary
        )


def test_the_mask_is_one_where_a_token_is(tmp_path: Path) -> None:
    for fill in ("in front", "behind"):
        data = loaded(tabs(tmp_path), length=9, fill=fill)
        tokens, mask = rows(data.train.input), rows(data.train.more["mask"])
        assert np.array_equal(mask == 1, tokens != 0)
        assert (mask[:, -1] == 1).all() == (fill == "in front")


def test_next_tokens_are_targets_one_on(tmp_path: Path) -> None:
    data = loaded(tabs(tmp_path), predict="next token", length=12)
    given, coming, mask = (
        rows(one) for one in (data.train.input, data.train.target, data.train.more["mask"])
    )
    assert (given[:, 0] == 2).all()
    kept = mask[:, 1:] == 1
    assert np.array_equal(given[:, 1:][kept], coming[:, :-1][kept])
    assert ((coming == 0) == (mask == 0)).all()
    lengths = mask.sum(axis=1)
    assert (coming[np.arange(len(coming)), lengths - 1] == 3).all()


def test_what_is_cut_or_left_out_is_told_with_counts(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    lines = [f"{label}\t{text}" for text, label in SAID]
    lines[4], lines[9], lines[20:20] = "bad\t", "one cell", ["", ""]
    path.write_text("\n".join(lines))
    data = loaded(path, length=4)
    assert data.notes == [
        "t.tsv: left out: rows with more or fewer than 2 cells, those of the first line "
        "(1, the first in line 10)",
        "t.tsv: left out: rows without 'column 2' (1, the first in line 5)",
        "28 of 28 texts have more than 4 tokens: their ends are left out",
    ]


def test_parts_of_a_folder_train_and_validate(tmp_path: Path) -> None:
    for part, count in (("train", 6), ("val", 4), ("test", 2)):
        (tmp_path / part).mkdir()
        for label in ("a", "b"):
            folder = tmp_path / part / label
            folder.mkdir()
            for i in range(count // 2):
                (folder / f"{i}.txt").write_text(f"{part} {label} {i}")
    data = loaded(tmp_path)
    assert (data.info.classes, data.info.division) == (("a", "b"), "fixed")
    assert (len(data.train), len(data.validation)) == (6, 4)
    assert data.info.vocabulary is not None
    assert {"train"} == {"train", "val", "test"} & set(data.info.vocabulary.tokens)
    assert data.notes == ["2 samples to test are set aside: used neither to train nor to validate."]


def test_broken_hidden_and_foreign_files_of_a_folder_are_named(tmp_path: Path) -> None:
    files(tmp_path)
    (tmp_path / "good" / ".hidden.txt").write_text("no")
    (tmp_path / "good" / "notes.pdf").write_text("no")
    (tmp_path / "bad" / "broken.txt").write_bytes("größe".encode() + b"\xff")
    (tmp_path / "bad" / "empty.txt").write_text("")
    (tmp_path / "loose.txt").write_text("no class")
    data = loaded(tmp_path)
    assert texts_of(loaded(tmp_path, tokens="character")) == dict(SAID)
    assert [note.partition(str(tmp_path))[2] or note for note in data.notes] == [
        "left out: text files in no folder of a class (1)",
        "left out: other files (1 .pdf)",
        "/bad/broken.txt, line 1: Expected UTF-8 text. Received the byte 0xff; save the file as UTF-8, or "
        "choose its encoding.",
        "left out: empty files (1: empty.txt)",
    ]


@pytest.mark.parametrize(
    ("content", "params", "message"),
    [
        ("", {}, "Expected at least 2 texts. Received 0"),
        ("one\n\n", {}, "Expected at least 2 texts. Received 1"),
        (
            "one\ntwo\n",
            {"predict": "label"},
            "Expected a label for each text. Received none; choose",
        ),
        ("one\ntwo\n", {"text_column": "x"}, "Expected one of the columns text. Received 'x'"),
        ('{"a": 1}\n[2]\n', {}, r"line 2: Expected a JSON object. Received \[2\]"),
        ('{"a": 1}\n{"a"\n', {}, r"line 2: Expected a JSON object"),
        ('a;"b\n', {"read_as": "table"}, "Expected at least 2 texts. Received"),
        (
            "one\ntwo\n",
            {"tokens": "byte-pair", "vocabulary_size": 100},
            "Expected at least 260 tokens",
        ),
    ],
)
def test_what_cannot_be_read_is_said(
    content: str, params: dict[str, Any], message: str, tmp_path: Path
) -> None:
    (tmp_path / "t.txt").write_text(content)
    with pytest.raises(DataError, match=message):
        loaded(tmp_path / "t.txt", **params)


def looked(path: Path, **params: Any) -> DataLook:
    return catalogue.look(source("texts", path=str(path), **params))


def test_the_look_tells_how_texts_were_read_and_asks_what_is_in_doubt(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_bytes("".join(f"{label}\t{text} größe\n" for text, label in SAID).encode("latin-1"))
    look = looked(path, length=4)
    facts = {fact.name: (fact.value, fact.why) for fact in look.facts}
    assert facts["Encoding"] == ("latin-1", "it is not UTF-8: line 1 has the byte 0xf6")
    assert facts["Separator"][0] == "tab"
    assert facts["Quotes"] == ("are part of the text", "no cell begins with one")
    assert facts["Vocabulary"][1] == "fitted to the training part alone"
    assert facts["Unknown"][0].endswith("of the tokens to validate")
    assert [(part.name, part.role, part.kind) for part in look.parts] == [
        ("column 1", "target", "category"),
        ("column 2", "input", "text"),
    ]
    assert look.parts[0].common == (("bad", 15), ("good", 15))
    histogram = look.parts[1].histogram
    assert histogram is not None
    assert sum(histogram.counts) == COUNT
    questions = [doubt.question for doubt in look.doubts]
    assert questions[:2] == [
        "How are the characters written as bytes?",
        "Does the first line name the columns?",
    ]
    assert questions[-1] == "How many tokens of a text are used?"
    assert look.samples is not None
    assert look.samples.rows[0][0].startswith("film")
    assert any("read as latin-1" in warning for warning in look.warnings)
    for doubt in look.doubts:  # each answer can be given
        for answer in doubt.answers:
            source("texts", path=str(path), **answer.values)


def test_columns_take_roles(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "title,text,label,person,part\n"
        + "".join(
            f"name {i},{t[:6]} is a long one,{i % 3},{i % 5},{'val' if i < 4 else 'train'}\n"
            for i, (t, _) in enumerate(SAID)
        )
    )
    declared = catalogue.declared(source("texts", path=str(path)))
    chosen = {**declared.values_for_role("title", "input"), **declared.values_for_role("person", "target")}
    data = loaded(path, **chosen)
    assert (data.info.classes, len(texts_of(data))) == (("0", "1", "2", "3", "4"), len(texts_of(data)))
    parted = loaded(path, **declared.values_for_role("part", "split"))
    assert (len(parted.validation), parted.info.division) == (4, "column")
    grouped = loaded(path, **declared.values_for_role("person", "group"))
    assert grouped.train.places is not None
    assert grouped.validation.places is not None
    assert not set(grouped.train.places % 5) & set(grouped.validation.places % 5)


def test_a_first_line_of_names_is_told_from_data(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    body = "".join(f"{label}\t{text}\n" for text, label in SAID)
    for first, is_header in (("kind\treview_text\n", True), ("bad\tfilm it was.\n", False), ("a\tb\n", True)):
        path.write_text(first + body)
        assert loaded(path).info.samples == COUNT + (not is_header), first
        fact = next(fact for fact in looked(path).facts if fact.name == "Names of columns")
        assert (fact.value == "in the first line") == is_header
        assert fact.why
    path.write_text("a\tb\n" + body)
    assert loaded(path, first_line="data").info.samples == COUNT + 1


def test_a_folder_of_foreign_files_is_not_gone_through_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files_by_class, "MOST_OTHERS", 50)
    for i in range(60):
        (tmp_path / f"{i}.x").touch()
    for dataset, what in (("texts", "text files"), ("sounds", "sounds")):
        with pytest.raises(DataError, match=rf"Choose the folder that holds the {what}.* Received 51 other"):
            catalogue.describe(source(dataset, path=str(tmp_path)))


def test_links_out_of_a_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    files(tmp_path / "set")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x.txt").write_text("out")
    (tmp_path / "set" / "good" / "out").symlink_to(tmp_path / "other")
    data = loaded(tmp_path / "set")
    assert data.info.samples == COUNT
    assert data.notes[0].startswith("not followed: links to folders (1: ")
