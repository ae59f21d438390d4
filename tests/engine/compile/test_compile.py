"""Compiled drawings: names, weights, what is computed in a step, what two objectives see of each other."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.compile import CompileError, Plan, compile  # noqa: A004
from engine.compile.graphs import CompiledGraph
from engine.document.project import MAIN, Project
from engine.expand import expand
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.infer import infer
from engine.train.stepper import Stepper
from tests.drawings import chain, convnet, gan, graph, lenet5
from tests.engine import resnet


def change(project: Project, node: str, **changes: object) -> Project:
    main = project.main
    nodes = {**main.nodes, node: msgspec.structs.replace(main.nodes[node], **changes)}
    graphs = {**project.graphs, MAIN: msgspec.structs.replace(main, nodes=nodes)}
    return msgspec.structs.replace(project, graphs=graphs)


def count_calls(module: nn.Module) -> list[int]:
    """Counts forward calls, by wrapping forward in place."""
    calls, forward = [0], module.forward

    def counted(*inputs: Tensor) -> Tensor:
        calls[0] += 1
        return forward(*inputs)

    module.forward = counted  # type: ignore[method-assign]
    return calls


def test_state_dict_keys_are_canvas_paths_and_weights_are_those_of_a_hand_written_net() -> None:
    plan = compile(lenet5(), seed=3)
    torch.manual_seed(3)
    hand = [nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5), nn.Linear(400, 120), nn.Linear(120, 84)]
    hand.append(nn.Linear(84, 10))
    names = ["conv1", "conv2", "linear1", "linear2", "linear3"]
    assert list(plan.model.state_dict()) == [
        f"{name}.{part}" for name in names for part in ("weight", "bias")
    ]
    assert plan.parameters() == 61_706
    for name, layer in zip(names, hand, strict=True):
        assert torch.equal(plan.model.state_dict()[f"{name}.weight"], layer.weight)


def test_a_node_may_have_a_name_that_torch_uses_itself() -> None:
    project = chain({"dataset": "circle"}, [("train", "linear", {"out_features": 2}), ("forward", "tanh")])
    plan = compile(project)
    stepper, sources = Stepper(plan, 10), Sources(plan)
    plan.train()
    before = plan.model.state_dict()["train.weight"].clone()
    stepper.step(sources.next(), 0, 0)
    assert not torch.equal(before, plan.model.state_dict()["train.weight"])


def test_blocks_repeat_with_weights_of_their_own_and_networks_share_one_set() -> None:
    through = ["@in.x -> linear", "linear -> relu", "relu.output -> @out.y"]
    steps = [("linear", "linear", {"out_features": "=w if i == 0 else 8"}), ("relu", "relu")]
    body = graph(steps, through, inputs=("x",), outputs=("y",), parameters={"w": 4})
    stacked = {"definition": "body", "repeat": 3, "w": 8}
    project = chain(
        {"dataset": "circle"},
        [
            ("stack", "block", stacked),
            ("shared", "network", {"definition": "head"}),
            ("end", "linear", {"out_features": 2}),
        ],
    )
    wires = []
    for item in project.main.wires:
        source, target = item.source, item.target
        if target.node in ("stack", "shared"):
            target = target._replace(port="x")
        if source.node in ("stack", "shared"):
            source = source._replace(port="y")
        wires.append(msgspec.structs.replace(item, source=source, target=target))
    main = msgspec.structs.replace(project.main, wires=tuple(wires))
    plan = compile(Project(graphs={MAIN: main, "body": body, "head": body}))
    keys = set(plan.model.state_dict())
    assert {f"stack.{i}.linear.weight" for i in range(3)} <= keys
    assert "head.linear.weight" in keys
    assert plan.model.state_dict()["stack.0.linear.weight"].shape == (8, 2)
    assert {end.path for end in plan.specs} >= {"stack.2.relu", "shared.linear"}


def test_the_state_of_a_resnet50_is_named_by_its_canvas_paths() -> None:
    project = resnet.resnet50()
    state = compile(project).model.state_dict()
    paths = {name.rpartition(".")[0] for name in state}
    report = infer(project)
    flat = expand(project).nodes
    weighted = {path for path, node in report.nodes.items() if node.parameters and path in flat}
    assert paths == weighted
    learned = [tensor for name, tensor in state.items() if not name.endswith(("_mean", "_var", "_tracked"))]
    assert sum(tensor.numel() for tensor in learned) == report.parameters == 25_557_032
    assert [path for path in paths if ".2." in path], "no repetition has a place in a path"


def test_a_frozen_layer_keeps_its_weights_and_its_statistics() -> None:
    project = change(change(convnet("digits"), "norm1", frozen=True), "conv1", frozen=True)
    plan = compile(project)
    sources, stepper = Sources(plan), Stepper(plan, 10)
    plan.train()
    before = {name: tensor.clone() for name, tensor in plan.model.state_dict().items()}
    for step in range(3):
        stepper.step(sources.next(), step, 0)
    after = plan.model.state_dict()
    changed = {name for name in after if not torch.equal(before[name], after[name])}
    assert not any(name.startswith(("conv1.", "norm1.")) for name in changed)
    assert {"conv2.weight", "norm2.running_mean", "linear.bias"} <= changed


def test_an_objective_compiles_to_the_ancestors_of_its_loss_alone() -> None:
    project = gan()
    plan = compile(project)
    judging, making = plan.program((0, 1)).phases
    called = [node.target for node in judging.graph.module.graph.nodes if node.op == "call_module"]
    assert "fool_loss" not in called
    assert [end.path for end in making.graph.inputs if end.path.startswith("make")] == ["make.linear2"]


def called(part: CompiledGraph) -> list[object]:
    return [node.target for node in part.module.graph.nodes if node.op == "call_module"]


def test_max_pools_go_before_relus_with_the_same_bits() -> None:
    plan = compile(convnet(dropout=0.0))
    part, drawn = plan.program((0,)).phases[0].graph, plan.capture(["loss"])
    assert called(part)[:4] == ["conv1", "norm1", "pool1", "relu1"]
    assert called(drawn.graph)[:4] == ["conv1", "norm1", "relu1", "pool1"]
    values = Sources(plan).next()
    gradients = []
    for loss in (part(values)[0], drawn(values)["loss"]):
        loss.backward()
        gradients.append([parameter.grad for parameter in plan.model.parameters()])
        plan.model.zero_grad(set_to_none=True)
    assert all(torch.equal(a, b) for a, b in zip(*gradients, strict=True))


def test_activations_that_round_or_that_others_read_stay_where_they_are() -> None:
    assert called(compile(lenet5()).program((0,)).phases[0].graph)[:3] == ["conv1", "tanh1", "pool1"]
    project = convnet()
    extra = graph([("seen", "output")], ["relu1 -> seen.input"])
    main = msgspec.structs.replace(
        project.main, nodes={**project.main.nodes, **extra.nodes}, wires=(*project.main.wires, *extra.wires)
    )
    plan = compile(msgspec.structs.replace(project, graphs={MAIN: main}))
    _, _, outputs = plan.evaluation(Sources(plan).next())
    assert sorted(tuple(value.shape[1:]) for value in outputs) == [(10,), (16, 28, 28)]


# Two objectives -------------------------------------------------------------------------------------------


def hand_gan(plan: Plan) -> tuple[nn.Module, nn.Module]:
    """The same two nets, written by hand, with the same weights."""
    torch.manual_seed(plan.seed)
    nets = {}
    for name, sizes in (("maker", (4, 16, 2)), ("judge", (2, 16, 2))):
        nets[name] = nn.Sequential(nn.Linear(sizes[0], sizes[1]), nn.ReLU(), nn.Linear(sizes[1], sizes[2]))
        for layer, part in ((0, "linear1"), (2, "linear2")):
            for weight in ("weight", "bias"):
                own = getattr(nets[name][layer], weight)
                own.data.copy_(plan.model.state_dict()[f"{name}.{part}.{weight}"])
    return nets["maker"], nets["judge"]


def hand_step(
    maker: nn.Module,
    judge: nn.Module,
    optimisers: tuple[torch.optim.Optimizer, ...],
    real: Tensor,
    noise: Tensor,
) -> tuple[float, float]:
    """The textbook step of a GAN."""
    fake = maker(noise)
    on_real, on_fake = judge(real), judge(fake.detach())
    ones, zeros = torch.ones_like(on_real), torch.zeros_like(on_real)
    bce: Callable[[Tensor, Tensor], Tensor] = F.binary_cross_entropy_with_logits
    judging = bce(on_real, ones) + bce(on_fake, zeros)
    optimisers[0].zero_grad()
    judging.backward()
    optimisers[0].step()
    making = bce(judge(fake), ones)
    optimisers[1].zero_grad()
    making.backward()
    optimisers[1].step()
    return judging.item(), making.item()


def test_two_objectives_train_a_gan_as_the_textbook_loop_does() -> None:
    plan = compile(gan(), seed=1)
    sources, stepper = Sources(plan), Stepper(plan, 100)
    maker, judge = hand_gan(plan)
    optimisers = (torch.optim.Adam(judge.parameters(), 2e-3), torch.optim.Adam(maker.parameters(), 1e-3))
    plan.train()
    for step in range(40):
        values = sources.next()
        real, noise = values[FlatEnd("data", "input")], values[FlatEnd("noise", "output")]
        expected = hand_step(maker, judge, optimisers, real, noise)
        losses = [float(loss) for loss in stepper.step(values, step, 0) if loss is not None]
        assert losses[:2] == pytest.approx(expected, rel=1e-5)
        assert losses[0] == pytest.approx(sum(losses[2:]), rel=1e-5)  # the terms of the judge's loss


def test_a_value_is_computed_once_a_step_until_a_weight_above_it_changes() -> None:
    plan = compile(gan())
    sources, stepper = Sources(plan), Stepper(plan, 100)
    made = count_calls(plan.modules["make.linear1"])
    judged = count_calls(plan.modules["real.linear1"])
    plan.train()
    stepper.step(sources.next(), 0, 0)
    assert made == [1]  # the generator's sample serves both objectives
    assert judged == [3]  # real, fake, and fake again by the updated judge


def test_each_objective_changes_its_own_weights_and_no_gradient_is_left() -> None:
    plan = compile(gan(every=2))
    sources, stepper = Sources(plan), Stepper(plan, 100)
    plan.train()

    def changed_by(step: int) -> set[str]:
        before = {name: tensor.clone() for name, tensor in plan.model.state_dict().items()}
        stepper.step(sources.next(), step, 0)
        return {n.split(".")[0] for n, t in plan.model.state_dict().items() if not torch.equal(t, before[n])}

    assert changed_by(0) == {"maker", "judge"}
    assert changed_by(1) == {"judge"}  # the maker acts at every second step
    assert all(parameter.grad is None for parameter in plan.model.parameters())
    assert torch.is_grad_enabled()


# Looking --------------------------------------------------------------------------------------------------


def test_capture_returns_the_value_of_any_place() -> None:
    plan = compile(gan())
    values = Sources(plan).sample(0)
    plan.eval()
    with torch.no_grad():
        seen = plan.capture(["make", "make.linear1", "noise", "fool_loss", "judging", "nowhere"])(values)
    assert set(seen) == {"make", "make.linear1", "noise", "fool_loss", "judging"}
    assert seen["make"].shape == (1, 2)
    assert seen["make.linear1"].shape == (1, 16)
    assert seen["fool_loss"].shape == ()


# Refusals -------------------------------------------------------------------------------------------------


def test_an_objective_that_names_an_unknown_path_is_refused() -> None:
    project = change(gan(), "making", params={"updates": "marker"})
    expected = r"making: updates: Expected paths with weights \(judge, maker\).*'marker'"
    with pytest.raises(CompileError, match=expected):
        compile(project)


def test_an_objective_with_nothing_to_learn_is_refused() -> None:
    project = chain({"dataset": "circle"}, [("tanh", "tanh")])
    with pytest.raises(CompileError, match=r"objective: Expected weights to update. Received none: no layer"):
        compile(project)
    frozen = chain({"dataset": "circle"}, [("linear", "linear", {"out_features": 2})])
    with pytest.raises(CompileError, match="all of them are frozen"):
        compile(change(frozen, "linear", frozen=True))


def test_a_broken_branch_is_left_out_but_a_broken_objective_is_refused() -> None:
    project = lenet5()
    stray = graph([("stray", "conv2d", {"kernel_size": 99})], ["data.input -> stray"])
    main = msgspec.structs.replace(
        project.main,
        nodes={**project.main.nodes, **stray.nodes},
        wires=(*project.main.wires, *stray.wires),
    )
    plan = compile(msgspec.structs.replace(project, graphs={MAIN: main}))
    assert "stray" not in plan.nodes
    assert any(problem.node == "stray" for problem in plan.problems)
    with pytest.raises(CompileError, match="conv2"):
        compile(change(lenet5(), "conv2", params={"kernel_size": 99}))
