"""Decoders: their own output fed back, true values while training, a share of both, masks, random layers."""

from __future__ import annotations

from typing import Any

import msgspec
import torch
from torch import Tensor, nn

from engine.compile import Plan, compile  # noqa: A004
from engine.document.project import Graph
from tests.drawings import Step, graph, wire
from tests.engine.cells import elman_cell, run_over_time

STEPS, WIDTH = 5, 3


def _decoder() -> Graph:
    """Says y from what it said before: y = tanh(W y)."""
    steps: list[Step] = [("turn", "linear", {"out_features": WIDTH}), ("squash", "tanh")]
    wires = ["@in.y -> turn", "turn -> squash", "squash.output -> @out.y"]
    return graph(steps, wires, inputs=("y",), outputs=("y",))


def _plan(cell: Graph, *more: str, nodes: tuple[Step, ...] = (), **scan: Any) -> Plan:
    return compile(run_over_time(cell, (STEPS, WIDTH), *more, nodes=nodes, **scan))


def _taught(**scan: Any) -> tuple[Plan, nn.Module]:
    plan = _plan(_decoder(), ports="y_target", taught="y", **scan)
    return plan, plan.modules["rnn"].double()


def _said(module: nn.Module, before: list[Tensor]) -> Tensor:
    turn = module.get("turn")  # type: ignore[operator]
    return torch.stack([torch.tanh(turn(each)) for each in before], 1)


def _own(module: nn.Module, samples: int) -> Tensor:
    """What it says when it hears itself, from zeros."""
    now, found = torch.zeros(samples, WIDTH, dtype=torch.double), []
    for _ in range(STEPS):
        now = _said(module, [now])[:, 0]
        found.append(now)
    return torch.stack(found, 1)


def test_true_values_come_one_step_late_while_training_and_its_own_in_evaluation() -> None:
    plan, module = _taught()
    target = torch.randn(2, STEPS, WIDTH, dtype=torch.double)
    first = torch.zeros(2, WIDTH, dtype=torch.double)
    plan.train()
    found = module(None, target)[0]
    torch.testing.assert_close(found, _said(module, [first, *target[:, :-1].unbind(1)]))
    plan.eval()
    torch.testing.assert_close(module(None, target)[0], _own(module, 2))


def test_a_share_of_true_values_is_drawn_for_each_sample_and_step() -> None:
    plan, module = _taught(teacher_forcing=0.5)
    target = torch.randn(64, STEPS, WIDTH, dtype=torch.double)
    plan.train()
    torch.manual_seed(1)
    one = module(None, target)[0]
    torch.manual_seed(1)
    again = module(None, target)[0]
    assert torch.equal(one, again)
    forced = _said(module, [torch.zeros(64, WIDTH, dtype=torch.double), *target[:, :-1].unbind(1)])
    share = (one[:, 1] - forced[:, 1]).abs().amax(1).lt(1e-9).double().mean()
    assert 0.3 < share < 0.7
    assert not torch.equal(one, module(None, target)[0])
    never, module = _taught(teacher_forcing=0.0)
    never.train()
    torch.testing.assert_close(module(None, target)[0], _own(module, 64))


def test_it_runs_freely_for_so_many_steps() -> None:
    cell = _decoder()
    project = run_over_time(cell, (WIDTH,), ports="y", steps=STEPS)
    module = compile(project).modules["rnn"].double()
    start = torch.randn(2, WIDTH, dtype=torch.double)
    found, last = module(start)
    before = [start]
    for _ in range(STEPS):
        before.append(_said(module, [before[-1]])[:, 0])
    torch.testing.assert_close(found, torch.stack(before[1:], 1))
    torch.testing.assert_close(last, before[-1])


def test_a_mask_is_as_good_as_lengths() -> None:
    nodes: tuple[Step, ...] = (("mask", "noise", {"shape": [STEPS]}),)
    plan = _plan(elman_cell(4), "mask -> rnn.lengths", nodes=nodes, lengths=True)
    module = plan.modules["rnn"].double()
    x, lengths = torch.randn(3, STEPS, WIDTH, dtype=torch.double), torch.tensor([5, 2, 0])
    mask = (torch.arange(STEPS) < lengths.unsqueeze(1)).double()
    for one, other in zip(module(x, None, mask), module(x, None, lengths), strict=True):
        assert torch.equal(one, other)


def test_dropout_is_drawn_anew_at_every_step() -> None:
    cell = graph([("drop", "dropout", {"p": 0.5})], ["@in.x -> drop", "drop.output -> @out.y"],
                 inputs=("x",), outputs=("y",))  # fmt: skip
    plan = _plan(cell)
    plan.train()
    kept = plan.modules["rnn"](torch.ones(200, STEPS, WIDTH)) != 0
    assert all(not torch.equal(kept[:, 0], kept[:, t]) for t in range(1, STEPS))
    plan.eval()
    assert torch.equal(plan.modules["rnn"](torch.ones(2, STEPS, WIDTH)), torch.ones(2, STEPS, WIDTH))


def test_a_cell_without_a_state_is_a_layer_on_every_step() -> None:
    cell = graph([("turn", "linear", {"out_features": 2})], ["@in.x -> turn", "turn.output -> @out.y"],
                 inputs=("x",), outputs=("y",))  # fmt: skip
    module = _plan(cell).modules["rnn"]
    x = torch.randn(2, STEPS, WIDTH)
    torch.testing.assert_close(module(x), module.get("turn")(x))


def test_whole_numbers_are_states_too() -> None:
    """A greedy decoder: the likeliest token is what it reads next; it begins with token 0."""
    steps: list[Step] = [
        ("embed", "embedding", {"num_embeddings": 7, "embedding_dim": 5}),
        ("sum", "add"),
        ("score", "linear", {"out_features": 7}),
        ("best", "arg_max"),
    ]
    wires = [
        "@in.token -> embed",
        "embed -> sum",
        "sum -> score",
        "score -> best",
        "best.output -> @out.token",
    ]
    cell = graph(steps, [*wires, "score.output -> @out.scores"], inputs=("x", "token"),
                 outputs=("token", "scores"))  # fmt: skip
    cell = msgspec.structs.replace(cell, wires=(*cell.wires, wire("@in.x -> sum", order=1)))
    project = run_over_time(cell, (STEPS, 5))
    module = compile(project).modules["rnn"].double()
    x = torch.randn(3, STEPS, 5, dtype=torch.double)
    found, scores = module(x, None)[:2]
    token = torch.zeros(3, dtype=torch.int64)
    for step in range(STEPS):
        expected = module.get("score")(module.get("embed")(token) + x[:, step])  # type: ignore[operator]
        torch.testing.assert_close(scores[:, step], expected)
        token = expected.argmax(-1)
        assert torch.equal(found[:, step], token)
