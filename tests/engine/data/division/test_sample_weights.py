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
from tests.drawings import chain, graph


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


def test_weighted_errors_of_several_targets_are_in_the_unit_of_each(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = np.stack([np.arange(30.0), rng.normal(0, 100, 30), rng.normal(5, 0.1, 30), rng.random(30)], axis=1)
    lines = "".join(",".join(f"{cell:.6f}" for cell in row) + "\n" for row in rows)
    (tmp_path / "t.csv").write_text("x,p,q,w\n" + lines)
    data = {
        "dataset": "csv-file",
        "path": str(tmp_path / "t.csv"),
        "input_columns": "x",
        "target_columns": "p, q",
        "weight_column": "w",
    }
    project = chain(data, [("linear", "linear", {"out_features": 2})], loss="mse")
    metric = graph(
        [("mae", "mean_absolute_error", {"weighted": True})],
        ["linear -> mae.prediction", "data.target -> mae.target", "data.weight -> mae.weight"],
    )
    main = project.main
    whole = type(main)({**main.nodes, **metric.nodes}, (*main.wires, *metric.wires))
    run = Run(Project(graphs={MAIN: whole}), device="cpu", steps=3)
    found = run.execute(lambda _event: None).metrics["mae"]
    assert run.plan is not None
    part = catalogue.load(DataSource(**data)).validation
    assert part.target is not None
    assert part.input_scaling is not None
    assert part.target_scaling is not None
    every = np.arange(len(part))
    inputs = (part.input.fetch(every) - part.input_scaling.mean) / part.input_scaling.deviation
    state = {name: tensor.numpy() for name, tensor in run.plan.model.state_dict().items()}
    scores = inputs @ state["linear.weight"].T + state["linear.bias"]
    away = np.abs(part.target_scaling.undone(scores) - part.target.fetch(every))
    weight = part.more["weight"].fetch(every)[:, None]
    assert found == pytest.approx((away * weight).sum() / (2 * weight.sum()), rel=1e-4)
