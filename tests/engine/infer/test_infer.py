"""Inference: shapes with a symbolic batch, parameters, costs, and no trace left behind."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy
import pytest
import torch

from engine.document import edits
from engine.document.project import MAIN, Graph, Node, Project
from engine.infer import infer
from engine.infer.layer import CACHE, outcome_of
from nodes.registry import REGISTRY
from nodes.spec import BatchDim, N, TensorSpec
from tests.engine import resnet
from tests.engine.resnet import chain, conv, graph, project_of
from tests.engine.stacks import POOL, conv_layer, errors, lenet, stack

# Published numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("side", "padding"), [(32, 0), (28, 2)])
def test_lenet5_has_61706_parameters(side: int, padding: int) -> None:
    report = infer(lenet(side, padding))
    assert not errors(report)
    assert report.parameters == report.trainable_parameters == 61_706
    assert report.nodes["l0"].multiply_adds == 117_600
    assert report.nodes["l0"].outputs["output"] == TensorSpec((N, 6, 28, 28))
    assert "28" in report.nodes["l0"].arithmetic


def test_vgg16() -> None:
    layers: list[tuple[str, dict[str, Any]]] = []
    for channels, times in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        layers += [conv_layer(channels, 3, padding=1)] * times + [POOL]
    layers += [("flatten", {}), *(("linear", {"out_features": size}) for size in (4096, 4096, 1000))]
    report = infer(stack([3, 224, 224], *layers))
    assert report.parameters == 138_357_544
    assert report.multiply_adds == pytest.approx(15.47e9, rel=0.001)


@pytest.mark.parametrize(
    ("make", "parameters", "multiply_adds"),
    [
        (resnet.resnet18, 11_689_512, 1.814e9),
        (resnet.resnet50, 25_557_032, 4.089e9),
        (resnet.resnet152, 60_192_808, 11.51e9),
    ],
)
def test_resnets(make: Any, parameters: int, multiply_adds: float) -> None:
    report = infer(make())
    assert not errors(report)
    assert report.parameters == parameters
    assert report.multiply_adds == pytest.approx(multiply_adds, rel=0.001)
    assert report.outputs["prediction"] == TensorSpec((N, 1000))


def test_the_block_reports_all_its_copies() -> None:
    report = infer(resnet.resnet50())
    block = report.nodes["layer3"]
    assert block.inputs["x"] == (TensorSpec((N, 512, 28, 28)),)
    assert block.outputs["y"] == TensorSpec((N, 1024, 14, 14))
    assert block.parameters == 7_098_368  # layer3 of torchvision's resnet50
    assert report.nodes["layer3.0.conv2"].outputs["output"] == TensorSpec((N, 256, 14, 14))
    assert report.nodes["layer3.0.downsample.conv"].parameters == 512 * 1024
    assert "layer3.1.downsample.conv" not in report.nodes


def test_recurrent_and_attention_layers_count() -> None:
    lstm = infer(stack([100, 8], ("lstm", {"hidden_size": 16})))
    assert lstm.multiply_adds == 100 * 4 * 16 * (8 + 16)
    nodes = [Node("x", "noise", {"shape": [50, 64]}), Node("a", "multi_head_attention", {"num_heads": 4})]
    ports = [port.name for port in REGISTRY.make("multi_head_attention").input_ports() if not port.optional]
    attention = infer(project_of(nodes, [f"x.output > a.{port}" for port in ports]))
    assert not errors(attention)
    projections, products = 4 * 50 * 64 * 64, 2 * 50 * 50 * 64
    assert attention.multiply_adds == projections + products


# Sharing, freezing, memory ----------------------------------------------------------------------------------


def shared(first: list[int], second: list[int], layer: Node) -> Project:
    definition = graph([layer], chain("@in", layer.id, "@out"), inputs=("x",), outputs=("y",))
    nodes = [Node("a", "noise", {"shape": first}), Node("b", "noise", {"shape": second})]
    nodes += [Node(f"on_{name}", "network", {"definition": "net"}) for name in "ab"]
    return project_of(nodes, ["a.output > on_a.x", "b.output > on_b.x"], net=definition)


def test_one_network_placed_twice_counts_once() -> None:
    report = infer(shared([20], [20], Node("fc", "linear", {"out_features": 3})))
    assert report.parameters == 63
    assert report.nodes["on_a"].parameters == report.nodes["on_b"].parameters == 63
    assert not errors(report)


def test_shared_weights_of_two_shapes_are_a_problem() -> None:
    report = infer(shared([20], [30], Node("fc", "linear", {"out_features": 3})))
    assert [(problem.path, problem.received) for problem in report.errors] == [("on_b.fc", "3×30")]


def test_frozen_weights_are_not_trainable() -> None:
    project = edits.set_frozen(lenet(32, 0), MAIN, ["l0"], True)
    report = infer(project)
    assert report.parameters - report.trainable_parameters == 156


def test_training_memory_grows_with_the_batch_and_the_optimiser() -> None:
    def trained(optimiser: str, batch: int) -> int:
        nodes = [
            Node("data", "data"),
            Node("flat", "flatten"),
            Node("fc", "linear", {"out_features": 10}),
            Node("loss", "cross_entropy"),
            Node("train", "objective", {"optimiser": optimiser, "momentum": 0.0}),
        ]
        wires = ["data.input > flat.input", "flat.output > fc.input", "fc.output > loss.logits"]
        wires += ["data.target > loss.label", "loss.loss > train.loss"]
        project = edits.set_settings(project_of(nodes, wires), batch_size=batch)
        report = infer(project)
        assert not errors(report)
        assert not [problem.message for problem in report.problems]
        return report.training_bytes

    weights = 4 * 7850
    assert trained("adam", 10) - trained("sgd", 10) == 2 * weights
    assert trained("adam", 20) - trained("adam", 10) == trained("adam", 30) - trained("adam", 20) > 0


def test_a_drawing_of_a_billion_weights_takes_no_memory() -> None:
    gc.collect()
    tracemalloc.start()
    before = _resident()
    report = infer(
        stack([1000], ("linear", {"out_features": 1_000_000}), ("linear", {"out_features": 1_000}))
    )
    assert report.parameters > 2_000_000_000
    assert _resident() - before < 200_000_000
    assert tracemalloc.get_traced_memory()[1] < 50_000_000
    tracemalloc.stop()


def _resident() -> int:
    import psutil

    return int(psutil.Process().memory_info().rss)


def test_random_state_is_untouched() -> None:
    CACHE.clear()
    before = torch.random.get_rng_state()
    layers = [("conv2d", {}), ("batch_norm2d", {}), ("dropout", {}), ("flatten", {}), ("linear", {})]
    assert not errors(infer(stack([3, 16, 16], *layers)))
    assert torch.equal(before, torch.random.get_rng_state())


# The batch stays a symbol -----------------------------------------------------------------------------------


def test_batch_norm_on_single_pixels_is_fine() -> None:
    report = infer(stack([8, 1, 1], ("batch_norm2d", {}), ("flatten", {}), ("batch_norm1d", {})))
    assert not errors(report)
    assert report.nodes["l2"].outputs["output"] == TensorSpec((N, 8))


def test_sizes_that_equal_the_trial_batch_stay_numbers() -> None:
    report = infer(stack([1009], ("linear", {"out_features": 1013}), ("linear", {"out_features": 1009})))
    assert report.nodes["l0"].outputs["output"] == TensorSpec((N, 1013))
    assert report.nodes["l1"].outputs["output"] == TensorSpec((N, 1009))


def test_multiples_of_the_batch_are_symbols_too() -> None:
    layer = REGISTRY.make("reshape", {"shape": [-1, 2], "regroup": True})
    if outcome_of(layer, (TensorSpec((N, 4)),)).fault is None:
        shape = outcome_of(layer, (TensorSpec((N, 4)),)).report.outputs["output"].shape
        assert shape in ((BatchDim(2), 2), (N, 2, 2))


@pytest.mark.parametrize(
    "name", [name for name, layer in REGISTRY.items() if layer.role.value in ("module", "loss")]
)
def test_every_layer_infers_its_example_and_that_is_what_comes_out(name: str) -> None:
    """Against the layer's own module with real tensors of another batch size."""
    layer = REGISTRY.make(name)
    inputs = layer.example_inputs()
    outcome = outcome_of(layer, inputs)
    assert outcome.fault is None
    specs = [spec for entry in inputs for spec in (entry if isinstance(entry, tuple) else (entry,))]
    given = [None if spec is None else _real(spec, 5) for spec in specs]
    found = layer.build(*inputs)(*given)
    found = found if isinstance(found, tuple) else (found,)
    for spec, tensor in zip(outcome.report.outputs.values(), found, strict=True):
        assert (
            tuple(dim.times * 5 if isinstance(dim, BatchDim) else dim for dim in spec.shape) == tensor.shape
        )
        assert f"torch.{spec.dtype}" == str(tensor.dtype)


def _real(spec: TensorSpec, batch: int) -> torch.Tensor:
    shape = [dim.times * batch if isinstance(dim, BatchDim) else dim for dim in spec.shape]
    if spec.is_float:
        return torch.rand(shape)
    return torch.randint(0, spec.classes or 2, shape)


# A broken part does not stop the rest -----------------------------------------------------------------------


def test_only_the_root_cause_is_told_and_the_rest_has_shapes() -> None:
    nodes = [
        Node("image", "noise", {"shape": [3, 8, 8]}),
        conv("bad", 8, 9),
        Node("after", "relu"),
        Node("then", "flatten"),
        Node("fine", "flatten"),
    ]
    report = infer(project_of(nodes, [*chain("image", "bad", "after", "then"), *chain("image", "fine")]))
    assert [problem.node for problem in report.errors] == ["bad"]
    assert report.nodes["fine"].outputs["output"] == TensorSpec((N, 192))
    assert not {"bad", "after", "then"} & set(report.nodes)
    (problem,) = report.errors
    assert problem.arithmetic
    assert problem.expected
    assert problem.received


def test_an_unreadable_data_set_is_a_problem_of_its_node() -> None:
    nodes = [
        Node("data", "data", {"dataset": "image-folder", "path": "/nowhere/at/all"}),
        Node("flat", "flatten"),
    ]
    report = infer(project_of(nodes, ["data.input > flat.input"]))
    assert [problem.node for problem in report.errors] == ["data"]
    assert "nowhere" in report.errors[0].message


def test_two_outputs_of_one_name_are_told() -> None:
    nodes = [Node("x", "noise"), Node("a", "output"), Node("b", "output")]
    report = infer(project_of(nodes, ["x.output > a.input", "x.output > b.input"]))
    assert [(problem.node, problem.severity) for problem in report.problems] == [("b", "warning")]


def test_classes_beyond_the_logits_are_a_problem() -> None:
    nodes = [Node("data", "data"), Node("flat", "flatten"), Node("fc", "linear", {"out_features": 7})]
    nodes.append(Node("loss", "cross_entropy"))
    wires = [*chain("flat", "fc"), "data.input > flat.input", "fc.output > loss.logits"]
    report = infer(project_of(nodes, [*wires, "data.target > loss.label"]))
    assert [problem.node for problem in report.errors] == ["loss"]


def test_a_torch_error_is_cleaned() -> None:
    message = odd(torch.nn.Linear(3, 4))
    assert "[N, 5]" in message
    assert "1009" not in message


class _Function(torch.nn.Module):
    def __init__(self, function: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        return self.function(given)


def odd(module: torch.nn.Module) -> str:
    """What is said of a layer with this module on N×5: its output, or its fault."""

    class _Odd(REGISTRY["relu"]):  # type: ignore[name-defined,misc]
        """A plug-in that does as it likes."""

        def build(self, features: TensorSpec) -> torch.nn.Module:
            return module

    outcome = outcome_of(_Odd(), (TensorSpec((N, 5)),))
    return outcome.fault.message if outcome.fault else str(outcome.report.outputs["output"])


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda x: x.T, "5×N"),
        (lambda x: x @ x.T, "N×N"),
        (lambda x: torch.cat([x, x]), "2·N×5"),
        (lambda x: x + torch.arange(x.shape[1]), "N×5"),
        (lambda x: x + torch.from_numpy(numpy.ones(5, "float32")), "N×5"),
        (lambda x: x.relu_(), "N×5"),
        (lambda x: torch.cat([x, x[:1]]), "grow with the batch"),
        (lambda x: x[: x.shape[0] // 2], "grow with the batch"),
        (lambda x: x if x.sum() > 0 else -x, "depend on values"),
        (lambda x: x.nonzero(), "depend on values"),
        (lambda x: (x, x), "1 tensors from its module"),
        (lambda x: x.view(7), "invalid for input of size"),
    ],
)
def test_modules_that_do_as_they_like(function: Callable[[torch.Tensor], torch.Tensor], said: str) -> None:
    assert said in odd(_Function(function))


def test_an_empty_drawing_has_nothing_to_say() -> None:
    report = infer(Project(graphs={MAIN: Graph()}))
    assert not report.nodes
    assert not report.problems
