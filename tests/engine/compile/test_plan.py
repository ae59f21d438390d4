"""What a compiled plan gives: values at paths, the owner of a module, memory layout and parameters."""

from __future__ import annotations

import torch

from engine.compile import compile  # noqa: A004
from engine.document.project import MAIN, Project
from engine.feed.sources import Sources
from engine.messages.events import Progress
from engine.run.run import Run
from nodes.registry import REGISTRY
from tests.drawings import chain, convnet, gan, graph
from tests.engine.train.test_stepper import change


def test_the_graph_of_the_same_paths_is_made_once_and_the_oldest_is_forgotten() -> None:
    plan = compile(convnet("digits"))
    first = plan.capture(["relu1"])
    assert plan.capture(["relu1"]) is first
    paths = [path for path in plan.modules if path != "relu1"]
    for number in range(16):
        plan.capture([*paths[:2], paths[number % len(paths)], f"unknown{number}"])
    assert plan.capture(["relu1"]) is not first
    assert plan.capture(["relu1", "nothing"]).paths == ("relu1",)


def test_a_module_inside_a_layer_belongs_to_the_node_of_the_layer() -> None:
    plan = compile(
        chain(
            {"dataset": "digits"},
            [
                ("thin", "separable_conv2d", {"out_channels": 4}),
                ("flatten", "flatten"),
                ("linear", "linear", {"out_features": 10}),
            ],
        )
    )
    for path, module in plan.modules.items():
        assert {plan.path_of(part) for part in module.modules()} == {path}
    assert plan.path_of(torch.nn.Linear(1, 1)) is None
    assert plan.parameters() == sum(tensor.numel() for tensor in plan.model.parameters())


def test_images_are_kept_channels_last_where_it_helps_or_is_asked_for() -> None:
    project = convnet("digits")
    assert compile(project).channels_last
    assert not compile(project, channels_last=False).channels_last
    assert not compile(project, "meta").channels_last
    plain, last = (compile(project, channels_last=asked) for asked in (False, True))
    sources = Sources(plain)
    values = sources.next()
    sources.close()
    for plan in (plain, last):
        plan.eval()
    seen = [plan.capture(["linear"])(values)["linear"] for plan in (plain, last)]
    torch.testing.assert_close(*seen)


def test_objectives_whose_optimiser_evaluates_the_loss_again_train_in_turns() -> None:
    project = change(change(gan(), "judging", optimiser="lbfgs"), "making", optimiser="lbfgs")
    events: list[object] = []
    assert Run(project, steps=3).execute(events.append).status == "completed"
    told = [event for event in events if isinstance(event, Progress)]
    assert told[-1].step == 3
    assert set(told[-1].losses) == {"judging", "making"}


def test_each_output_of_a_layer_with_several_is_a_value_of_its_own() -> None:
    nodes = [
        ("data", "data", {"dataset": "circle"}),
        ("wide", "linear", {"out_features": 4}),
        ("split", "split"),
        ("join", "subtract"),
        ("loss", "cross_entropy"),
        ("objective", "objective"),
    ]
    first, second, *_ = REGISTRY["split"]().output_ports()
    wires = [
        "data.input -> wide",
        "wide -> split",
        f"split.{first.name} -> join.a",
        f"split.{second.name} -> join.b",
        "join -> loss.logits",
        "data.target -> loss.label",
        "loss.loss -> objective.loss",
    ]
    plan = compile(Project(graphs={MAIN: graph(nodes, wires)}))
    sources = Sources(plan)
    values = plan.capture(["wide", "join"])(sources.next())
    sources.close()
    torch.testing.assert_close(values["join"], values["wide"][:, :2] - values["wide"][:, 2:])


def test_two_and_three_dimensional_convolutions_stand_in_one_drawing() -> None:
    """The first are laid channels last, of which the others have no such order."""
    steps = [
        ("flat", "conv2d", {"out_channels": 4}),
        ("deep", "reshape", {"shape": [4, 1, 6, 6]}),
        ("solid", "conv3d", {"out_channels": 2, "kernel_size": 1}),
        ("flatten", "flatten"),
        ("linear", "linear", {"out_features": 10}),
    ]
    project = chain({"dataset": "digits"}, steps)
    plan = compile(project)
    assert plan.channels_last
    flat = plan.model.state_dict()["flat.weight"]
    assert flat.is_contiguous(memory_format=torch.channels_last)
    assert Run(project, device="cpu", steps=2).execute(lambda event: None).status == "completed"
