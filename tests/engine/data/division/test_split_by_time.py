"""Rows of a table are divided by time as its dates are meant, not as their letters sort."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from engine.data import catalogue
from nodes.data.source import DataSource
from nodes.reading.error import DataError

COUNT = 40


def source(folder: Path, cells: list[str], **more: object) -> DataSource:
    lines = "".join(f"{k},{cell},{'ab'[k % 2]}\n" for k, cell in enumerate(cells))
    (folder / "t.csv").write_text("x,when,y\n" + lines)
    return DataSource(
        dataset="csv-file",
        path=str(folder / "t.csv"),
        input_columns="x",
        target_columns="y",
        order_column="when",
        **more,
    )


@pytest.mark.parametrize(
    ("form", "first", "step"),
    [
        ("%Y-%m-%d", date(2023, 11, 20), 3),
        ("%d.%m.%Y", date(2023, 11, 20), 3),
        ("%m/%d/%Y", date(2024, 1, 2), 9),
    ],
)
def test_the_last_days_validate_in_whatever_form_they_are_written(
    tmp_path: Path, form: str, first: date, step: int
) -> None:
    turn = np.random.default_rng(0).permutation(COUNT)
    cells = [(first + timedelta(days=int(step * k))).strftime(form) for k in turn]
    data = catalogue.load(source(tmp_path, cells))
    assert data.validation.places is not None
    assert sorted(turn[data.validation.places].tolist()) == list(range(32, 40))
    assert data.info.division == "time"
    assert data.division == "the last by when"


def test_dates_that_could_be_meant_otherwise_are_a_doubt_and_the_answer_divides(tmp_path: Path) -> None:
    cells = [f"{k % 11 + 1}/{k * 5 % 12 + 1}/2024" for k in range(COUNT)]
    (doubt,) = [one for one in catalogue.look(source(tmp_path, cells)).doubts if "dates" in one.question]
    assert doubt.question == "How are the dates of when written?"
    held = []
    for answer in doubt.answers:
        data = catalogue.load(source(tmp_path, cells, **answer.values))
        assert data.validation.places is not None
        held.append(data.validation.places.tolist())
    usual = catalogue.load(source(tmp_path, cells)).validation.places
    assert usual is not None
    assert usual.tolist() == held[doubt.taken]
    days = [tuple(int(part) for part in cell.split("/")) for cell in cells]
    by_month = sorted(held, key=lambda part: min(days[k][1] for k in part))[-1]
    assert min(days[k][1] for k in by_month) >= max(days[k][1] for k in range(COUNT) if k not in by_month)


def test_numbers_go_by_their_size_and_words_are_refused(tmp_path: Path) -> None:
    data = catalogue.load(source(tmp_path, [str(k * 7 % 41) for k in range(COUNT)]))
    assert data.validation.places is not None
    assert sorted(k * 7 % 41 for k in data.validation.places.tolist())[0] > 30
    with pytest.raises(
        DataError, match=r"Expected numbers, dates or times as 'when'.*Received words, as 'may'"
    ):
        catalogue.load(source(tmp_path, ["may", "june", "april", "july"] * 10))
