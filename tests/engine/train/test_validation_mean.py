"""Validation losses and metrics are means over all that counts, whatever the batches: compared with NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from engine.compile import compile  # noqa: A004
from engine.data import catalogue
from engine.document.project import MAIN, Project
from engine.feed.sources import Sources
from engine.train.validation import validate
from nodes.modules.loss import Counting
from nodes.spec import Layer, N, TensorSpec
from nodes.training.loss import MAE, MSE, BinaryCrossEntropy, CrossEntropy, Dice, Huber, PerceptronCriterion
from tests.drawings import graph, with_settings
from tests.engine.data.sources import source

BATCHES = (1, 7, 16, 64)
CLASS_WEIGHTS = [0.5, 2.0, 1.0]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """53 rows of two numbers, one of three classes, and a weight that is 0 for some."""
    rng = np.random.default_rng(0)
    lines = [
        f"{a:.4f},{b:.4f},{'rst'[int(rng.integers(3))]},{rng.integers(0, 5) / 2}"
        for a, b in rng.normal(size=(53, 2))
    ]
    path = tmp_path_factory.mktemp("mean") / "t.csv"
    path.write_text("a,b,y,w\n" + "\n".join(lines) + "\n")
    return {"dataset": "csv-file", "path": str(path), "target_columns": "y", "weight_column": "w",
            "validation": 0.45}  # fmt: skip


def project_of(data: dict[str, Any], loss: dict[str, Any], metric: dict[str, Any]) -> Project:
    nodes = [
        ("data", "data", data),
        ("linear", "linear", {"out_features": 3}),
        ("loss", "cross_entropy", loss),
        ("accuracy", "accuracy", metric),
        ("objective", "objective", {"weights": [2.0]}),
    ]
    wires = ["data.input -> linear", "loss.loss -> objective.loss"]
    for name, params in (("loss", loss), ("accuracy", metric)):
        wires += [f"linear -> {name}.logits", f"data.target -> {name}.label"]
        wires += [f"data.weight -> {name}.weight"] if params.get("weighted") else []
    return Project(graphs={MAIN: graph(nodes, wires)})


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ignored", [False, True])
@pytest.mark.parametrize("by_class", [False, True])
def test_the_loss_and_the_accuracy_are_those_of_numpy_for_any_batch(
    table: dict[str, Any], weighted: bool, ignored: bool, by_class: bool
) -> None:
    shared: dict[str, Any] = {"weighted": weighted} | ({"ignore_index": [1]} if ignored else {})
    loss = shared | ({"class_weights": "given", "weights": CLASS_WEIGHTS} if by_class else {})
    found = []
    for batch in BATCHES:
        plan = compile(with_settings(project_of(table, loss, shared), batch_size=batch), torch.device("cpu"))
        measured = validate(plan, Sources(plan))
        assert measured is not None
        found.append((measured.losses["objective"], measured.metrics["accuracy"]))
    part = catalogue.load(source("csv-file", **{k: v for k, v in table.items() if k != "dataset"})).validation
    rows = np.arange(len(part))
    assert len(part) % 7
    assert part.target is not None
    assert part.input_scaling is not None
    inputs = (part.input.fetch(rows) - np.array(part.input_scaling.mean)) / np.array(
        part.input_scaling.deviation
    )
    state = {name: tensor.numpy().astype(np.float64) for name, tensor in plan.model.state_dict().items()}
    scores, label = inputs @ state["linear.weight"].T + state["linear.bias"], part.target.fetch(rows)
    each = np.log(np.exp(scores).sum(1)) - scores[rows, label]
    counts = np.where(ignored & (label == 1), 0.0, 1.0)
    counts = counts * (part.more["weight"].fetch(rows) if weighted else 1.0)
    of_loss = counts * (np.array(CLASS_WEIGHTS)[label] if by_class else 1.0)
    wanted = 2.0 * (each * of_loss).sum() / of_loss.sum()
    right = ((scores.argmax(1) == label) * counts).sum() / counts.sum()
    assert np.array(found) == pytest.approx(np.array([(wanted, right)] * len(BATCHES)), rel=1e-5)


LABELS = TensorSpec((N, 4), "int64", classes=3)
LOSSES: list[tuple[Layer, tuple[TensorSpec, ...]]] = [
    *((CrossEntropy(**own), (TensorSpec((N, 4, 3)), LABELS)) for own in (
        {}, {"weighted": True}, {"ignore_index": [0, 2]}, {"weighted": True, "ignore_index": [1]},
        {"class_weights": "given", "weights": CLASS_WEIGHTS, "label_smoothing": 0.2},
        {"class_weights": "given", "weights": CLASS_WEIGHTS, "weighted": True, "ignore_index": [1]})),
    (CrossEntropy(weighted=True, class_dim="channel"), (TensorSpec((N, 3, 4)), LABELS)),
    (CrossEntropy(weighted=True), (TensorSpec((N, 4, 3)), TensorSpec((N, 4, 3)))),
    (CrossEntropy(ignore_index=[1]), (TensorSpec((N, 4, 3)), TensorSpec((N, 4), "int64"))),
    *((kind(weighted=True), (TensorSpec((N, 4)), TensorSpec((N, 4))))
      for kind in (BinaryCrossEntropy, MSE, MAE, Huber)),
    (PerceptronCriterion(weighted=True, reduction="mean"), (TensorSpec((N, 4)), TensorSpec((N, 4)))),
    (Dice(weighted=True), (TensorSpec((N, 3, 4, 4)), TensorSpec((N, 4, 4), "int64", classes=3))),
]  # fmt: skip


@pytest.mark.parametrize(
    ("layer", "specs"), LOSSES, ids=[f"{i} {one[0].title}" for i, one in enumerate(LOSSES)]
)
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 999), cuts=st.sets(st.integers(1, 10), max_size=4))
def test_batches_put_together_by_what_they_count_are_the_whole(
    layer: Layer, specs: tuple[TensorSpec, ...], seed: int, cuts: set[int]
) -> None:
    generator, count = torch.Generator().manual_seed(seed), 11
    weighted = len(layer.input_ports()) > 2
    module = layer.build(*specs, *([TensorSpec((N,))] if weighted else []))

    def made(spec: TensorSpec) -> Tensor:
        shape = (count, *spec.shape[1:])
        if spec.is_float:
            return torch.rand(shape, generator=generator, dtype=torch.float64)
        return torch.randint(3, shape, generator=generator)

    inputs = [made(spec) for spec in specs]
    inputs += [torch.randint(3, (count,), generator=generator) / 2] if weighted else []
    total = weight = torch.zeros((), dtype=torch.float64)
    for part in zip(*(torch.tensor_split(one, sorted(cuts)) for one in inputs), strict=True):
        counted = module.counted(*part) if isinstance(module, Counting) else None
        counts = len(part[0]) if counted is None else counted
        total, weight = total + module(*part) * counts, weight + counts
    assert torch.allclose(total / torch.where(weight > 0, weight, 1.0), module(*inputs).double(), atol=1e-6)
