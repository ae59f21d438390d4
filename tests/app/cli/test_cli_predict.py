"""Predictions on the command line."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import numpy as np
import pytest

from app import __main__ as cmd
from engine.predict import predictions
from tests.engine.predict import trained_runs as runs


def test_predictions_of_the_newest_run_are_written_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, run = runs.classifier(tmp_path)
    unseen = runs.people(30, target=False)
    unseen[4][1] = "purple"
    data = runs.table(tmp_path / "new.csv", unseen, runs.NAMES)
    out = tmp_path / "out.csv"
    assert cmd.main(["predict", str(file), str(data), "--out", str(out)]) == 0
    told = capsys.readouterr()
    assert told.out == f"{out}: 29 rows predicted with the best weights of {run.name} (step 8)\n"
    assert "1 row was left out" in told.err
    assert "line 6: column 'colour'" in told.err
    assert len(out.read_text().splitlines()) == 30
    given = ["predict", str(file), str(data), "--run", run.name, "--weights", "last", "--json"]
    assert cmd.main([*given, "--out", str(out)]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["rows"], facts["skipped"], facts["weights"]["kind"]) == (29, 1, "last")
    assert facts["results"] == [{"name": "prediction", "kind": "classes", "classes": ["no", "yes"]}]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (["nothing.csv"], "Expected a file or folder of data"),
        (["new.csv", "--out", "out.txt"], "Expected a name that ends in .csv"),
        (["new.csv", "--weights", "worst"], "Expected best or last"),
        (["new.csv", "--run", "other"], "Expected one of its runs"),
        (["new.csv", "--device", "tpu"], "device: Expected auto"),
        (["."], "as in training"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    given: list[str],
    fault: str,
) -> None:
    file, _ = runs.classifier(tmp_path)
    runs.table(tmp_path / "new.csv", runs.people(3, target=False), runs.NAMES)
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    assert cmd.main(["predict", str(file), *given]) == 2
    assert fault in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before


def test_an_interrupt_ends_it_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, _ = runs.regression(tmp_path)
    rows = np.random.default_rng(0).normal(10, 3, (4_000, 2)).round(2).tolist()
    data = runs.table(tmp_path / "new.csv", rows, ("a", "b"))
    out, blocks = tmp_path / "out.csv", []

    def interrupt(_what: str) -> None:
        """Ctrl+C while the third block is computed: the file is half written then."""
        blocks.append(len(list(tmp_path.glob(".out.csv.*.part"))))
        if len(blocks) == 3:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(predictions, "tell", interrupt)
    # a suite that a script starts in the background inherits that SIGINT is ignored
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert cmd.main(["predict", str(file), str(data), "--out", str(out)]) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    assert blocks == [1, 1, 1]
    assert list(tmp_path.glob("*out.csv*")) == []
