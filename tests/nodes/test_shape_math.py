"""Layers that rearrange, resize and calculate: values, told sums, what is refused and how it is fixed."""

from __future__ import annotations

import pytest
import torch

from nodes.layers.math import Add, Divide, Function, MatMul, Multiply, Scale, Subtract
from nodes.layers.padding import Pad
from nodes.layers.resize import Patches, PixelShuffle, Reduce, Upsample
from nodes.layers.shape import Concat, Flatten, Permute, Reshape, Select, Slice, Split
from nodes.spec import BatchDim, InsertBefore, Layer, SetParam, TensorSpec
from tests.nodes.fixes_tried import assert_fixed, refusal, says, spec

IMAGE = torch.arange(24.0).reshape(1, 2, 3, 4)
GIVEN = spec(2, 3, 4)


def run(layer: Layer, *values: torch.Tensor) -> torch.Tensor:
    specs = tuple(spec(*value.shape[1:]) for value in values)
    inputs = (specs,) if layer.inputs[-1].variadic else specs
    layer.check(*inputs)
    return layer.build(*inputs)(*values)


def test_flatten_tells_its_product() -> None:
    assert Flatten().arithmetic((spec(6, 14, 14),), (spec(1176),)) == "6·14·14 = 1176"
    assert run(Flatten(), IMAGE).shape == (1, 24)
    assert run(Flatten(start=2), IMAGE).shape == (1, 2, 12)
    assert Flatten().card_label() == ""
    assert_fixed(Flatten(start=4), GIVEN, count=1)


def test_reshape() -> None:
    assert torch.equal(run(Reshape(shape=[4, 6]), IMAGE), IMAGE.reshape(1, 4, 6))
    assert run(Reshape(shape=[-1, 8]), IMAGE).shape == (1, 3, 8)
    assert Reshape(shape=[4, 6]).arithmetic((GIVEN,), (spec(4, 6),)) == "2·3·4 = 4·6"
    error = assert_fixed(Reshape(shape=[5, 4]), GIVEN)
    assert error.fixes == (SetParam("shape", [-1, 4]),)
    assert error.arithmetic == "24 ≠ 5·4 = 20"
    assert says(error, "Expected a shape of 24 values, as N×2×3×4 has. Received 5×4.")
    assert assert_fixed(Reshape(shape=[5, 7]), GIVEN).fixes == (SetParam("shape", [-1]),)
    assert_fixed(Reshape(shape=[-1, -1]), GIVEN)
    assert_fixed(Reshape(shape=[0, 4]), GIVEN)


def test_regrouping_moves_time_into_the_batch_and_back() -> None:
    films, split = torch.arange(48.0).reshape(2, 4, 6), Reshape(shape=[4, 6], regroup=True)
    frames = run(Reshape(shape=[6], regroup=True), films)
    assert frames.shape == (8, 6)
    four_times = TensorSpec((BatchDim(4), 6))
    split.check(four_times)
    assert torch.equal(split.build(four_times)(frames), films)
    error = assert_fixed(split, spec(6))
    assert says(error, "Expected sizes that divide 6 values, as N×6 has. Received 4×6.")


def test_permute_keeps_the_batch_first() -> None:
    assert run(Permute(order=[0, 2, 3, 1]), IMAGE).shape == (1, 3, 4, 2)
    assert assert_fixed(Permute(order=[1, 0, 2]), spec(5, 6)).fixes == (SetParam("order", [0, 2, 1]),)
    assert_fixed(Permute(), GIVEN)


def test_concat() -> None:
    assert run(Concat(), IMAGE, IMAGE, IMAGE).shape == (1, 6, 3, 4)
    specs = (spec(16, 8, 8), spec(3, 8, 8))
    assert Concat().arithmetic((specs,), (spec(19, 8, 8),)) == "16 + 3 = 19"
    error = assert_fixed(Concat(dimension=2), specs)
    assert error.fixes == (SetParam("dimension", 1),)
    error = refusal(Concat(), (spec(16, 8, 8), spec(16, 4, 4)))
    assert says(error, "sizes that agree everywhere but in dimension 1, as in N×16×8×8. Received N×16×4×4.")
    assert (error.fixes, error.wire) == ((InsertBefore("upsample", {"scale": 2.0}),), 1)
    assert refusal(Concat(), (spec(16, 8, 8), spec(16)))
    assert_fixed(Concat(dimension=0), specs)


def test_split_has_an_output_per_part() -> None:
    assert [port.name for port in Split(sizes=[1, 2, 3]).output_ports()] == ["part1", "part2", "part3"]
    parts = run(Split(parts=2, dimension=3), IMAGE)
    assert torch.equal(torch.cat(parts, 3), IMAGE)
    error = assert_fixed(Split(sizes=[3, 3]), spec(8, 4, 4))
    assert error.arithmetic == "3 + 3 = 6 ≠ 8"
    assert error.fixes == (SetParam("sizes", [3, 5]),)
    assert assert_fixed(Split(parts=3), spec(8, 4, 4)).fixes == (SetParam("parts", 2),)
    assert Split(sizes=[3, 5]).arithmetic((spec(8),), (spec(3), spec(5))) == "8 = 3 + 5"
    assert Split(sizes=[3, 5]).card_label() == "3 + 5"


def test_slice_and_select() -> None:
    assert torch.equal(run(Slice(dimension=3, start=1, stop=-1), IMAGE), IMAGE[..., 1:-1])
    assert torch.equal(run(Slice(step=2), IMAGE), IMAGE[:, ::2])
    assert torch.equal(run(Select(dimension=2), IMAGE), IMAGE[:, :, -1])
    error = refusal(Slice(start=5), spec(4, 6))
    assert says(error, "a range with at least one of the 4 places")
    assert assert_fixed(Select(index=4), spec(4, 6)).fixes == (SetParam("index", -1),)
    assert_fixed(Select(dimension=0), spec(4, 6))
    assert Slice(start=2, stop=5).card_label() == "2:5"
    assert Select(dimension=2).card_label() == "[-1] · dim 2"


def test_pad() -> None:
    assert run(Pad(amounts=[1, 2]), IMAGE).shape == (1, 2, 3, 7)
    assert run(Pad(amounts=[1, 1, 2, 2], mode="reflect"), IMAGE)[0, 0, 2, 0] == IMAGE[0, 0, 0, 1]
    assert run(Pad(amounts=[1, 0], value=9.0), IMAGE)[0, 0, 0, 0] == 9
    assert_fixed(Pad(amounts=[1, 2, 3]), GIVEN)
    assert_fixed(Pad(amounts=[1, 1], mode="reflect"), GIVEN, count=2)
    assert_fixed(Pad(amounts=[4, 1, 0, 0], mode="reflect"), GIVEN)


def test_upsample() -> None:
    assert run(Upsample(), IMAGE)[0, 0, 0].tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert Upsample(scale=1.5).arithmetic((spec(1, 3, 3),), (spec(1, 4, 4),)) == "⌊3·1.5⌋ = 4"
    assert_fixed(Upsample(mode="cubic"), spec(2, 8))
    assert_fixed(Upsample(scale=0.2), spec(2, 4, 4))


def test_pixel_shuffle_and_patches() -> None:
    assert run(PixelShuffle(), torch.zeros(1, 8, 3, 3)).shape == (1, 2, 6, 6)
    assert_fixed(PixelShuffle(), spec(6, 3, 3))
    image = torch.arange(32.0).reshape(1, 2, 4, 4)
    rows = run(Patches(size=2), image)
    assert rows.shape == (1, 4, 8)
    assert torch.equal(rows[0, 1], image[0, :, :2, 2:].flatten())
    error = assert_fixed(Patches(size=5), spec(1, 28, 28))
    assert error.fixes == (SetParam("size", 4),)
    assert Patches(size=4).arithmetic((spec(1, 28, 28),), (spec(49, 16),)) == "7·7 = 49 patches"


@pytest.mark.parametrize(
    ("operation", "expected"), [("mean", 11.5), ("sum", 276), ("max", 23), ("min", 0), ("variance", 575 / 12)]
)
def test_reduce(operation: str, expected: float) -> None:
    reduced = run(Reduce(operation=operation, dimensions=[1, 2, 3]), IMAGE)
    assert reduced.tolist() == pytest.approx([expected])


def test_reduce_refusals() -> None:
    assert run(Reduce(operation="norm"), torch.tensor([[3.0, 4.0]])).item() == 5
    assert_fixed(Reduce(dimensions=[0]), GIVEN)
    assert_fixed(Reduce(dimensions=[1, -3]), GIVEN)


def test_sums_and_products() -> None:
    a, b, c = torch.ones(2, 3), torch.full((2, 3), 2.0), torch.full((2, 1), 5.0)
    assert run(Add(), a, b, c).unique().tolist() == [8]
    assert run(Multiply(), a, b, c).unique().tolist() == [10]
    assert run(Subtract(), a, b).unique().tolist() == [-1]
    assert run(Divide(), a, b).unique().tolist() == [0.5]
    assert run(Divide(epsilon=0.5), a, b * 0).unique().tolist() == [2]


def test_a_shortcut_that_does_not_fit_gets_a_projection() -> None:
    error = assert_fixed(Add(), (spec(64, 8, 8), spec(32, 8, 8)))
    assert error.fixes == (InsertBefore("conv2d", {"out_channels": 64, "kernel_size": 1}),)
    error = assert_fixed(Add(), (spec(10, 64), spec(10, 32)))
    assert error.fixes == (InsertBefore("linear", {"out_features": 64}),)
    error = refusal(Add(), (spec(64, 8, 8), spec(64, 4, 4)))
    assert says(error, "Received N×64×4×4")
    assert (error.fixes, error.wire) == ((InsertBefore("upsample", {"scale": 2.0}),), 1)
    assert not refusal(Add(), (spec(64, 8, 8), spec(64, 3, 5))).fixes
    strided = {"out_channels": 64, "kernel_size": 1, "stride": 2}
    error = assert_fixed(Add(), (spec(64, 7, 7), spec(64, 7, 7), spec(32, 13, 13)))
    assert (error.fixes, error.wire) == ((InsertBefore("conv2d", strided),), 2)
    assert_fixed(Subtract(), spec(8), spec(4))
    assert refusal(Multiply(), (spec(8), spec(5, 7)))
    Multiply().check((spec(64, 8, 8), spec(64, 1, 1)))


def test_matrix_products() -> None:
    a, b = torch.randn(2, 3, 4), torch.randn(2, 5, 4)
    assert torch.equal(run(MatMul(transpose=True), a, b), a @ b.transpose(1, 2))
    error = assert_fixed(MatMul(), spec(3, 4), spec(5, 4))
    assert error.arithmetic == "4 ≠ 5"
    assert error.fixes == (SetParam("transpose", True),)
    assert not refusal(MatMul(), spec(3, 4), spec(5, 6)).fixes
    assert refusal(MatMul(), spec(2, 3, 4), spec(3, 4, 5)).port == "b"
    assert MatMul(transpose=True).arithmetic((spec(3, 4), spec(5, 4)), (spec(3, 5),)) == "3×4 @ 5×4ᵀ = 3×5"


def test_scale_and_functions() -> None:
    assert run(Scale(factor=2.0, offset=-1.0), torch.tensor([[3.0]])).item() == 5
    assert [name for name, _ in Scale(learned=True).build(spec(1)).named_parameters()] == ["factor", "offset"]
    assert not Scale().build(spec(1)).state_dict()
    assert Scale(factor=-2.0, offset=-1.0, learned=True).card_label() == "×−2 − 1 · learned"
    assert run(Function(function="square"), torch.tensor([[3.0]])).item() == 9
