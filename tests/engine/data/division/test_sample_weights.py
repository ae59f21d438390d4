"""A column says how much each row counts: checked where it is read, told where nothing goes by it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.data import catalogue
from engine.document.project import MAIN, Project
from engine.infer import infer
from engine.run.run import Run
from nodes.data.source import DataSource
from nodes.reading.error import DataError
from tests.drawings import chain


def table(folder: Path, weights: list[object]) -> dict[str, str]:
    lines = "".join(f"{k},{'ab'[k % 2]},{weight}\n" for k, weight in enumerate(weights))
    (folder / "weighted.csv").write_text("x,y,w\n" + lines)
    return {
        "dataset": "csv-file",
        "path": str(folder / "weighted.csv"),
        "target_columns": "y",
        "weight_column": "w",
    }


def test_weights_are_a_further_output_and_no_input(tmp_path: Path) -> None:
    weights = [1.0, 2.0, 0.0, 0.5, 3.0, 1.0, 1.0, 4.0, 1.0, 1.0]
    data = catalogue.load(DataSource(**table(tmp_path, weights)))
    assert data.info.columns == ("x",)
    for part in (data.train, data.validation):
        assert part.places is not None
        assert part.more["weight"].fetch(np.arange(len(part))).tolist() == [weights[k] for k in part.places]


@pytest.mark.parametrize(
    ("weights", "received"),
    [([1, -2.5, 1, 1], "-2.5"), ([0, 0, 0, 0], "0 alone"), (["much", "little", "much", "no"], "words")],
)
def test_weights_below_zero_or_that_are_none_are_refused(
    tmp_path: Path, weights: list[object], received: str
) -> None:
    with pytest.raises(DataError, match=rf"in column 'w', which says how much .* Received {received}\."):
        catalogue.load(DataSource(**table(tmp_path, weights)))


def test_weights_that_nothing_reads_are_told_and_wired_by_the_fix(tmp_path: Path) -> None:
    project = chain(table(tmp_path, [1.0, 2.0] * 10), [("linear", "linear", {"out_features": 2})])
    (problem,) = infer(project).problems
    assert problem.severity == "warning"
    assert problem.message.startswith("Data set: Expected something that reads the sample weights.")
    (fix,) = problem.fixes
    fixed = fix.edit(project)
    assert not infer(fixed).problems
    assert Run(fixed, device="cpu", steps=3).execute(lambda _event: None).status == "completed"
    drawn = changed(project, sampling="weighted")
    assert not infer(drawn).problems
    assert Run(drawn, device="cpu", steps=3).execute(lambda _event: None).status == "completed"


def changed(project: Project, **values: object) -> Project:
    main = project.graphs[MAIN]
    node = main.nodes["data"]
    nodes = {**main.nodes, "data": msgspec.structs.replace(node, params={**node.params, **values})}
    return msgspec.structs.replace(
        project, graphs={**project.graphs, MAIN: msgspec.structs.replace(main, nodes=nodes)}
    )
