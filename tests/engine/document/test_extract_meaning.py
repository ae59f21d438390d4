"""A part of a drawing that becomes a definition computes what it computed: parameters, shapes and values."""

from __future__ import annotations

import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.compile import compile as compile_project
from engine.document.edits import EditError
from engine.document.edits.extract import extract
from engine.document.edits.unpack import unpack
from engine.document.project import MAIN, Project
from engine.expand.flat import FlatEnd
from engine.infer import infer
from tests.drawings import Step, gan, graph

few = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
ENDS = ("real_loss", "fake_loss", "fool_loss")


@st.composite
def nets(draw) -> Project:
    """Points through layers that hang on any layers before them, to a loss."""
    steps: list[Step] = [("data", "data", {"dataset": "circle"})]
    wires: list[str] = []
    behind = ["data.input"]
    for number in range(draw(st.integers(2, 7))):
        adds = len(behind) > 1 and draw(st.booleans())
        layer = "add" if adds else draw(st.sampled_from(("linear", "tanh", "batch_norm1d")))
        key = f"n{number}"
        steps.append((key, layer, {"out_features": 2} if layer == "linear" else {}))
        ends = draw(st.lists(st.sampled_from(behind), min_size=1 + adds, max_size=1 + adds, unique=True))
        wires += [f"{end} -> {key}" for end in ends]
        behind.append(f"{key}.output")
    steps += [("last", "linear", {"out_features": 2}), ("loss", "mse"), ("objective", "objective")]
    wires += [f"{behind[-1]} -> last", "last -> loss.prediction", "data.input -> loss.target"]
    drawn = graph(steps, [*wires, "loss.loss -> objective.loss"])
    orders: dict[tuple[str, str], int] = {}
    ranked = []
    for one in drawn.wires:
        order = orders.get(one.target, 0)
        orders[one.target] = order + 1
        ranked.append(type(one)(one.source, one.target, order))
    return Project(graphs={MAIN: type(drawn)(drawn.nodes, tuple(ranked))})


def values_of(
    project: Project, weights: dict[str, torch.Tensor], ends: tuple[str, ...]
) -> list[torch.Tensor]:
    """What leaves these nodes with the weights of the drawing before, wherever they are now."""
    plan = compile_project(project, seed=1)
    state = {}
    for name, value in plan.model.state_dict().items():
        key = ".".join(name.split(".")[-2:])
        state[name] = weights.get(name, weights.get(key, value))
    plan.model.load_state_dict(state)
    plan.eval()
    torch.manual_seed(0)
    given = {
        FlatEnd(path, port.name): torch.randn(8, 4 if path == "noise" else 2)
        for path in sorted(plan.sources)
        for port in plan.sources[path].layer.output_ports()
    }
    return list(plan.capture(ends)(given).values())


@few
@given(nets(), st.data())
def test_extract_keeps_the_meaning(project: Project, data) -> None:
    inner = [key for key in project.main.nodes if key not in ("data", "objective")]
    chosen = data.draw(st.sets(st.sampled_from(inner), min_size=1))
    layer = data.draw(st.sampled_from(("block", "network")))
    try:
        made, key = extract(project, MAIN, chosen, "Part", layer)
    except EditError as error:
        if error.received.startswith("a path through"):
            return
        raise
    before, after = infer(project), infer(made)
    assert after.parameters == before.parameters
    assert after.multiply_adds == before.multiply_adds
    for node in inner:
        path = f"{key}.{node}" if node in chosen else node
        assert after.nodes[path].outputs == before.nodes[node].outputs
    weights = dict(compile_project(project, seed=0).model.state_dict())
    ends = [f"{key}.loss" if "loss" in chosen else "loss"]
    expected = values_of(project, weights, ("loss",))
    assert torch.equal(values_of(made, weights, tuple(ends))[0], expected[0])
    back, _ = unpack(made, MAIN, key)
    assert torch.equal(values_of(back, weights, ("loss",))[0], expected[0])


def test_part_of_a_shared_network_stays_shared() -> None:
    project = gan()
    made, _ = extract(project, "judge", ["linear1", "relu1"], "Trunk")
    before, after = infer(project), infer(made)
    assert not after.errors
    assert after.parameters == before.parameters
    weights = dict(compile_project(project, seed=0).model.state_dict())
    moved = {name.replace("judge.linear1", "judge.trunk.linear1"): held for name, held in weights.items()}
    assert set(moved) == set(compile_project(made, seed=0).model.state_dict())
    expected = values_of(project, weights, ENDS)
    assert all(torch.equal(*pair) for pair in zip(values_of(made, moved, ENDS), expected, strict=True))
