"""Balanced classes, sampling by chances and sample weights in a run: equal to a loop by hand."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import WeightedRandomSampler

from engine.compile import compile  # noqa: A004
from engine.data import batches
from engine.data.batches import BatchOrder
from engine.document.edits.decoration import set_settings
from engine.document.project import MAIN, Project
from engine.feed.balance import chances, class_counts
from engine.feed.sources import Sources
from engine.infer import infer
from engine.messages.events import Event, Progress, Validated
from engine.run.run import Run
from engine.train.cuda_graphs import captured_steps
from nodes.data.source import DataSource
from nodes.reading.dataset import ArrayRows, DataInfo, DataSet, DataSplit
from nodes.reading.error import DataError
from nodes.spec import N, TensorSpec
from tests.drawings import Step, chain, graph
from tests.engine.train.cuda_graphs.recorder import RecordedGraphs

COUNTS = (60, 25, 15)
STEPS, BATCH = 12, 16


@pytest.fixture
def uneven(tmp_path: Path) -> dict[str, Any]:
    """A data node of 100 samples of three classes, of which one is common."""
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(3), COUNTS)
    np.savez(tmp_path / "uneven.npz", x=rng.normal(size=(100, 5)).astype(np.float32) + y[:, None], y=y)
    return {"dataset": "array-file", "path": str(tmp_path / "uneven.npz"), "scaling": "none"}


def project_of(data: dict[str, Any], loss: dict[str, Any], *, weighted: bool = False) -> Project:
    """A linear classifier; a sample weighs the square of its first value, where weights are asked for."""
    steps: list[Step] = [("linear", "linear", {"out_features": 3})]
    project = chain(data, steps, optimiser="sgd", momentum=0.0, learning_rate=0.1)
    graphs = dict(project.graphs)
    nodes = dict(graphs[MAIN].nodes)
    nodes["loss"] = msgspec.structs.replace(nodes["loss"], params={**loss, "weighted": weighted})
    wires = graphs[MAIN].wires
    if weighted:
        extra: list[Step] = [
            ("first", "select", {"index": 0}),
            ("square", "function", {"function": "square"}),
        ]
        more = graph(
            extra,
            ["data.input -> first", "first -> square", "square -> loss.weight", "square -> accuracy.weight"],
        )
        nodes |= more.nodes
        nodes["accuracy"] = msgspec.structs.replace(nodes["accuracy"], params={"weighted": True})
        wires = (*wires, *more.wires)
    graphs[MAIN] = msgspec.structs.replace(graphs[MAIN], nodes=nodes, wires=wires)
    return set_settings(msgspec.structs.replace(project, graphs=graphs), batch_size=BATCH, seed=5)


def told(project: Project) -> tuple[list[float], Validated]:
    losses: list[float] = []
    validated: list[Validated] = []

    def note(event: Event) -> None:
        if isinstance(event, Progress):
            losses.extend(event.losses["objective"])
        if isinstance(event, Validated):
            validated.append(event)

    finished = Run(project, device="cpu", steps=STEPS).execute(note)
    assert finished.status == "completed", finished.message
    return losses, validated[-1]


def stored(project: Project) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Inputs and labels of both parts, as they are fed."""
    with closing(Sources(compile(project))) as sources:
        (data,) = sources._data
        parts = []
        for part in (data.data.train, data.data.validation):
            assert part.target is not None
            rows = np.arange(len(part))
            parts.append(
                (torch.from_numpy(part.input.fetch(rows)).float(), torch.from_numpy(part.target.fetch(rows)))
            )
        return parts[0], parts[1]


def by_hand(
    project: Project, order: Tensor, weight: Tensor | None, *, squares: bool = False, ignored: int = -100
) -> tuple[list[float], nn.Linear]:
    (inputs, labels), _ = stored(project)
    torch.manual_seed(5)
    net = nn.Linear(5, 3)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1)
    losses = []
    for rows in order.split(BATCH)[:STEPS]:
        x, y = inputs[rows], labels[rows]
        if squares:
            each = F.cross_entropy(net(x), y, reduction="none")
            loss = (each * x[:, 0].square()).sum() / x[:, 0].square().sum()
        else:
            loss = F.cross_entropy(net(x), y, weight, ignore_index=ignored)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses, net


def shuffled(rows: int) -> Tensor:
    """Three epochs; the last, smaller batch of each is used."""
    generator = torch.Generator().manual_seed(5)
    return torch.cat([torch.randperm(rows, generator=generator) for _ in range(3)])


def balanced_weights(labels: Tensor) -> Tensor:
    counts = torch.bincount(labels, minlength=3)
    return len(labels) / (3 * counts)


@pytest.mark.parametrize("captured", [False, True])
def test_balanced_class_weights_are_those_of_a_loop_by_hand(
    uneven: dict[str, Any], captured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    graphs = RecordedGraphs() if captured else None
    monkeypatch.setattr(captured_steps, "backend_of", lambda _device: graphs)
    project = project_of(uneven, {"class_weights": "balanced"})
    (_, labels), held = stored(project)
    weight = balanced_weights(labels)
    expected, net = by_hand(project, shuffled(80), weight)
    losses, validated = told(project)
    assert losses == pytest.approx(expected, rel=1e-5)
    if graphs is not None:
        assert graphs.count("replay") > STEPS / 3
    mean = F.cross_entropy(net(held[0]), held[1], weight).item()
    assert validated.losses["objective"] == pytest.approx(mean, rel=1e-4)


@pytest.mark.parametrize("captured", [False, True])
def test_sample_weights_reach_the_loss_and_the_metric(
    uneven: dict[str, Any], captured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    graphs = RecordedGraphs() if captured else None
    monkeypatch.setattr(captured_steps, "backend_of", lambda _device: graphs)
    project = project_of(uneven, {}, weighted=True)
    expected, net = by_hand(project, shuffled(80), None, squares=True)
    losses, validated = told(project)
    assert losses == pytest.approx(expected, rel=1e-5)
    inputs, labels = stored(project)[1]
    right, weights = net(inputs).argmax(1) == labels, inputs[:, 0].square()
    accuracy = (right * weights).sum() / weights.sum()
    assert validated.metrics["accuracy"] == pytest.approx(accuracy.item(), rel=1e-4)


@pytest.mark.parametrize("captured", [False, True])
def test_ignored_labels_are_those_of_a_loop_by_hand(
    uneven: dict[str, Any], captured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    graphs = RecordedGraphs() if captured else None
    monkeypatch.setattr(captured_steps, "backend_of", lambda _device: graphs)
    project = project_of(uneven, {"ignore_index": [1]})
    expected, _ = by_hand(project, shuffled(80), None, ignored=1)
    assert told(project)[0] == pytest.approx(expected, rel=1e-5)


def test_balanced_sampling_is_that_of_torch(uneven: dict[str, Any]) -> None:
    project = project_of({**uneven, "sampling": "balanced"}, {})
    (_, labels), _ = stored(project)
    weights = 1.0 / torch.bincount(labels).double()[labels]
    sampler = WeightedRandomSampler(
        weights.tolist(), 80, replacement=True, generator=torch.Generator().manual_seed(5)
    )
    order = torch.tensor([row for _ in range(3) for row in sampler])
    assert told(project)[0] == pytest.approx(by_hand(project, order, None)[0], rel=1e-5)
    drawn = torch.bincount(labels[order], minlength=3)
    assert (drawn > len(order) / 3 / 1.5).all()


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("steps", [0, 3, 5, 7, 13])
def test_a_run_goes_on_at_any_batch_of_drawn_samples(
    uneven: dict[str, Any], steps: int, streamed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if streamed:
        monkeypatch.setattr(batches, "resident", lambda *_: None)
    plan = compile(project_of({**uneven, "sampling": "balanced"}, {}))
    with closing(Sources(plan)) as whole, closing(Sources(plan)) as second:
        for _ in range(steps):
            whole.next()
        second.next()
        second.resume(whole.state())
        for _ in range(8):
            first, other = whole.next(), second.next()
            assert all(torch.equal(first[end], other[end]) for end in first)


def test_a_pair_is_drawn_together(uneven: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("a,b\n" + "".join(f"{k},{k}\n" for k in range(100)))
    np.savez(tmp_path / "numbered.npz", x=np.arange(100.0)[:, None], y=np.repeat(np.arange(3), COUNTS))
    table = {"dataset": "csv-file", "path": str(tmp_path / "table.csv"), "scaling": "none"}
    nodes: list[Step] = [
        ("a", "data", {**uneven, "path": str(tmp_path / "numbered.npz"), "sampling": "balanced"}),
        ("b", "data", {**table, "paired_with": "a"}),
        *((f"see_{name}", "output", {"name": name}) for name in "ab"),
    ]
    wires = ["a.input -> see_a", "b.input -> see_b"]
    with closing(Sources(compile(Project(graphs={MAIN: graph(nodes, wires)})))) as sources:
        for _ in range(3):
            first, second = _inputs(sources)
            assert torch.equal(first[:, 0], second[:, 0])


def _inputs(sources: Sources) -> list[Tensor]:
    return [values for end, values in sources.next().items() if end.port == "input"]


def data_of(labels: np.ndarray | None, weight: np.ndarray | None = None) -> DataSet:
    rows = ArrayRows(np.zeros((6, 1), np.float32))
    more = {} if weight is None else {"weight": ArrayRows(weight)}
    part = DataSplit(rows, None if labels is None else ArrayRows(labels), more=more)
    return DataSet(DataInfo("x", "X", "table", 6, TensorSpec((N, 1)), None), part, part)


def test_chances_are_one_over_the_samples_of_the_class_or_the_weights() -> None:
    source = DataSource(sampling="balanced")
    found = chances("data", source, data_of(np.array([0, 0, 0, 2, 2, 5])))
    assert found is not None
    assert found.tolist() == pytest.approx([1 / 3] * 3 + [0.5] * 2 + [1.0])
    weights = np.array([1, 0, 2, 0, 0, 1], np.float32)
    found = chances("data", DataSource(sampling="weighted"), data_of(None, weights))
    assert found is not None
    assert set(BatchOrder(6, 6, 0, chances=found).permutation().tolist()) <= {0, 2, 5}
    assert chances("data", DataSource(), data_of(None)) is None


@pytest.mark.parametrize(
    ("sampling", "data", "message"),
    [
        ("balanced", data_of(None), "Expected one class for each sample.*Received no targets"),
        ("balanced", data_of(np.zeros(6, np.float32)), "Expected one class.*Received other targets"),
        ("weighted", data_of(None), "Expected a set with sample weights.*Received one without"),
        ("weighted", data_of(None, np.full(6, -1.0)), "Expected weights from 0 on"),
        ("weighted", data_of(None, np.zeros(6)), "Expected weights from 0 on, not all 0"),
    ],
)
def test_what_cannot_be_drawn_by_is_refused(sampling: str, data: DataSet, message: str) -> None:
    with pytest.raises(DataError, match=f"data: sampling: {message}"):
        chances("data", DataSource(sampling=sampling), data)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"dataset": "diabetes", "sampling": "balanced"}, "one class for each sample"),
        ({"dataset": "wine", "sampling": "weighted"}, "a set with sample weights"),
    ],
)
def test_sampling_without_classes_or_weights_is_told_before_a_run(
    changes: dict[str, Any], expected: str
) -> None:
    problem = next(one for one in infer(project_of(changes, {})).errors if one.path == "data")
    assert expected in problem.message
    (fix,) = problem.fixes
    fixed = fix.edit(project_of(changes, {}))
    assert all(one.path != "data" for one in infer(fixed).errors)


def test_classes_are_counted_over_pixels_without_those_that_are_ignored() -> None:
    masks = ArrayRows(np.array([[[0, 1], [255, 1]], [[2, 2], [2, 0]]], np.uint8))
    assert class_counts(masks, 4).tolist() == [2, 2, 3, 0]
    assert class_counts(masks, 4, (2,)).tolist() == [2, 2, 0, 0]


def test_balanced_weights_of_labels_that_are_no_data_sets_are_refused_before_a_run() -> None:
    nodes: list[Step] = [
        ("data", "data", {"dataset": "wine"}),
        ("linear", "linear", {"out_features": 3}),
        ("drawn", "class_labels", {"classes": 3}),
        ("loss", "cross_entropy", {"class_weights": "balanced"}),
        ("objective", "objective"),
    ]
    wires = [
        "data.input -> linear",
        "linear -> loss.logits",
        "drawn -> loss.label",
        "loss.loss -> objective.loss",
    ]
    project = Project(graphs={MAIN: graph(nodes, wires)})
    (problem,) = infer(project).errors
    assert problem.message.startswith("Cross-entropy: Expected labels of a data set, to count their classes.")
    assert not infer(problem.fixes[0].edit(project)).errors
    with pytest.raises(DataError, match="loss: class_weights: Expected the labels of a data set"):
        Sources(compile(project))
