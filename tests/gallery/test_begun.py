"""Projects that begin with weights from elsewhere have the tensors which those weights are for."""

from __future__ import annotations

from torch import Tensor

from engine.compile import compile  # noqa: A004
from engine.document.project import Project
from tests.engine import efficientnet
from tests.gallery.held import project


def tensors(drawing: Project) -> dict[str, Tensor]:
    return compile(drawing).model.state_dict()


def test_transfer_has_the_tensors_of_efficientnet_in_its_order() -> None:
    """So those of the package go in one after the other, up to the new head."""
    here, there = (tensors(one) for one in (project("transfer-emoji"), efficientnet.drawn(classes=10)))
    assert [tensor.shape for tensor in here.values()] == [tensor.shape for tensor in there.values()]
    frozen = {node.id for node in project("transfer-emoji").main.nodes.values() if node.frozen}
    learning = {name: tensor for name, tensor in here.items() if name.partition(".")[0] not in frozen}
    assert {name: tuple(tensor.shape) for name, tensor in learning.items()} == {
        "head.weight": (10, 1280),
        "head.bias": (10,),
    }


def test_the_classifier_has_the_tensors_of_the_run_that_finds_hidden_words() -> None:
    few, many = tensors(project("bert-classifier")), tensors(project("bert-definitions"))
    assert few.keys() - many.keys() == {"label.weight", "label.bias"}
    assert many.keys() - few.keys() == {"logits.weight", "logits.bias"}
    assert all(few[name].shape == many[name].shape for name in few.keys() & many.keys())
