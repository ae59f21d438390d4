"""States over time: torch's own outputs from every gate, scans that are drawn, and gradients of states."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.compile import Plan, compile  # noqa: A004
from engine.document.project import Project
from engine.expand.flat import FlatEnd
from engine.infer import infer
from engine.lens.access import Access
from engine.lens.evaluate import look
from engine.lens.feeds import Feeds
from engine.lens.lens import Arrays
from engine.lens.registry import LENSES
from engine.lens.sequences.over_time import gradients_of_states
from engine.lens.sequences.recurrent import unrolled
from engine.messages.lens_request import LensRequest
from nodes.modules import recurrent
from tests.drawings import chain
from tests.engine.cells import elman_cell, lstm_cell, with_torch_weights
from tests.engine.lens.test_through_time import copy_task

DATA = {"dataset": "copy-task", "wait": 7, "samples": 60}


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_step_by_step_it_is_the_layer(kind: str, both: bool, last: bool, masked: bool) -> None:
    torch.manual_seed(0)
    module = getattr(recurrent, kind)(
        3, 5, 2, bidirectional=both, last=last, states=True, masked=masked
    ).eval()
    rows = 4 if both else 2
    inputs: dict[str, tuple[Tensor, ...]] = {
        "input": (torch.randn(1, 9, 3),),
        "state": (torch.randn(1, rows, 5),),
        "cell": (torch.randn(1, rows, 5),) if kind == "LSTM" else (),
        "mask": (torch.tensor([[1, 1, 0, 1, 1, 1, 0, 0, 1]]),) if masked else (),
    }
    names = ("input", "state", "cell", "mask") if kind == "LSTM" else ("input", "state", "mask")
    with torch.no_grad():
        output, *states = module(*[inputs[name][0] if inputs[name] else None for name in names])
        found = unrolled(module, inputs)
    torch.testing.assert_close(found.outputs["output"], output, rtol=1e-5, atol=1e-5)
    for name, state in zip(("state", "cell"), states, strict=False):
        torch.testing.assert_close(found.outputs[name], state, rtol=1e-5, atol=1e-5)
    assert len(found.rows) == rows


def classifier(layer: str, **values: Any) -> Project:
    """A recurrent layer whose last state is classified."""
    steps = [("memory", layer, {"hidden_size": 6, "output": "last", **values})]
    return chain(DATA, [*steps, ("symbol", "linear", {"out_features": 4})])


def opened(project: Project) -> tuple[Plan, Feeds]:
    torch.manual_seed(3)
    plan = compile(project)
    values = {FlatEnd("data", "input"): torch.randn(1, 8, 4), FlatEnd("data", "target"): torch.tensor([2])}
    return plan, Feeds(values)


def seen(plan: Plan, feeds: Feeds, kind: str, path: str) -> Arrays:
    found = look(plan, feeds, [LensRequest(kind, path)], 0)
    assert not found.failed
    return found.frames[0].arrays


def test_gates_of_an_lstm_make_its_cells_and_states() -> None:
    plan, feeds = opened(classifier("lstm"))
    arrays = seen(plan, feeds, "recurrent_states", "memory")
    names = arrays["names"].tolist()
    assert names == ["hidden state", "cell state", "input gate", "forget gate", "candidate", "output gate"]
    h, c, i, f, g, o = (arrays[f"values_{place}"] for place in range(6))
    before = np.concatenate((np.zeros((1, 6), np.float32), c[:-1]))
    np.testing.assert_allclose(c, f * before + i * g, atol=1e-6)
    np.testing.assert_allclose(h, o * np.tanh(c), atol=1e-6)
    (output,) = Access(plan, feeds, "memory", feeds.pin(0)).read([FlatEnd("memory", "output")])
    np.testing.assert_allclose(h[-1], output[0].numpy(), atol=1e-5)


def test_gates_that_are_drawn_are_those_of_the_layer() -> None:
    """The same weights in a scan and in a torch layer: the same gates, cells and states."""
    plan, feeds = opened(copy_task({"lstm": lstm_cell(6)}, wait=7))
    theirs = recurrent.LSTM(4, 6, last=False, states=False)
    with_torch_weights(plan.modules["lstm"], "lstm", theirs)
    arrays = seen(plan, feeds, "recurrent_states", "lstm")
    found = {name: arrays[f"values_{place}"] for place, name in enumerate(arrays["names"].tolist())}
    with torch.no_grad():
        (row,) = unrolled(theirs, {"input": (feeds.pin(0)[FlatEnd("data", "input")],)}).rows
    pairs = {"h": "hidden state", "c": "cell state", "write_gate": "input gate", "keep_gate": "forget gate"}
    for drawn, name in (pairs | {"new_gate": "candidate", "show_gate": "output gate"}).items():
        np.testing.assert_allclose(found[drawn], torch.stack(row.steps[name]).numpy(), atol=1e-5)


def test_gradients_of_states_are_those_of_a_loop_by_hand() -> None:
    plan, feeds = opened(classifier("lstm"))
    cell = nn.LSTMCell(4, 6)
    own = dict(plan.modules["memory"].named_parameters())
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in own.items()})
    values = feeds.pin(0)
    states = [(torch.zeros(1, 6), torch.zeros(1, 6))]
    for t in range(8):
        states.append(cell(values[FlatEnd("data", "input")][:, t], states[-1]))
    logits = plan.modules["symbol"](states[-1][0])
    loss = nn.functional.cross_entropy(logits, values[FlatEnd("data", "target")])
    arrays = seen(plan, feeds, "through_time", "memory")
    for place, name in enumerate(("h", "c")):
        after = [state[place] for state in states[1:]]
        expected = torch.stack([each.norm() for each in torch.autograd.grad(loss, after, retain_graph=True)])
        np.testing.assert_allclose(arrays[name], expected.numpy(), rtol=1e-4, atol=1e-9)
    assert all(weight.grad is None for weight in plan.model.parameters())


def test_what_a_drawn_cell_and_a_layer_say_of_vanishing_gradients_is_the_same() -> None:
    drawn, feeds = opened(copy_task({"rnn": elman_cell(6)}, wait=7))
    layer, _ = opened(classifier("rnn"))
    with_torch_weights(drawn.modules["rnn"], "rnn", layer.modules["memory"])  # type: ignore[arg-type]
    layer.modules["symbol"].load_state_dict(drawn.modules["rnn_symbol"].state_dict())
    ours = seen(layer, feeds, "through_time", "memory")["h"]
    np.testing.assert_allclose(ours, seen(drawn, feeds, "through_time", "rnn")["h"], rtol=1e-4, atol=1e-9)
    assert ours[0] < ours[-1]


def test_long_sequences_and_wide_layers_are_thinned() -> None:
    project = chain(
        {**DATA, "wait": 499},
        [
            ("memory", "gru", {"hidden_size": 200}),
            ("flat", "flatten"),
            ("symbol", "linear", {"out_features": 4}),
        ],
    )
    plan = compile(project)
    values = {FlatEnd("data", "input"): torch.randn(1, 500, 4), FlatEnd("data", "target"): torch.tensor([2])}
    arrays = seen(plan, Feeds(values), "recurrent_states", "memory")
    assert arrays["values_0"].shape == (400, 37)
    assert arrays["total_units"].tolist() == [200] * 4
    assert int(arrays["total_steps"]) == 500
    assert sum(array.nbytes for array in arrays.values()) < 300_000


def test_looking_changes_neither_random_numbers_nor_modes() -> None:
    plan, feeds = opened(copy_task({"lstm": lstm_cell(6)}, wait=7))
    plan.train()
    state = torch.get_rng_state()
    modes = [module.training for module in plan.model.modules()]
    seen(plan, feeds, "recurrent_states", "lstm")
    assert torch.equal(torch.get_rng_state(), state)
    assert [module.training for module in plan.model.modules()] == modes


def test_it_is_offered_for_scans_and_recurrent_layers() -> None:
    project = classifier("gru")
    plan, report = compile(project), infer(project).nodes
    lens = LENSES["recurrent_states"]
    offered = [
        path for path, node in plan.nodes.items() if lens.applies_to(type(node.layer), report.get(path))
    ]
    assert offered == ["memory"]
    assert gradients_of_states(Access(plan, Feeds(), "symbol", {})) == {}
