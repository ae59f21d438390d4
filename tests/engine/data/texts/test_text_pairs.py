"""Texts with translations: pairs stay pairs, and the decoder sees the target one token behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data import catalogue
from engine.document.project import MAIN, Project
from engine.infer.inference import infer
from nodes.reading.dataset import DataSet
from nodes.reading.error import DataError
from tests.drawings import graph
from tests.engine.data.sources import rows, source

LETTERS = "bcdefghijklmnopqrstu"
PAIRS = [
    (f"one {sign} {'more ' * (i % 4)}end", f"uno {sign} {'más ' * (i % 3)}fin")
    for i, sign in enumerate(LETTERS)
]


def loaded(path: Path, length: int = 8, **params: Any) -> DataSet:
    return catalogue.load(source("text-pairs", path=str(path), length=length, **params))


def pairs_of(data: DataSet) -> set[tuple[str, str]]:
    first, second = data.info.vocabulary, data.info.target_vocabulary
    assert first is not None
    assert second is not None
    return {
        (first.text(given), second.text(wanted))
        for part in (data.train, data.validation)
        for given, wanted in zip(rows(part.input), rows(part.target), strict=True)
    }


def test_every_container_gives_the_same_pairs(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("".join(f"{a}\t{b}\tCC-BY\n" for a, b in PAIRS))
    (tmp_path / "t.csv").write_text("en,es\n" + "".join(f"{a},{b}\n" for a, b in PAIRS))
    lines = (json.dumps({"id": i, "en": a, "es": b}) for i, (a, b) in enumerate(PAIRS))
    (tmp_path / "t.jsonl").write_text("\n".join(lines))
    (tmp_path / "t.en").write_text("\n".join(a for a, _ in PAIRS))
    (tmp_path / "t.es").write_bytes("\r\n".join(b for _, b in PAIRS).encode("utf-16"))
    ways: dict[str, dict[str, Any]] = {
        "t.tsv": {},
        "t.csv": {"first_line": "names"},
        "t.jsonl": {"text_column": "en", "target_text_column": "es"},
        "t.en": {"target_path": "t.es"},
    }
    for name, params in ways.items():
        data = loaded(tmp_path / name, tokens="byte-pair", length=40, **params)
        assert pairs_of(data) == set(PAIRS), name
    assert catalogue.recognised(tmp_path / "t.tsv")[0].dataset == "text-pairs"


def test_the_decoder_sees_the_target_one_token_behind(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("".join(f"{a}\t{b}\n" for a, b in PAIRS))
    data = loaded(tmp_path / "t.tsv", target_length=6)
    part = data.train
    wanted, mask = rows(part.target), rows(part.more["target_mask"])
    so_far = rows(part.more["decoder_input"])
    assert (so_far[:, 0] == 2).all()
    kept = mask[:, 1:] == 1
    assert np.array_equal(so_far[:, 1:][kept], wanted[:, :-1][kept])
    assert np.array_equal(mask == 0, wanted == 0)
    assert (wanted[np.arange(len(wanted)), mask.sum(axis=1) - 1] == 3).all()
    assert np.array_equal(rows(part.more["mask"]) == 0, rows(part.input) == 0)


def test_vocabularies_are_those_of_the_training_part(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("".join(f"{a}\t{b}\n" for a, b in PAIRS))
    for seed in (0, 3):
        data = catalogue.load(source("text-pairs", path=str(tmp_path / "t.tsv")), seed=seed)
        assert data.train.places is not None
        own = {LETTERS[int(i)] for i in data.train.places}
        for vocabulary in (data.info.vocabulary, data.info.target_vocabulary):
            assert vocabulary is not None
            assert {token for token in vocabulary.tokens if len(token) == 1} == own


@pytest.mark.parametrize("lines", [19, 21])
def test_files_of_other_lengths_are_no_pair(lines: int, tmp_path: Path) -> None:
    (tmp_path / "t.en").write_text("\n".join(f"line {i}" for i in range(20)))
    (tmp_path / "t.es").write_text("\n".join(f"línea {i}" for i in range(lines)))
    with pytest.raises(DataError, match=rf"t.es: Expected 20 lines, as in t.en. Received {lines}"):
        loaded(tmp_path / "t.en", target_path="t.es")


def test_a_gap_in_one_file_leaves_the_line_out_of_both(tmp_path: Path) -> None:
    first, second = [a for a, _ in PAIRS], [b for _, b in PAIRS]
    first[3], second[7] = "", "  "
    (tmp_path / "t.en").write_text("\n".join(first))
    (tmp_path / "t.es").write_text("\n".join(second))
    data = loaded(tmp_path / "t.en", target_path="t.es", tokens="byte-pair", length=40)
    assert pairs_of(data) == set(PAIRS) - {PAIRS[3], PAIRS[7]}
    assert data.notes == [
        "t.en: left out: lines without text in one of the files, from both (2, the first in line 4)"
    ]


def test_the_embedded_pairs_are_told_and_their_ports_have_shapes() -> None:
    nodes = graph([("d", "data", {"dataset": "english-spanish", "length": 12})])
    drawn = Project(graphs={MAIN: nodes})
    report = infer(drawn)
    assert {port: str(spec) for port, spec in report.nodes["d"].outputs.items()} == {
        "input": "N×12",
        "target": "N×12",
        "mask": "N×12",
        "decoder_input": "N×12",
        "target_mask": "N×12",
    }
    look = catalogue.look(source("english-spanish", length=12))
    assert look.samples is not None
    assert look.samples.columns == ("text", "target")
    assert look.training + look.validation == 4000
