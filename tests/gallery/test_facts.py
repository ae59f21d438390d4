"""Facts of the course, each shown by a project of the gallery: counts, worked convolutions, fixed kernels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from engine.compile import Plan, compile  # noqa: A004
from engine.document import edits
from engine.document.project import MAIN
from engine.feed.sources import Sources
from engine.infer import infer
from engine.messages.events import Event, Validated
from engine.run.run import Run
from tests.gallery.held import project, report


def said(name: str, *nodes: str) -> tuple[Plan, dict[str, Tensor]]:
    """What these nodes of a project hand on for the first samples of its data, untrained."""
    plan = compile(project(name))
    sources = Sources(plan)
    values = sources.pinned(sources.samples(), 0)
    sources.close()
    plan.eval()
    with torch.no_grad():
        return plan, plan.capture(nodes)(values)


def grid(text: str) -> list[list[float]]:
    return [[float(number) for number in row.split()] for row in text.split("/")]


COUNTS = {"a": 5, "b": 17, "c": 71, "d": 1105, "e": 1_003_501}
"""[2, 1, 1], [2, 3, 2], [3, 4, 4, 4, 3], [5, 10×10, 5]; one input and five hidden layers of 500 (U7)."""


def test_parameters_of_dense_networks() -> None:
    nodes = report("parameter-counts").nodes
    for net, wanted in COUNTS.items():
        tops = [found for path, found in nodes.items() if path.startswith(net) and "." not in path]
        tops += [nodes[f"{net}_hidden"]] if f"{net}_hidden" in nodes and not tops else []
        assert sum(found.parameters for found in tops) == wanted
    assert report("parameter-counts").parameters == sum(COUNTS.values())


def test_worked_convolutions() -> None:
    """C1 and C2: nothing is flipped, and the size is in − k + 1."""
    _, values = said("convolution-by-hand", "cross", "corner")
    assert values["cross"][0, 0].tolist() == grid("4 3 4/2 4 3/2 3 4")
    assert values["corner"][1, 0].tolist() == grid("25 18 17/18 22 14/20 15 23")


def test_worked_pooling() -> None:
    """C3: the largest and the average of windows of 2×2."""
    _, values = said("pooling-by-hand", "largest", "average")
    assert values["largest"][:, 0].tolist() == [grid("8 6/9 9"), grid("6 8/3 4")]
    assert values["average"][0, 0].tolist() == grid("6.25 3.5/5.25 5.25")


FIXED = {
    "identity": grid("0 0 0/0 1 0/0 0 0"),
    "gaussian": (np.array(grid("1 2 1/2 4 2/1 2 1")) / 16).tolist(),
    "sharpen": grid("0 -1 0/-1 5 -1/0 -1 0"),
    "edges": grid("-1 -1 -1/-1 8 -1/-1 -1 -1"),
}


def test_fixed_kernels() -> None:
    """C4: the presets, and what they make of a picture."""
    plan, values = said("fixed-kernels", "data", *FIXED)
    assert all(plan.modules[name].weight[0, 0].tolist() == kernel for name, kernel in FIXED.items())
    pictures = values["data"]
    assert torch.equal(values["identity"], pictures)
    for name, kernel in FIXED.items():
        by_hand = functional.conv2d(pictures, torch.tensor(kernel)[None, None], padding=1)
        torch.testing.assert_close(values[name], by_hand)


@pytest.mark.parametrize(("name", "target"), [("fixed-kernels", "edges"), ("convolution-by-hand", "corner")])
def test_a_learned_kernel_becomes_the_one_it_imitates(name: str, target: str) -> None:
    weights = trained(name).modules
    torch.testing.assert_close(weights["learned"].weight, weights[target].weight, atol=1e-3, rtol=0)


def trained(name: str) -> Plan:
    """The project after its epochs."""
    run = Run(project(name), device="cpu")
    assert run.execute(lambda event: None).status == "completed"
    assert run.plan is not None
    return run.plan


def last_of(name: str, seed: int) -> Validated:
    seen: list[Event] = []
    assert Run(project(name), seed=seed, device="cpu").execute(seen.append).status == "completed"
    return [event for event in seen if isinstance(event, Validated)][-1]


def test_squares_on_the_retina_are_told_apart_after_fifty_trials() -> None:
    """U2: Rosenblatt's demonstration of 1958. 50 squares are shown once; 200 others are asked about."""
    drawing = project("retina")
    data = drawing.main.nodes["data"].params
    assert data["samples"] * (1 - data["validation"]) == pytest.approx(50)
    assert drawing.settings.batch_size == drawing.settings.epochs == 1
    seen = [last_of("retina", seed) for seed in range(3)]
    assert [event.step for event in seen] == [50, 50, 50]
    assert min(event.metrics["accuracy"] for event in seen) >= 0.95


@pytest.mark.parametrize(("name", "weights", "bias"), [("fit-line", [2], 1), ("fit-parabola", [0, 2], 3)])
def test_one_neuron_finds_the_coefficients(name: str, weights: list[float], bias: float) -> None:
    """U9: lines and 2x² + 3 from noisy samples."""
    found = trained(name).modules["predict"]
    assert found.weight.flatten().tolist() == pytest.approx(weights, abs=0.15)
    assert found.bias.item() == pytest.approx(bias, abs=0.15)


def test_a_line_cannot_fit_a_parabola() -> None:
    """U9: underfitting. Without x² the error stays near the spread of the values."""
    drawing = edits.set_param(project("fit-parabola"), MAIN, "data", "powers", 1)
    assert infer(drawing).parameters == 2
    seen: list[Event] = []
    Run(drawing, device="cpu").execute(seen.append)
    rmse = [event for event in seen if isinstance(event, Validated)][-1].metrics["rmse"]
    assert rmse > 5 * last_of("fit-parabola", 0).metrics["rmse"]
