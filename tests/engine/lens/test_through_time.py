"""Gradients through time: those of torch, of a copy task in which an RNN's vanish, and without a trace."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine.compile import compile  # noqa: A004
from engine.document.project import MAIN, Graph, Project
from engine.expand.flat import FlatEnd
from engine.lens import watcher
from engine.lens.through_time import gradients_through_time
from engine.messages.commands import Watch
from engine.messages.events import Event, LensFrame
from engine.messages.lens_request import LensRequest
from engine.run.run import Run
from tests.drawings import Step, graph
from tests.engine.cells import elman_cell, lstm_cell, with_torch_weights
from tests.resuming import scanned


def copy_task(cells: dict[str, Graph], wait: int = 30, **objective: Any) -> Project:
    """A classifier of the first symbol for each cell, side by side on the same data."""
    nodes: list[Step] = [("data", "data", {"dataset": "copy-task", "wait": wait, "samples": 400})]
    wires = []
    for name, cell in cells.items():
        nodes += [
            (name, "scan", {"definition": name.upper()}),
            (f"{name}_symbol", "linear", {"out_features": 4}),
            (f"{name}_loss", "cross_entropy"),
            (f"{name}_objective", "objective", {"updates": f"{name}, {name}_symbol", **objective}),
        ]
        wires += [
            f"data.input -> {name}.x",
            f"{name}.last_h -> {name}_symbol",
            f"{name}_symbol -> {name}_loss.logits",
        ]
        wires += [f"data.target -> {name}_loss.label", f"{name}_loss.loss -> {name}_objective.loss"]
        assert cell.inputs[0] == "x"
    return Project(graphs={MAIN: graph(nodes, wires), **{name.upper(): cell for name, cell in cells.items()}})


def _sample(wait: int, samples: int = 64) -> dict[FlatEnd, Tensor]:
    torch.manual_seed(3)
    symbols = torch.randint(0, 4, (samples,))
    values = 0.1 * torch.randn(samples, wait + 1, 4)
    values[:, 0] = torch.eye(4)[symbols]
    return {FlatEnd("data", "input"): values, FlatEnd("data", "target"): symbols}


def _fall(norms: Tensor) -> float:
    """How much smaller the gradient is after the first step than after the last."""
    return float(norms[-1] / norms[0])


def test_it_is_what_torch_gives_for_the_states_of_a_loop_by_hand() -> None:
    project = copy_task({"rnn": elman_cell(6)}, wait=9)
    plan, values = compile(project), _sample(9)
    theirs = nn.RNN(4, 6, batch_first=True)
    with_torch_weights(plan.modules["rnn"], "rnn", theirs)
    states = [torch.zeros(64, 6)]
    x = values[FlatEnd("data", "input")]
    for t in range(10):
        h = x[:, t] @ theirs.weight_ih_l0.T + theirs.bias_ih_l0 + states[-1] @ theirs.weight_hh_l0.T
        states.append(torch.tanh(h + theirs.bias_hh_l0))
    loss = nn.functional.cross_entropy(
        plan.modules["rnn_symbol"](states[-1]), values[FlatEnd("data", "target")]
    )
    expected = torch.stack([each.norm() for each in torch.autograd.grad(loss, states[1:])])
    found = gradients_through_time(plan, values, ["rnn", "rnn_symbol", "nothing"])
    torch.testing.assert_close(found["rnn"]["h"], expected, rtol=1e-5, atol=1e-9)
    assert found.keys() == {"rnn"}


def test_an_rnns_vanish_a_thousand_times_faster_than_an_lstms() -> None:
    """Drawn cells with one width, as they are before training; forget gates begin open, as is usual."""
    plan = compile(copy_task({"rnn": elman_cell(24), "lstm": lstm_cell(24)}, wait=60))
    with torch.no_grad():
        plan.modules["lstm"].get("keep").bias.fill_(3.0)
    found = gradients_through_time(plan, _sample(60), ["rnn", "lstm"])
    rnn, lstm = _fall(found["rnn"]["h"]), _fall(found["lstm"]["c"])
    assert rnn / lstm > 1e3, (rnn, lstm)


def test_a_run_with_the_lens_is_the_run_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher, "RATE", 1e9)
    monkeypatch.setattr(watcher, "SHARE", 1e9)
    found = []
    for requests in ((), (LensRequest("through_time", "rnn"),)):
        frames: list[Event] = []
        run = Run(scanned(), steps=25, seed=0)
        run.send(Watch(requests))
        run.execute(frames.append)
        assert run.plan is not None
        found.append(dict(run.plan.model.state_dict()))
        shown = [event for event in frames if isinstance(event, LensFrame)]
        assert bool(shown) == bool(requests)
        assert all(event.arrays["h"].shape == (24,) for event in shown)
    assert all(torch.equal(found[0][name], found[1][name]) for name in found[0])


def test_looking_changes_neither_weights_nor_gradients_nor_random_numbers() -> None:
    plan, values = compile(copy_task({"rnn": elman_cell(6), "lstm": lstm_cell(6)}, wait=8)), _sample(8)
    before = {name: tensor.clone() for name, tensor in plan.model.state_dict().items()}
    state = torch.get_rng_state()
    first, _, _ = plan.evaluation(values)
    gradients_through_time(plan, values, ["rnn", "lstm"])
    second, _, _ = plan.evaluation(values)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(tensor, before[name]) for name, tensor in plan.model.state_dict().items())
    assert all(weight.grad is None for weight in plan.model.parameters())
