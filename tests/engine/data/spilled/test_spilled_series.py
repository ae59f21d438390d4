"""Windows over columns of a table that does not fit into memory, with the same numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.data import catalogue
from tests.engine.data.sources import source
from tests.engine.data.spilled.same import assert_same, with_free_memory

ROWS = 600


@pytest.mark.parametrize(
    "how",
    [
        {"input_columns": "a, b, c"},
        {"input_columns": "a, b, c", "target_columns": "b, c", "scaling": "0-1", "window_step": 3},
        {
            "input_columns": "a, b, c",
            "group_column": "place",
            "order_column": "time",
            "at_gaps": "cut",
            "validate_by": "group",
        },
    ],
)
def test_series_on_disk_give_the_windows_of_those_in_memory(
    how: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gap = 50 if "at_gaps" in how else -1
    lines = ["place,time,a,b,c"] + [
        f"p{i % 5},{i * 37 % ROWS},{'' if i == gap else i * 0.1},{i * i % 17}.5,{1e6 - i}"
        for i in range(ROWS)
    ]
    (tmp_path / "s.csv").write_text("\n".join(lines))
    made = source("series-file", path=str(tmp_path / "s.csv"), window=8, horizon=2, validation=0.3, **how)
    usual = catalogue.load(made, seed=5)
    assert_same(usual, with_free_memory(made, monkeypatch, 2 * 85 * ROWS))
