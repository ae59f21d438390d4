"""Cell: the terms of an element add up to what the network computes, whatever the layer."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from engine.compile import compile  # noqa: A004
from engine.document.project import Project
from engine.feed.sources import Sources
from engine.lens.cell.cell import ALL, MOST_TERMS, Cell, cell_of
from engine.lens.cell.registry import function_of, take_apart
from engine.lens.cell.target import Target
from engine.lens.cell.window import MOST_VALUES, window_of
from engine.lens.evaluate import look
from engine.lens.feeds import Feeds
from engine.lens.kinds.layers.cell import element
from engine.lens.registry import LENSES
from engine.messages.lens_request import LensRequest
from nodes.registry import REGISTRY
from nodes.spec import Layer, Role
from tests.drawings import convnet
from tests.gallery.held import project, report
from tests.nodes.battery import build, outputs, tensors
from tests.nodes.test_battery import VARIANTS

Arrays = dict[str, Any]


class Seeing:
    """A network with its pinned samples."""

    def __init__(self, drawing: Project) -> None:
        self.plan = compile(drawing)
        self.sources = Sources(self.plan)

    def at(self, path: str, sample: int = 0, **options: int) -> Arrays:
        feeds = Feeds(self.sources.sample(sample), self.sources.units(), self.sources.held)
        request = LensRequest("cell_terms", path, tuple(sorted(options.items())))
        looked = look(self.plan, feeds, [request], 0)
        assert not looked.failed
        return looked.frames[0].arrays


def check(arrays: Arrays) -> Cell:
    """Terms add up to their groups, groups and bias to the sum, and the value is that of the network."""
    cell = cell_of(arrays)
    assert cell.value == pytest.approx(float(arrays["seen"]), rel=1e-5, abs=1e-5)
    if cell.adds == ALL:
        window = window_of(arrays)
        missing = 0.0 if window is None else window.missing
        assert cell.parts.sum() + cell.bias.sum() + missing == pytest.approx(cell.total, rel=1e-5, abs=1e-5)
        terms = np.bincount(cell.group, cell.table[:, -1].astype(float), len(cell.groups)) + cell.rest
        assert terms == pytest.approx(cell.parts, rel=1e-4, abs=1e-4)
    return cell


def grid(rows: str) -> list[list[float]]:
    return [[float(value) for value in row.split()] for row in rows.split("/")]


@pytest.mark.parametrize(
    ("path", "sample", "expected"),
    [("cross", 0, "4 3 4/2 4 3/2 3 4"), ("corner", 1, "25 18 17/18 22 14/20 15 23")],
)
def test_the_worked_convolutions_term_by_term(path: str, sample: int, expected: str) -> None:
    """C1 and C2: nine products for each position, and the window gives the same at every place."""
    seeing = Seeing(project("convolution-by-hand"))
    window = window_of(seeing.at(path, sample))
    assert window is not None
    assert window.is_whole
    for row, values in enumerate(grid(expected)):
        for column, value in enumerate(values):
            cell = check(seeing.at(path, sample, row=row, column=column))
            assert cell.table.shape == (9, 3)
            assert (cell.table[:, 0] * cell.table[:, 1]).sum() == value == cell.value
            assert window.cell(row, column).value == value


def test_a_worked_convolution_in_words() -> None:
    cell = check(Seeing(project("convolution-by-hand")).at("cross", row=0, column=0))
    assert cell.line_of(0) == "1·1 + 1·0 + 1·1 + 0·0 + 1·1 + 1·0 + 0·1 + 0·0 + 1·1 = 4"


@pytest.mark.parametrize(
    ("path", "sample", "expected", "words"),
    [
        ("largest", 0, "8 6/9 9", "max(7, 3, 8, 7) = 8"),
        ("largest", 1, "6 8/3 4", "max(1, 1, 5, 6) = 6"),
        ("average", 0, "6.25 3.5/5.25 5.25", "(7 + 3 + 8 + 7) / 4 = 6.25"),
    ],
)
def test_the_worked_pooling_term_by_term(path: str, sample: int, expected: str, words: str) -> None:
    """C3."""
    seeing = Seeing(project("pooling-by-hand"))
    for row, values in enumerate(grid(expected)):
        for column, value in enumerate(values):
            assert check(seeing.at(path, sample, row=row, column=column)).value == value
    assert check(seeing.at(path, sample, row=0, column=0)).lines == (words,)


@pytest.mark.parametrize("path", ["identity", "gaussian", "sharpen", "edges"])
def test_the_fixed_kernels_at_an_edge_and_inside(path: str) -> None:
    """C4: beyond the edge stand zeros."""
    seeing = Seeing(project("fixed-kernels"))
    corner = check(seeing.at(path, row=0, column=0))
    assert np.all(corner.table[corner.places.min(axis=1) < 0, 0] == 0)
    assert (corner.places < 0).any()
    check(seeing.at(path, row=9, column=7))


def test_every_layer_of_lenet() -> None:
    seeing = Seeing(project("lenet5-fashion"))
    reports, lens = report("lenet5-fashion").nodes, LENSES["cell_terms"]
    seen = set()
    for path, node in seeing.plan.nodes.items():
        if path in reports and lens.applies_to(type(node.layer), reports[path]):
            check(seeing.at(path, channel=3, row=2, column=1))
            seen.add(node.layer.type)
    assert seen == {"conv2d", "tanh", "max_pool2d", "flatten", "linear"}


def test_what_a_channel_adds_is_a_convolution_of_that_channel_alone() -> None:
    seeing = Seeing(project("lenet5-fashion"))
    cell = check(seeing.at("conv2", channel=5, row=3, column=4))
    module: Any = seeing.plan.modules["conv2"]
    feeds = seeing.sources.sample(0)
    (end,) = seeing.plan.nodes["conv2"].inputs[0]
    with torch.no_grad():
        entering = seeing.plan.looked_at((end,))(feeds)[0]
    by_hand = [
        nn.functional.conv2d(entering[:, c : c + 1], module.weight[5:6, c : c + 1])[0, 0, 3, 4].item()
        for c in range(6)
    ]
    assert cell.parts == pytest.approx(by_hand, abs=1e-5)
    assert cell.bias[0] == pytest.approx(module.bias[5].item())


@pytest.mark.parametrize("name", ["seq2seq-attention", "vit-fashion"])
def test_layers_of_other_networks(name: str) -> None:
    seeing = Seeing(project(name))
    reports, lens = report(name).nodes, LENSES["cell_terms"]
    kinds: dict[str, str] = {}
    for path, node in seeing.plan.nodes.items():
        if path in reports and lens.applies_to(type(node.layer), reports[path]):
            kinds.setdefault(node.layer.type, path)
    assert kinds
    for path in kinds.values():
        check(seeing.at(path, channel=2, row=5, column=3))


class Alone:
    """Stands for the network around a layer by itself, in which no gradient is asked for."""

    end = None

    def evaluating(self) -> nullcontext[None]:
        return nullcontext()


def alone(layer: Layer, seed: int) -> tuple[Cell, float] | None:
    """One element of a layer by itself, and what its module says it is."""
    generator = np.random.default_rng(seed)
    module = build(layer).eval()
    given = tensors(layer, 1)
    with torch.no_grad():
        made = outputs(module, *given)[0]
    ports, held, rest = layer.input_ports(), {}, list(given)
    for place, port in enumerate(ports):
        taken = rest if place == len(ports) - 1 and port.variadic else rest[:1]
        rest = rest[len(taken) :]
        present = tuple(one for one in taken if one is not None)
        if present:
            held[port.name] = present
    index = tuple(int(generator.integers(size)) for size in made.shape[1:])
    network: Any = Alone()
    taken_apart = take_apart(Target(layer, module, held, made, index, network))
    return None if taken_apart is None else (taken_apart[0], float(made[0][index]))


IN_TABLE = [
    (kind, values)
    for kind, declared in sorted(REGISTRY.items())
    if declared.role is Role.MODULE and function_of(declared) is not None
    for values in ({}, *VARIANTS.get(kind, []))
]
BY_GRADIENT: list[tuple[str, dict[str, Any]]] = [
    ("max_pool3d", {}),
    ("avg_pool3d", {}),
    ("adaptive_avg_pool", {"output_size": [2, 3]}),
    *(("sequence_pool", {"operation": name}) for name in ("max", "first", "last")),
]
"""Whose family is in the table, and whose elements are shown by their gradient none the less."""


@pytest.mark.parametrize(("kind", "values"), IN_TABLE, ids=[f"{k}-{i}" for i, (k, _) in enumerate(IN_TABLE)])
def test_every_layer_of_the_table_is_taken_apart_exactly(kind: str, values: dict[str, Any]) -> None:
    layer = REGISTRY[kind](**values)
    found = [alone(layer, seed) for seed in range(3)]
    if (kind, values) in BY_GRADIENT:
        assert found == [None] * 3
        return
    for each in found:
        assert each is not None
        cell, value = each
        assert cell.value == pytest.approx(value, rel=1e-5, abs=1e-5)
        assert cell.lines or cell.adds == ALL
        again = cell_of(cell.arrays())
        assert (again.value, again.lines, again.groups) == (cell.value, cell.lines, cell.groups)


def test_a_fused_activation_is_shown_before_and_after() -> None:
    found = alone(REGISTRY["linear"](activation="relu", out_features=4), 1)
    assert found is not None
    cell, value = found
    assert value == max(0.0, value) == pytest.approx(max(0.0, cell.total), abs=1e-6)
    assert cell.lines[-1].startswith("max(0, ")


def test_large_layers_are_cut_and_say_so() -> None:
    layer = REGISTRY["conv2d"](out_channels=2, kernel_size=3, padding=1)
    torch.manual_seed(0)
    module = nn.Conv2d(128, 2, 3, padding=1)
    given = torch.randn(1, 128, 64, 64)
    with torch.no_grad():
        made = module(given)
    network: Any = Alone()
    taken = take_apart(Target(layer, module, {"input": (given,)}, made, (1, 0, 63), network))
    assert taken is not None
    cell, window = taken
    assert window is not None
    assert not window.is_whole
    assert (window.channels, len(window.maps)) == (128, 64)
    assert window.maps.size <= MOST_VALUES
    assert cell.value == pytest.approx(float(made[0, 1, 0, 63]), abs=1e-5)
    wide = nn.Linear(9000, 3)
    row = torch.randn(1, 9000)
    with torch.no_grad():
        summed = wide(row)
    found = take_apart(Target(REGISTRY["linear"](), wide, {"input": (row,)}, summed, (2,), network))
    assert found is not None
    cell = found[0]
    assert (len(cell.table), int(cell.counts[0])) == (MOST_TERMS, 9000)
    assert cell.value == pytest.approx(float(summed[0, 2]), abs=1e-5)
    assert "[8,991 more: " in cell.line_of(0)


def test_options_choose_the_element_and_are_cut_to_what_is_there() -> None:
    assert element((10,), {}) == (0,)
    assert element((6, 28, 20), {}) == (0, 14, 10)
    assert element((12, 8), {"row": 3, "column": 99}) == (3, 7)
    assert element((6, 28, 28), {"channel": 7, "row": 0, "column": 5}) == (5, 0, 5)
    assert element((2, 3, 4, 5), {"depth": 1}) == (0, 1, 2, 2)


def test_looking_changes_nothing() -> None:
    drawing = convnet("digits", dropout=0.5)
    seeing = Seeing(drawing)
    seeing.plan.train()
    before = {name: value.clone() for name, value in seeing.plan.model.state_dict().items()}
    flags = [module.training for module in seeing.plan.model.modules()]
    random = torch.get_rng_state()
    for path in ("conv1", "norm1", "relu1", "pool1", "dropout", "linear"):
        check(seeing.at(path))
    after = seeing.plan.model.state_dict()
    assert all(torch.equal(value, before[name]) for name, value in after.items())
    assert flags == [module.training for module in seeing.plan.model.modules()]
    assert torch.equal(random, torch.get_rng_state())
    assert all(parameter.grad is None for parameter in seeing.plan.model.parameters())
