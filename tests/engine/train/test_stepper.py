"""Training steps: cycles, LBFGS among others, weights of losses, rates of parts, means of weights."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import torch
from torch.nn import functional as F

from engine.compile import CompileError, Plan, compile  # noqa: A004
from engine.document.project import MAIN, Project, Settings
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.train.stepper import Stepper
from nodes.torch_internals import TorchDispatchMode
from tests.by_hand import hand_lenet
from tests.drawings import chain, gan, graph, lenet5, wgan_gp, with_settings


def change(project: Project, node: str, **params: Any) -> Project:
    main = project.main
    changed = msgspec.structs.replace(main.nodes[node], params={**main.nodes[node].params, **params})
    main = msgspec.structs.replace(main, nodes={**main.nodes, node: changed})
    return msgspec.structs.replace(project, graphs={**project.graphs, MAIN: main})


def trained(plan: Plan, stepper: Stepper, sources: Sources, steps: range) -> list[list[float | None]]:
    plan.train()
    rows = [stepper.step(sources.next(), step, 0) for step in steps]
    return [[None if loss is None else float(loss) for loss in row] for row in rows]


def test_several_updates_of_one_objective_come_to_one_of_another() -> None:
    plan = compile(wgan_gp(times=3))
    rows = trained(plan, Stepper(plan, 7), Sources(plan), range(7))
    assert [row[1] is None for row in rows] == [True, True, False, True, True, False, True]
    assert all(row[0] is not None for row in rows)
    rare = compile(change(wgan_gp(times=2), "making", every=2))
    rows = trained(rare, Stepper(rare, 8), Sources(rare), range(8))
    acts = [row[1] is not None for row in rows]
    assert acts == [False, True, False, False] * 2  # the last step of every second cycle


def test_single_losses_are_told_beside_their_weighted_sum() -> None:
    plan = compile(wgan_gp(times=2))
    stepper = Stepper(plan, 2)
    assert stepper.term_names == ["judging/real_loss", "judging/fake_loss", "judging/penalty"]
    row = trained(plan, stepper, Sources(plan), range(1))[0]
    total, terms = row[0], row[2:]
    assert total == pytest.approx(sum(a * b for a, b in zip((1, 1, 10), terms, strict=True) if b), rel=1e-6)
    single = compile(chain({"dataset": "circle"}, [("linear", "linear", {"out_features": 2})]))
    assert Stepper(single, 1).term_names == []


def test_the_remainder_of_an_accumulation_is_updated_with_at_the_end() -> None:
    project = change(gan(), "judging", accumulate=4, optimiser="sgd")
    plan = compile(project)
    stepper, sources = Stepper(plan, 6), Sources(plan)
    weight = plan.model.state_dict()["judge.linear1.weight"]
    changed = []
    for step in range(6):
        before = weight.clone()
        trained(plan, stepper, sources, range(step, step + 1))
        changed.append(not torch.equal(weight, before))
    assert changed == [False, False, False, True, False, True]


def line(**objective: Any) -> Project:
    """A small regression with all data in one batch."""
    steps: list[Any] = [
        ("hidden", "linear", {"out_features": 8, "activation": "tanh"}),
        ("last", "linear", {"out_features": 1}),
    ]
    project = chain({"dataset": "sunspots", "window": 6}, [("flat", "flatten"), *steps], "mse", **objective)
    return with_settings(project, batch_size=3000)


def test_lbfgs_searches_with_the_values_of_its_step() -> None:
    plan = compile(line(optimiser="lbfgs", learning_rate=1.0, iterations=5, weight_decay=1e-3))
    sources = Sources(plan)
    values = sources.next()
    x, y = values[FlatEnd("data", "input")].flatten(1), values[FlatEnd("data", "target")]
    hand = {name: t.clone().requires_grad_() for name, t in plan.model.state_dict().items()}
    torch_own = torch.optim.LBFGS(
        hand.values(), 1.0, max_iter=5, history_size=10, line_search_fn="strong_wolfe"
    )

    def predicted() -> torch.Tensor:
        hidden = (x @ hand["hidden.weight"].T + hand["hidden.bias"]).tanh()
        return hidden @ hand["last.weight"].T + hand["last.bias"]

    def closure() -> torch.Tensor:
        torch_own.zero_grad()
        decay = torch.stack([weight.square().sum() for weight in hand.values()]).sum()
        loss = F.mse_loss(predicted(), y) + 0.5e-3 * decay
        loss.backward()
        return loss.detach()

    stepper = Stepper(plan, 3)
    plan.train()
    for step in range(3):
        expected = F.mse_loss(predicted(), y).item()
        assert float(stepper.step(dict(values), step, 0)[0] or 0) == pytest.approx(expected, rel=1e-4)
        torch_own.step(closure)
    for name, weight in plan.model.state_dict().items():
        torch.testing.assert_close(weight, hand[name].detach(), rtol=1e-3, atol=1e-4)


def test_lbfgs_next_to_another_objective_computes_what_it_changes_anew() -> None:
    project = change(gan(), "making", optimiser="lbfgs", learning_rate=0.5, iterations=4)
    plan = compile(project)
    stepper, sources = Stepper(plan, 5), Sources(plan)
    rows = trained(plan, stepper, sources, range(5))
    assert all(torch.isfinite(torch.tensor([loss for loss in row if loss is not None])).all() for row in rows)
    judging, making = plan.program((0, 1)).phases
    assert {end.path for end in judging.kept} == {"ones"}  # no value that a search will change is passed on
    assert FlatEnd("noise", "output") in making.graph.inputs


def test_a_run_that_takes_up_its_state_goes_on_to_the_same_bits() -> None:
    project = change(change(gan(), "judging", accumulate=3, ema=0.9), "making", optimiser="nadam")
    through, parted = compile(project, seed=4), compile(project, seed=4)
    batches = [Sources(through).next() for _ in range(1)]
    batches += [batches[0] for _ in range(9)]

    def go(plan: Plan, stepper: Stepper, steps: range) -> None:
        plan.train()
        for step in steps:
            stepper.step(dict(batches[step]), step, 0)

    whole = Stepper(through, 20)
    go(through, whole, range(10))
    first = Stepper(parted, 20)
    go(parted, first, range(4))
    kept = {name: tensor.clone() for name, tensor in first.state().items()}
    assert {name.split("/")[0] for name in kept} == {"@optimiser", "@schedule", "@average"}
    second = Stepper(parted, 20)
    second.resume(kept)
    go(parted, second, range(4, 10))
    for name, weight in through.model.state_dict().items():
        assert torch.equal(weight, parted.model.state_dict()[name]), name
    for name, mean in whole.averages().items():
        assert torch.equal(mean, second.averages()[name])
    assert set(whole.averages()) == {name for name in through.model.state_dict() if name.startswith("judge.")}


def test_parts_learn_at_rates_of_their_own_the_longer_path_rules() -> None:
    params = {"optimiser": "sgd", "momentum": 0.0, "learning_rate": 0.1}
    steps: list[Any] = [("a", "linear", {"out_features": 3}), ("b", "linear", {"out_features": 2})]
    changes = []
    for factors in ("", "a: 0.5, a.bias: 0, b: 2"):
        plan = compile(chain({"dataset": "circle"}, steps, rate_factors=factors, **params))
        before = {name: tensor.clone() for name, tensor in plan.model.state_dict().items()}
        trained(plan, Stepper(plan, 1), Sources(plan), range(1))
        changes.append({name: t - before[name] for name, t in plan.model.state_dict().items()})
    for name, factor in (("a.weight", 0.5), ("a.bias", 0.0), ("b.weight", 2.0), ("b.bias", 2.0)):
        torch.testing.assert_close(changes[1][name], factor * changes[0][name], rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"rate_factors": "b: 0.1"}, r"rate_factors: Expected paths with weights.*\(linear\).*'b: 0.1'"),
        ({"rate_factors": "linear"}, r"rate_factors: Expected paths with weights.*'linear'"),
        (
            {"rate_factors": "linear: fast"},
            r"rate_factors: Expected a number from 0 on as the factor of linear.*'fast'",
        ),
        (
            {"optimiser": "lbfgs", "accumulate": 2},
            r"Objective: Expected to accumulate 1 batch with LBFGS.*Received 2",
        ),
        (
            {"optimiser": "lbfgs", "rate_factors": "linear: 2"},
            r"Objective: Expected no rate factors with LBFGS",
        ),
    ],
)
def test_what_an_objective_cannot_do_is_refused(params: dict[str, Any], message: str) -> None:
    project = chain({"dataset": "circle"}, [("linear", "linear", {"out_features": 2})], **params)
    with pytest.raises(CompileError, match=f"objective: {message}"):
        compile(project)


def test_a_penalty_on_a_part_that_never_learns_has_its_value_and_no_gradients() -> None:
    """A contractive penalty of a frozen encoder, beside a decoder that learns."""
    main = graph(
        [
            ("data", "data", {"dataset": "circle"}),
            ("encode", "linear", {"out_features": 3, "activation": "tanh"}),
            ("decode", "linear", {"out_features": 2}),
            ("error", "mse"),
            ("contract", "contractive_penalty"),
            ("objective", "objective", {}),
        ],
        [
            *("data.input -> encode", "encode -> decode", "decode -> error.prediction"),
            *("data.input -> error.target", "encode -> contract.code", "data.input -> contract.input"),
            "error.loss -> objective.loss",
        ],
    )
    extra = graph([], ["contract.loss -> objective.loss"]).wires[0]
    nodes = {**main.nodes, "encode": msgspec.structs.replace(main.nodes["encode"], frozen=True)}
    main = msgspec.structs.replace(
        main, nodes=nodes, wires=(*main.wires, msgspec.structs.replace(extra, order=1))
    )
    plan = compile(Project(graphs={MAIN: main}, settings=Settings(batch_size=32)))
    stepper, sources = Stepper(plan, 2), Sources(plan)
    values = sources.next()
    weight, bias = plan.model.state_dict()["encode.weight"], plan.model.state_dict()["encode.bias"]
    slopes = 1 - (values[FlatEnd("data", "input")] @ weight.T + bias).tanh().square()
    expected = (slopes.square() @ weight.square()).sum(1).mean()
    plan.train()
    loss, error, penalty = stepper.step(values, 0, 0)
    assert loss is not None
    assert error is not None
    assert penalty is not None
    assert float(penalty) == pytest.approx(float(expected), rel=1e-5)
    assert float(loss) == pytest.approx(float(error) + float(penalty), rel=1e-6)
    assert all(tensor.grad is None for tensor in values.values())
    assert not any(tensor.requires_grad for tensor in values.values())


def test_a_loss_that_no_gradient_flows_through_is_told_at_the_first_step() -> None:
    plan = compile(chain({"dataset": "circle"}, [("linear", "linear", {"out_features": 2})]))
    linear = plan.modules["linear"]
    forward = linear.forward
    linear.forward = lambda points: forward(points).detach()  # as a layer of a plug-in might
    with pytest.raises(CompileError, match="objective: Expected a loss that changes with the weights"):
        trained(plan, Stepper(plan, 1), Sources(plan), range(1))


class Counted(TorchDispatchMode):
    """While entered, counts the operations of torch below autograd, those of the backward pass too."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += "profiler" not in str(func)  # torch.optim notes its steps for the profiler
        return func(*args, **(kwargs or {}))


def test_a_step_takes_no_more_operations_than_one_written_by_hand() -> None:
    plan = compile(lenet5(optimiser="adam"))
    sources, stepper = Sources(plan), Stepper(plan, 9)
    net = hand_lenet().to(memory_format=torch.channels_last)
    adam = torch.optim.Adam(net.parameters(), 1e-3, fused=True)
    counts = []
    for step in range(2):  # the first makes what later ones find
        values = sources.next()
        image, label = (values[FlatEnd("data", port)] for port in ("input", "target"))
        with Counted() as of_engine:
            stepper.step(values, step, 0)
        with Counted() as by_hand:
            adam.zero_grad(set_to_none=True)
            loss = F.cross_entropy(net(image), label)
            loss.backward()
            adam.step()
            loss.detach()  # for the curve
        counts = [of_engine.count, by_hand.count]
    assert counts[0] <= counts[1]
    assert counts[0] > 50
