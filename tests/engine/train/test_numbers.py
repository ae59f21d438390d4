"""The numbers that a run reports, against the same numbers worked out by hand from the raw data."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from engine.compile import compile  # noqa: A004
from engine.document.project import MAIN, Project
from engine.feed.sources import Sources
from engine.messages.events import Event, Progress, Validated
from engine.run.run import Run
from engine.train.validation import validate
from tests.drawings import Step, graph, wire, with_settings

REGRESSION = [
    "data.input -> linear",
    "linear -> loss.prediction",
    "loss.loss -> objective.loss",
    "linear -> rmse.prediction",
    "linear -> mae.prediction",
]


def regression(
    data: dict[str, object], width: int = 1, extra: tuple[Step, ...] = (), target: str = "data.target"
) -> Project:
    """A linear regression, measured by RMSE and MAE."""
    nodes: list[Step] = [
        ("data", "data", data),
        ("linear", "linear", {"out_features": width}),
        ("loss", "mse"),
        ("rmse", "rmse"),
        ("mae", "mean_absolute_error"),
        ("objective", "objective", {"learning_rate": 0.01}),
        *extra,
    ]
    targets = [f"{target} -> {node}.target" for node in ("loss", "rmse", "mae")]
    wires = [*REGRESSION, *targets, *(f"data.target -> {step[0]}" for step in extra)]
    return Project(graphs={MAIN: graph(nodes, wires)})


def errors_by_hand(run: Run, columns: tuple[int, ...] = (0,)) -> tuple[float, float]:
    """RMSE and MAE of the run's last weights, in the unit of the file."""
    assert run.plan is not None
    sources = Sources(run.plan)
    data = sources._data[0].data
    part, rows = data.validation, np.arange(len(data.validation))
    assert part.target is not None
    assert part.input_scaling is not None
    assert part.target_scaling is not None
    scaling = part.input_scaling
    inputs = (part.input.fetch(rows) / scaling.divisor - np.array(scaling.mean)) / np.array(scaling.deviation)
    weights = {
        name: tensor.numpy().astype(np.float64) for name, tensor in run.plan.model.state_dict().items()
    }
    scores = inputs @ weights["linear.weight"].T + weights["linear.bias"]
    predicted = scores * np.array(part.target_scaling.deviation) + np.array(part.target_scaling.mean)
    away = (predicted - part.target.fetch(rows))[:, columns]
    return float(np.sqrt((away**2).mean())), float(np.abs(away).mean())


def last(events: list[Event]) -> Validated:
    return [event for event in events if isinstance(event, Validated)][-1]


@pytest.mark.parametrize(
    "project",
    [
        regression({"dataset": "diabetes"}),
        regression({"dataset": "diabetes"}, extra=(("turn", "reshape", {"shape": [1]}),), target="turn"),
    ],
    ids=["wired straight", "through a reshape"],
)
def test_errors_are_told_in_the_unit_of_the_data(project: Project) -> None:
    events: list[Event] = []
    run = Run(project, epochs=3)
    assert run.execute(events.append).status == "completed"
    rmse, mae = errors_by_hand(run)
    assert last(events).metrics == pytest.approx({"rmse": rmse, "mae": mae}, rel=1e-4)
    assert rmse > 20  # disease progression goes from 25 to 346; of a deviation it would be about 1
    training = [event.metrics for event in events if isinstance(event, Progress) and event.metrics]
    assert training[-1]["rmse"] > 20


def test_each_column_has_its_own_unit(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(80, 2))
    table = np.column_stack([x, x @ [1.0, 2.0] * 1000, x @ [2.0, 1.0] * 0.01])
    lines = [",".join(f"{value:.6f}" for value in row) for row in table]
    (tmp_path / "t.csv").write_text("a,b,big,small\n" + "\n".join(lines))
    data = {"dataset": "csv-file", "path": str(tmp_path / "t.csv"), "target_columns": "big, small"}
    events: list[Event] = []
    run = Run(regression(data, width=2), epochs=2)
    assert run.execute(events.append).status == "completed"
    rmse, mae = errors_by_hand(run, (0, 1))
    assert last(events).metrics == pytest.approx({"rmse": rmse, "mae": mae}, rel=1e-3)


def test_a_loss_stays_in_what_the_network_learns_from() -> None:
    events: list[Event] = []
    Run(regression({"dataset": "diabetes"}), epochs=3).execute(events.append)
    assert last(events).losses["objective"] < 2


def two_sets(first: int, second: int, batch_size: int) -> Project:
    nodes: list[Step] = [
        ("a", "data", {"dataset": "spiral", "samples": first}),
        ("b", "data", {"dataset": "circle", "samples": second}),
        ("join", "concat"),
        ("linear", "linear", {"out_features": 2}),
        ("loss", "cross_entropy"),
        ("objective", "objective"),
    ]
    wires = [
        "a.input -> join",
        "join -> linear",
        "linear -> loss.logits",
        "a.target -> loss.label",
        "loss.loss -> objective.loss",
    ]
    drawn = graph(nodes, wires)
    joined = msgspec.structs.replace(drawn, wires=(*drawn.wires, wire("b.input -> join", order=1)))
    return with_settings(Project(graphs={MAIN: joined}), batch_size=batch_size, epochs=2)


@pytest.mark.parametrize("sizes", [(30, 900), (900, 30), (500, 500), (12, 10)])
def test_sets_of_unlike_size_keep_step(sizes: tuple[int, int]) -> None:
    project = two_sets(*sizes, batch_size=64)
    events: list[Event] = []
    finished = Run(project).execute(events.append)
    assert finished.status == "completed", finished.message
    plan = compile(project)
    sources = Sources(plan)
    assert sum(size for size, _ in sources.validation()) == round(max(sizes) * 0.2)
    assert validate(plan, sources) is not None


def test_every_sample_is_used_once_an_epoch() -> None:
    plan = compile(with_settings(regression({"dataset": "diabetes"}), batch_size=50))
    sources = Sources(plan)
    for _ in range(2):
        batches = [sources.next() for _ in range(sources.steps_per_epoch)]
        rows = torch.cat([next(iter(batch.values())) for batch in batches])
        assert len(rows) == len(torch.unique(rows, dim=0)) == sources.samples_per_epoch
    assert len(batches[-1][next(iter(batches[-1]))]) == sources.samples_per_epoch % 50
