"""Class numbers of which nobody knows that they are in range never reach a kernel that would end CUDA."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from engine.document.project import MAIN, Project
from engine.infer.inference import infer
from engine.messages.events import Finished
from engine.run.run import Run
from nodes.layers.dense import Embedding
from nodes.modules.devices.bounded import Bounded
from nodes.spec import N, TensorSpec
from nodes.training.loss import CrossEntropy
from tests.drawings import graph

KNOWN, UNKNOWN = TensorSpec((N,), "int64", classes=3), TensorSpec((N,), "int64")


def doubled(loss: str = "cross_entropy", **more: Any) -> Project:
    """A classifier whose labels are added to others: 0 to 18, for 10 scores."""
    steps: list[Any] = [
        *(("data", "data", {"dataset": "digits"}), ("flatten", "flatten")),
        *(("linear", "linear", {"out_features": 10}), ("twice", "add"), ("other", "class_labels")),
        *(("loss", loss, more), ("objective", "objective")),
    ]
    wires = [
        *("data.input -> flatten", "flatten -> linear", "linear -> loss.logits", "twice -> loss.label"),
        *("data.target -> twice.input", "other -> twice.input", "loss.loss -> objective.loss"),
    ]
    return Project(graphs={MAIN: graph(steps, wires)})


def ended(project: Project, **rest: Any) -> Finished:
    return Run(project, device="cpu", **rest).execute(lambda event: None)


def test_labels_that_were_added_have_no_number_of_classes() -> None:
    report = infer(doubled())
    assert report.nodes["twice"].outputs["output"].classes is None
    assert not report.problems


def test_a_label_that_is_no_class_ends_the_run_in_words() -> None:
    finished = ended(doubled(), steps=20)
    assert finished.reason == "diverged"
    assert "loss: Expected indices from 0 to 9. Received others." in finished.message
    assert "Correct the labels" in finished.message
    assert "learning rate" not in finished.message


@pytest.mark.parametrize(("spec", "checked"), [(KNOWN, False), (UNKNOWN, True)])
def test_only_what_is_not_known_is_checked(spec: TensorSpec, checked: bool) -> None:
    made = CrossEntropy().build(TensorSpec((N, 3)), spec), Embedding(num_embeddings=3).build(spec)
    assert [isinstance(module, Bounded) for module in made] == [checked, checked]


def test_within_range_the_results_are_those_of_torch() -> None:
    label, logits = torch.tensor([0, 2, 1]), torch.randn(3, 3)
    loss = CrossEntropy().build(TensorSpec((N, 3)), UNKNOWN)
    assert torch.equal(loss(logits, label), nn.functional.cross_entropy(logits, label))
    vectors = Embedding(num_embeddings=3, embedding_dim=4).build(UNKNOWN)
    assert torch.equal(vectors(label), nn.functional.embedding(label, vectors.weight))
    assert not vectors.met_outside


@pytest.mark.parametrize("bad", [-1, 3, -100, 2**40])
def test_outside_the_result_is_not_a_number(bad: int) -> None:
    label, logits = torch.tensor([0, bad, 1]), torch.randn(3, 3, requires_grad=True)
    loss = CrossEntropy().build(TensorSpec((N, 3)), UNKNOWN)
    assert loss(logits, label).isnan()
    vectors = Embedding(num_embeddings=3, embedding_dim=4).build(UNKNOWN)
    assert vectors(label).isnan().any(1).tolist() == [False, True, False]
    assert vectors.met_outside
    assert loss.met_outside
    assert loss.limit == 3
