"""Comparing, casting, choosing, gathering: torch's values, what is out of range, what is refused."""

from __future__ import annotations

import operator

import pytest
import torch

from nodes.layers.indexing import (
    ArgMax,
    Cast,
    Compare,
    CumulativeSum,
    Gather,
    LargestValues,
    OuterProduct,
    WhereMet,
)
from nodes.spec import InsertBefore, SetParam, TensorSpec
from nodes.training.loss import CrossEntropy
from tests.nodes.fixes_tried import assert_fixed, labels, refusal, says, spec

X = torch.tensor([[1.0, -2.0, 3.0], [0.0, 5.0, -1.0]])
ASKED = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt,
    "<=": operator.le, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


@pytest.mark.parametrize("name", ASKED)
def test_comparisons_with_a_number_and_with_another_tensor(name: str) -> None:
    layer = Compare(operation=name, value=-1.0)
    found = layer.build(spec(3), None)(X)
    assert found.dtype == torch.bool
    assert torch.equal(found, ASKED[name](X, -1.0))
    tokens = torch.tensor([[0, 4, 4], [1, 0, 0]])
    assert torch.equal(layer.build(labels(3), None)(tokens), ASKED[name](tokens, -1))
    other = torch.tensor([[1.0], [-1.0]])
    assert torch.equal(layer.build(spec(3), spec(1))(X, other), ASKED[name](X, other))
    assert layer.output_classes(spec(3), None) == {"output": 2}
    assert refusal(layer, spec(3), spec(4)).port == "b"


def test_casts_cut_off_and_keep_classes() -> None:
    assert Cast(to="int").build(spec(3))(X + 0.9 * X.sign()).tolist() == [[1, -2, 3], [0, 5, -1]]
    assert Cast(to="bool").build(spec(3))(X).tolist() == [[True, True, True], [False, True, True]]
    assert Cast().build(labels(3))(X.long()).dtype == torch.float32
    assert Cast().build(spec(3))(X.double()).dtype == torch.float64
    assert Cast(to="int").output_classes(labels(3, classes=7)) == {"output": 7}
    assert Cast(to="int").output_classes(TensorSpec((4, 3), "bool")) == {"output": 2}
    assert Cast().output_classes(labels(3)) == {}


def test_where_takes_from_one_or_the_other_and_so_do_gradients() -> None:
    condition = X > 0
    a, b = X.clone().requires_grad_(), (X * 10).requires_grad_()
    left = WhereMet().build(spec(3), spec(3), spec(3))(condition.float(), a, b)
    assert torch.equal(left, torch.where(condition, X, X * 10))
    left.sum().backward()
    assert torch.equal(a.grad, condition.float())
    assert torch.equal(b.grad, (~condition).float())
    assert torch.equal(WhereMet(value=7.0).build(spec(3), spec(3), None)(condition, X), X.where(condition, 7))
    tokens = WhereMet(value=3.0).build(spec(3), labels(3), None)(condition, X.long())
    assert tokens.dtype == torch.int64
    assert torch.equal(tokens, X.long().where(condition, 3))
    assert WhereMet(value=12.0).output_classes(spec(3), labels(3), None) == {"output": 13}
    assert refusal(WhereMet(), spec(4), spec(3), None).port == "a"
    assert says(refusal(WhereMet(), spec(3), spec(3), labels(3)), "put Cast before it")


def test_the_most_likely_class() -> None:
    x = torch.randn(4, 6, 5)
    assert torch.equal(ArgMax().build(spec(6, 5))(x), x.argmax(-1))
    assert torch.equal(ArgMax(dimension=1, least=True).build(spec(6, 5))(x), x.argmin(1))
    assert ArgMax(dimension=1).output_classes(spec(6, 5)) == {"output": 6}
    assert_fixed(ArgMax(dimension=3), spec(6, 5))


def test_places_are_taken_for_each_sample() -> None:
    x, one = torch.randn(4, 6, 5), torch.tensor([5, 0, 2, 3])
    several = torch.tensor([[0, 5], [1, 1], [3, 2], [4, 0]])
    for kind in (labels(classes=6), labels(classes=None)):
        assert torch.equal(Gather().build(spec(6, 5), kind)(x, one), x[torch.arange(4), one])
    found = Gather().build(spec(6, 5), labels(2, classes=6))(x, several)
    assert torch.equal(found, torch.stack([x[i, several[i]] for i in range(4)]))
    found = Gather(dimension=-1).build(spec(6, 5), labels(2, classes=5))(x, several.clamp(max=4))
    assert torch.equal(found, torch.stack([x[i][:, several[i].clamp(max=4)] for i in range(4)]))
    whole = torch.randint(6, (4, 3, 5))
    found = Gather().build(spec(6, 5), labels(3, 5, classes=6))(x, whole)
    assert torch.equal(found, x.gather(1, whole))
    tokens = torch.randint(10, (4, 6))
    assert torch.equal(Gather().build(labels(6), labels())(tokens, one), tokens[torch.arange(4), one])


def test_a_place_that_is_not_there_is_nan_and_remembered() -> None:
    module = Gather().build(spec(6, 5), labels(classes=None)).train()
    found = module(torch.randn(3, 6, 5), torch.tensor([0, 6, -1]))
    assert found.isnan().any(1).tolist() == [False, True, True]
    assert module.met_outside
    assert refusal(Gather(), spec(6, 5), labels(classes=9)).port == "index"
    assert refusal(Gather(), spec(6, 5), labels(3, 4, classes=6)).port == "index"
    assert refusal(Gather(), spec(6, 5), TensorSpec(spec(6).shape, "bool")).port == "index"


def test_running_sums_products_and_the_largest() -> None:
    x = torch.randn(4, 6, 5)
    assert torch.equal(CumulativeSum().build(spec(6, 5))(x), x.cumsum(1))
    reverse = CumulativeSum(reverse=True, dimension=-1).build(spec(6, 5))(x)
    assert torch.allclose(reverse, torch.stack([x[..., i:].sum(-1) for i in range(5)], -1), atol=1e-6)
    assert CumulativeSum().build(TensorSpec((4, 3), "bool"))(X > 0).tolist() == [[1, 1, 2], [0, 1, 1]]
    a, b = torch.randn(4, 2, 3), torch.randn(4, 2, 5)
    assert torch.equal(
        OuterProduct().build(spec(2, 3), spec(2, 5))(a, b), torch.einsum("...i,...j->...ij", a, b)
    )
    assert refusal(OuterProduct(), spec(2, 3), spec(3, 5)).port == "b"
    values, places = LargestValues(k=2).build(spec(6, 5))(x)
    assert torch.equal(values, x.sort(-1, descending=True).values[..., :2])
    assert torch.equal(x.gather(-1, places), values)
    assert assert_fixed(LargestValues(k=9), spec(6, 5)).fixes == (SetParam("k", 5),)


def test_yes_and_no_are_no_class_numbers() -> None:
    answers = TensorSpec(spec().shape, "bool", 2)
    error = refusal(CrossEntropy(), spec(2), answers)
    assert error.fixes == (InsertBefore("cast", {"to": "int"}),)
