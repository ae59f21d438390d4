"""Any arrangement of networks and objectives trains as one that computes everything anew for every objective.

Plans are drawn at random: networks placed again and again, losses and gradient penalties between any
values, objectives that own any part of it. Held against the engine is a reference that knows none of its
thoughts: it evaluates the whole drawing from scratch for every objective and asks torch for the gradients.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import torch
from hypothesis import example, given, note
from hypothesis import strategies as st
from torch import Tensor

from engine.compile import CompileError, Plan, compile  # noqa: A004
from engine.document.project import MAIN, Node, Project, Settings
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.train.stepper import Stepper
from tests.drawings import graph, wire
from tests.engine.compile.test_compile import count_calls

SOURCES = ("data", "noise")
STOP = "stop_gradient"
STEPS = 7
PORTS = {"mse": ("prediction", "target"), "gradient_penalty": ("score", "input")}


@dataclass
class PlanSpec:
    """A drawing, in as few words as it takes. Values are named by what makes them."""

    placed: dict[str, tuple[str, str]]  # placement -> (network, or STOP for no gradients; what enters)
    losses: dict[str, tuple[str, str, str]]  # loss -> (kind, first, second)
    objectives: dict[str, dict[str, Any]]  # in the order in which they act
    frozen: set[str] = field(default_factory=set)  # networks

    def above(self, name: str, *, by_gradients: bool = False) -> set[str]:
        """Placements that a value hangs on, or those that its gradients reach."""
        if name in SOURCES:
            return set()
        if name in self.losses:
            _, *ends = self.losses[name]
            return set[str]().union(*(self.above(end, by_gradients=by_gradients) for end in ends))
        net, source = self.placed[name]
        if net == STOP and by_gradients:
            return set()
        return {name} | self.above(source, by_gradients=by_gradients)

    def owned(self, objective: str) -> list[str]:
        """The networks that an objective updates."""
        about = self.objectives[objective]
        reached = {name for loss in about["losses"] for name in self.above(loss, by_gradients=True)}
        reach = {self.placed[name][0] for name in reached}
        asked = about["updates"] or sorted(reach)
        return [net for net in asked if net in reach - self.frozen]

    def project(self) -> Project:
        """The drawing itself."""
        steps: list[tuple[str, str, dict[str, Any]]] = [
            ("data", "data", {"dataset": "circle"}),
            ("noise", "noise", {"shape": [2]}),
        ]
        for name, (net, _) in self.placed.items():
            stops = net == STOP
            steps.append((name, STOP, {}) if stops else (name, "network", {"definition": net}))
        steps += [(name, kind, {}) for name, (kind, _, _) in self.losses.items()]
        wires = [
            wire(f"{self.end(source)} -> {name}.{'input' if net == STOP else 'x'}")
            for name, (net, source) in self.placed.items()
        ]
        for name, (kind, *ends) in self.losses.items():
            wires += [
                wire(f"{self.end(end)} -> {name}.{port}") for end, port in zip(ends, PORTS[kind], strict=True)
            ]
        for order, (name, about) in enumerate(self.objectives.items()):
            params = {key: value for key, value in about.items() if key not in ("losses", "updates")}
            steps.append(
                (name, "objective", {"updates": ", ".join(about["updates"]), "order": order, **params})
            )
            wires += [wire(f"{loss}.loss -> {name}.loss", i) for i, loss in enumerate(about["losses"])]
        main = graph(steps)
        frozen = {name for name, (net, _) in self.placed.items() if net in self.frozen}
        nodes = {name: _frozen(node) if name in frozen else node for name, node in main.nodes.items()}
        main = type(main)(nodes, tuple(wires))
        definitions = {net: NET for net, _ in self.placed.values() if net != STOP}
        return Project(graphs={MAIN: main, **definitions}, settings=Settings(batch_size=16))

    def end(self, name: str) -> str:
        """Where a value leaves."""
        ports = {"data": "input", "noise": "output"}
        return f"{name}.{ports.get(name) or ('output' if self.placed[name][0] == STOP else 'y')}"


NET = graph(
    [
        ("first", "linear", {"out_features": 4}),
        ("tanh", "tanh"),
        ("second", "linear", {"out_features": 2}),
    ],
    ["@in.x -> first", "first -> tanh", "tanh -> second", "second.output -> @out.y"],
    inputs=("x",),
    outputs=("y",),
)


def _frozen(node: Node) -> Node:
    return Node(node.id, node.layer, node.params, frozen=True)


# The reference --------------------------------------------------------------------------------------------


class NoGradientError(Exception):
    """A loss does not change with the weights that it should update: the slope of what is cut off is 0."""


class Reference:
    """Trains a plan by computing everything anew for every objective."""

    def __init__(self, drawn: PlanSpec, plan: Plan) -> None:
        self.drawn = drawn
        self.weights = {
            name: tensor.clone().requires_grad_() for name, tensor in plan.model.state_dict().items()
        }
        self.optimisers = {name: self._optimiser(name) for name in drawn.objectives}
        self.held: dict[str, list[list[Tensor]]] = {name: [] for name in drawn.objectives}
        self.needed = 0
        """Evaluations of a placement that a step needs at least, in all steps so far."""

    def own(self, objective: str) -> list[Tensor]:
        nets = self.drawn.owned(objective)
        return [weight for name, weight in self.weights.items() if name.split(".")[0] in nets]

    def _optimiser(self, name: str) -> torch.optim.Optimizer:
        about = self.drawn.objectives[name]
        rate = about["learning_rate"]
        if about["optimiser"] == "sgd":
            return torch.optim.SGD(self.own(name), rate, momentum=about["momentum"])
        return torch.optim.Adam(self.own(name), rate, eps=about["epsilon"])

    def step(self, sources: dict[str, Tensor], step: int, last: bool) -> dict[str, float]:
        """The losses of those that act."""
        times = max(about["times"] for about in self.drawn.objectives.values())
        losses, updated, seen = {}, dict.fromkeys(self.drawn.placed, 0), set()
        for name, about in self.drawn.objectives.items():
            if (step // times) % about["every"] or step % times < times - about["times"]:
                continue
            for place in {place for loss in about["losses"] for place in self.drawn.above(loss)}:
                if self.drawn.placed[place][0] == STOP:
                    continue
                nets = {self.drawn.placed[other][0] for other in self.drawn.above(place)}
                seen.add((place, tuple((net, updated.get(net, 0)) for net in sorted(nets))))
            losses[name] = self._turn(name, sources)
            for net in self.drawn.owned(name):
                updated[net] = updated.get(net, 0) + 1
        self.needed += len(seen)
        if last:
            for name in self.drawn.objectives:
                self._update(name)
        return losses

    def _turn(self, name: str, sources: dict[str, Tensor]) -> float:
        about = self.drawn.objectives[name]
        values = self._evaluate(sources)
        terms = [self._loss(values, loss) for loss in about["losses"]]
        factors = [*about["weights"], *[1.0] * len(terms)]
        total = sum(factor * term for factor, term in zip(factors, terms, strict=False))
        own = self.own(name)
        gradients = torch.autograd.grad(total, own, allow_unused=True) if total.requires_grad else [None]
        if all(gradient is None for gradient in gradients):
            raise NoGradientError
        known = zip(own, gradients, strict=True)
        self.held[name].append([torch.zeros_like(w) if g is None else g for w, g in known])
        if len(self.held[name]) == about["accumulate"]:
            self._update(name)
        return float(total.detach())

    def _update(self, name: str) -> None:
        if not self.held[name]:
            return
        own = self.own(name)
        for weight, gradients in zip(own, zip(*self.held[name], strict=True), strict=True):
            weight.grad = torch.stack(gradients).mean(0)
        self.held[name].clear()
        self.optimisers[name].step()
        for weight in own:
            weight.grad = None

    def _evaluate(self, sources: dict[str, Tensor]) -> dict[str, Tensor]:
        values = {name: value.clone().requires_grad_() for name, value in sources.items()}
        for name, (net, source) in self.drawn.placed.items():
            if net == STOP:
                values[name] = values[source].detach().requires_grad_()
                continue
            w = [self.weights[f"{net}.{part}"] for part in ("first.weight", "first.bias")]
            v = [self.weights[f"{net}.{part}"] for part in ("second.weight", "second.bias")]
            values[name] = (values[source] @ w[0].T + w[1]).tanh() @ v[0].T + v[1]
        return values

    def _loss(self, values: dict[str, Tensor], name: str) -> Tensor:
        kind, first, second = self.drawn.losses[name]
        if kind == "mse":
            return (values[first] - values[second]).square().mean()
        slope = torch.autograd.grad(
            values[first].sum(), values[second], create_graph=True, allow_unused=True
        )[0]
        slope = torch.zeros_like(values[second]) if slope is None else slope
        return (slope.norm(dim=1) - 1.0).square().mean()


# Drawing plans ----------------------------------------------------------------------------------------------


@st.composite
def drawn_plans(draw: st.DrawFn) -> PlanSpec:
    nets = [f"net{i}" for i in range(draw(st.integers(1, 4)))]
    placed: dict[str, tuple[str, str]] = {}
    for i in range(draw(st.integers(len(nets), 6))):
        net = nets[i] if i < len(nets) else draw(st.sampled_from([*nets, *nets, STOP]))
        placed[f"place{i}"] = (net, draw(st.sampled_from([*SOURCES, *placed])))
    drawn = PlanSpec(placed, {}, {})
    if draw(st.integers(0, 3)) == 0:
        drawn.frozen = {draw(st.sampled_from(nets))}
    for i in range(draw(st.integers(1, 4))):
        first = draw(st.sampled_from([name for name, (net, _) in placed.items() if net != STOP]))
        if draw(st.integers(0, 3)) == 0:
            entering = [placed[first][1], *(placed[name][1] for name in sorted(drawn.above(first)))]
            drawn.losses[f"loss{i}"] = ("gradient_penalty", first, draw(st.sampled_from(entering)))
        else:
            second = draw(st.sampled_from([name for name in (*SOURCES, *placed) if name != first]))
            drawn.losses[f"loss{i}"] = ("mse", first, second)
    for i in range(draw(st.integers(1, 4))):
        name = f"objective{i}"
        drawn.objectives[name] = draw(objectives(nets, list(drawn.losses)))
        if not drawn.owned(name):  # refused, and tested so elsewhere
            del drawn.objectives[name]
    return drawn


@st.composite
def objectives(draw: st.DrawFn, nets: list[str], losses: list[str]) -> dict[str, Any]:
    return {
        "losses": draw(st.lists(st.sampled_from(losses), min_size=1, max_size=3, unique=True)),
        "updates": draw(st.lists(st.sampled_from(nets), max_size=2, unique=True)),
        "weights": draw(st.lists(st.sampled_from([0.5, 1.0, 2.0]), max_size=3)),
        "every": draw(st.sampled_from([1, 1, 2])),
        "times": draw(st.sampled_from([1, 1, 2, 3])),
        "accumulate": draw(st.sampled_from([1, 1, 2])),
        "optimiser": draw(st.sampled_from(["sgd", "adam"])),
        "learning_rate": 0.05,
        "momentum": 0.5,
        "epsilon": 0.1,  # where a gradient is all but 0, Adam would make a step of its rounding
    }


PLAIN = {
    "weights": [],
    "every": 1,
    "times": 1,
    "accumulate": 1,
    "optimiser": "sgd",
    "learning_rate": 0.05,
    "momentum": 0.5,
    "epsilon": 0.1,
}
SHARED_PENALTY = PlanSpec(
    {"outer": ("net0", "data"), "inner": ("net1", "outer")},
    {"slope": ("gradient_penalty", "inner", "data")},
    {
        "first": {"losses": ["slope"], "updates": ["net1"], **PLAIN},
        "second": {"losses": ["slope"], "updates": [], **PLAIN},
    },
)
"""What the first objective computes on the way to its slope carries gradients for the second."""
FROZEN_PENALTY = PlanSpec(
    {"still": ("net0", "data"), "below": ("net1", "noise"), "last": ("net2", "below")},
    {
        "constant": ("gradient_penalty", "still", "data"),
        "slope": ("gradient_penalty", "last", "below"),
        "error": ("mse", "below", "data"),
    },
    {"only": {"losses": ["constant", "slope", "error"], "updates": ["net2"], **PLAIN}},
    {"net0"},
)
"""A slope of what never learns, beside values that are computed without gradients."""


@example(SHARED_PENALTY)
@example(FROZEN_PENALTY)
@given(drawn_plans())
def test_any_plan_trains_as_if_everything_were_computed_anew(drawn: PlanSpec) -> None:
    note(str(drawn))
    if not drawn.objectives:
        return
    plan = compile(drawn.project(), channels_last=False)
    reference = Reference(drawn, plan)
    stepper, sources = Stepper(plan, STEPS), Sources(plan)
    calls = {id(plan.modules[f"{n}.first"]): count_calls(plan.modules[f"{n}.first"]) for n in _firsts(drawn)}
    paths = [objective.path for objective in plan.objectives]
    plan.train()
    for step in range(STEPS):
        values = sources.next()
        plain = {"data": values[FlatEnd("data", "input")], "noise": values[FlatEnd("noise", "output")]}
        try:
            expected = reference.step({name: plain[name] for name in SOURCES}, step, step == STEPS - 1)
        except NoGradientError:
            with suppress(CompileError):  # told where the loss hangs on nothing at all
                stepper.step(values, step, 0)
            return
        losses = dict(zip(paths, stepper.step(values, step, 0), strict=False))
        found = {path: loss for path, loss in losses.items() if loss is not None}
        assert found.keys() == expected.keys()
        for path, loss in found.items():
            torch.testing.assert_close(loss.item(), expected[path], rtol=1e-5, atol=1e-6)
    for name, weight in plan.model.state_dict().items():
        torch.testing.assert_close(weight, reference.weights[name].detach(), rtol=1e-4, atol=1e-5)
    assert all(parameter.grad is None for parameter in plan.model.parameters())
    assert sum(count[0] for count in calls.values()) == reference.needed


def _firsts(drawn: PlanSpec) -> list[str]:
    """One placement of each network."""
    return list({net: name for name, (net, _) in drawn.placed.items() if net != STOP}.values())
