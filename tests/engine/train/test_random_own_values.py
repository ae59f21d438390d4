"""Random drawings of tied layers, tensors of their own, scheduled values and gradients train as in torch."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from engine.compile import compile  # noqa: A004
from engine.document.project import MAIN, Node, Project
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.infer import infer
from engine.train.stepper import Stepper
from nodes.layers.scheduled import ScheduledValue
from tests.drawings import Step, graph, with_settings

WIDTH, STEPS, RATE = 4, 3, 0.01
SGD = {"optimiser": "sgd", "learning_rate": RATE, "momentum": 0.0}
KINDS = ("linear", "token", "mix", "scale", "slope")


class Op(NamedTuple):
    """A layer of the chain, and the place of an earlier value (or of the layer it is tied to)."""

    kind: str
    other: int
    on: bool
    frozen: bool
    course: str


OPS = st.lists(
    st.builds(
        Op,
        st.sampled_from(KINDS),
        st.integers(0, 6),
        st.booleans(),
        st.sampled_from([False, False, False, True]),
        st.sampled_from(["linear", "cosine", "cyclic", "steps"]),
    ),
    min_size=1,
    max_size=6,
)


def schedule_of(op: Op) -> dict[str, Any]:
    return {
        "course": op.course,
        "start": 0.2,
        "end": 0.9,
        "length": 4,
        "unit": "epochs" if op.on else "steps",
    }


def tied_to(ops: list[Op], place: int) -> int | None:
    """The earlier square layer that this one is tied to; None: it has weights of its own."""
    squares = [i for i, op in enumerate(ops[:place]) if op.kind == "linear"]
    return squares[ops[place].other % len(squares)] if squares and ops[place].on else None


def drawing(ops: list[Op]) -> Project:
    nodes: list[Step] = [("data", "data", {"dataset": "gauss"}), ("v0", "linear", {"out_features": WIDTH})]
    wires = ["data.input -> v0"]
    for place, op in enumerate(ops):
        here, last = f"v{place + 1}", f"v{place}"
        earlier, extra = f"v{op.other % (place + 1)}", f"x{place}"
        if op.kind == "linear":
            owner = tied_to(ops, place)
            tie = {} if owner is None else {"tied_to": f"v{owner + 1}"}
            nodes.append((here, "linear", {"out_features": WIDTH, "activation": "tanh", **tie}))
            wires.append(f"{last} -> {here}")
            continue
        made: dict[str, tuple[Step, Step, list[str]]] = {
            "token": (
                (extra, "parameter", {"shape": [WIDTH]}),
                (here, "add"),
                [f"{extra} -> {here}", *([f"data.input -> {extra}.like"] if op.on else [])],
            ),
            "mix": (
                (extra, "schedule", schedule_of(op)),
                (here, "mix"),
                [f"{earlier} -> {here}.b", f"{extra} -> {here}.share"],
            ),
            "scale": (
                (extra, "schedule", schedule_of(op)),
                (here, "scale", {"factor": 1.5}),
                [f"{extra} -> {here}.by"],
            ),
            "slope": (
                (extra, "gradient"),
                (here, "add"),
                [f"{last} -> {extra}.value", f"{earlier} -> {extra}.input", f"{extra} -> {here}"],
            ),
        }
        first, second, more = made[op.kind]
        nodes += [first, second]
        wires += [f"{last} -> {here}{'.a' if op.kind == 'mix' else ''}", *more]
    nodes += [("end", "linear", {"out_features": 1}), ("loss", "mse"), ("objective", "objective", SGD)]
    wires += [
        f"v{len(ops)} -> end",
        "end -> loss.prediction",
        "ends -> loss.target",
        "loss.loss -> objective.loss",
    ]
    nodes.append(("ends", "reduce", {"operation": "sum", "dimensions": [1], "keep_axes": True}))
    wires.append("data.input -> ends")
    drawn = graph(nodes, wires)
    frozen = {f"v{i + 1}" for i, op in enumerate(ops) if op.kind == "linear" and op.frozen}
    held = {
        key: Node(node.id, node.layer, node.params, frozen=key in frozen) for key, node in drawn.nodes.items()
    }
    return with_settings(Project(graphs={MAIN: type(drawn)(held, drawn.wires)}), batch_size=8)


def by_hand(ops: list[Op], weights: dict[str, Tensor], points: Tensor, step: int) -> Tensor:
    """The loss, written out."""

    def linear(name: str, value: Tensor, owner: str = "") -> Tensor:
        return F.linear(value, weights[f"{owner or name}.weight"], weights[f"{name}.bias"])

    values = [linear("v0", points)]
    for place, op in enumerate(ops):
        last, earlier = values[-1], values[op.other % (place + 1)]
        share = ScheduledValue(**schedule_of(op)).at(step, 0)
        if op.kind == "linear":
            owner = tied_to(ops, place)
            while owner is not None and (further := tied_to(ops, owner)) is not None:
                owner = further
            name = "" if owner is None else f"v{owner + 1}"
            values.append(torch.tanh(linear(f"v{place + 1}", last, name)))
        elif op.kind == "token":
            values.append(last + weights[f"x{place}.value"])
        elif op.kind == "mix":
            values.append((1 - share) * last + share * earlier)
        elif op.kind == "scale":
            values.append(1.5 * share * last)
        else:
            (slope,) = torch.autograd.grad(last.sum(), earlier, create_graph=True)
            values.append(last + slope)
    return F.mse_loss(linear("end", values[-1]), points.sum(1, keepdim=True))


@settings(max_examples=12, deadline=None)
@given(OPS)
def test_any_drawing_of_own_values_trains_as_in_torch(ops: list[Op]) -> None:
    project = drawing(ops)
    assert [problem for problem in infer(project).problems if problem.severity == "error"] == []
    plan = compile(project)
    plan.model.double()
    learned = set(plan.objectives[0].updates)
    weights = {
        name: tensor.detach().clone().requires_grad_(name in learned)
        for name, tensor in plan.model.named_parameters()
    }
    sources, stepper = Sources(plan), Stepper(plan, STEPS)
    for step in range(STEPS):
        values = {
            end: held.double() if held.is_floating_point() else held for end, held in sources.next().items()
        }
        loss = by_hand(ops, weights, values[FlatEnd("data", "input")], step)
        loss.backward()
        with torch.no_grad():
            for tensor in weights.values():
                if tensor.grad is not None:
                    tensor -= RATE * tensor.grad
                    tensor.grad = None
        ours = stepper.step(values, step, 0)[0]
        assert ours is not None
        assert torch.allclose(ours, loss.detach(), rtol=1e-10, atol=1e-12)
    for name, tensor in plan.model.named_parameters():
        assert torch.allclose(tensor, weights[name], rtol=1e-10, atol=1e-12), name
