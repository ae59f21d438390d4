"""Drawings of definitions within definitions, placed as blocks and networks, and what holds for them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import torch
from hypothesis import assume
from hypothesis import strategies as st

from engine.compile import compile as compile_project
from engine.document import edits, query
from engine.document.edits import EditError
from engine.document.edits.check import problems_of
from engine.document.edits.extract import extract
from engine.document.edits.placement import make_unique, placements_of
from engine.document.edits.unpack import unpack
from engine.document.project import INPUT, MAIN, OUTPUT, Graph, Node, Project, Wire
from engine.document.storage.library import fingerprint, read_block, write_block
from engine.expand.flat import FlatEnd
from engine.infer import infer
from tests.engine.resnet import graph, project_of

WIDTH = 3
_CONDITIONS = ("", "", "=i == 0", "=w > 2", "=i < w")
_LAYERS = ("linear", "tanh", "hidden", "batch_norm1d", "add")


@st.composite
def _inside(draw: Any, inner: list[str], main: bool) -> tuple[list[Node], list[str], str]:
    """Nodes in a row with some shortcuts, from `@in.x` or the source; wires, and where the row ends."""
    end = "source.output" if main else f"{INPUT}.x"
    nodes, wires, behind = list[Node](), list[str](), [end]
    for number in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from((*_LAYERS, *inner)))
        key = f"n{number}"
        when = "" if main else draw(st.sampled_from(_CONDITIONS))
        sources = [draw(st.sampled_from(behind))]
        if kind == "add":
            sources = draw(st.lists(st.sampled_from(behind), min_size=1, max_size=2, unique=True))
            nodes.append(Node(key, "add"))
        elif kind in inner:
            nodes.append(_placed(draw, key, kind, main, when))
        elif kind == "linear":
            nodes.append(Node(key, "linear", {"out_features": WIDTH}, when=when))
        elif kind == "hidden":
            wide: Any = 4 if main else draw(st.sampled_from(("=w", "=w + i", 4)))
            nodes.append(Node(f"{key}a", "linear", {"out_features": wide}))
            nodes.append(Node(key, "linear", {"out_features": WIDTH}))
            wires += [f"{sources[0]} > {key}a.input", f"{key}a.output > {key}.input"]
            sources = []
        else:
            nodes.append(Node(key, kind, when=when))
        port = "x" if kind in inner else "input"
        wires += [f"{source} > {key}.{port} #{rank}" for rank, source in enumerate(sources)]
        end = f"{key}.y" if kind in inner else f"{key}.output"
        behind.append(end)
    return nodes, wires, end


def _placed(draw: Any, key: str, kind: str, main: bool, when: str) -> Node:
    params: dict[str, Any] = {"definition": kind}
    if draw(st.booleans()):
        params["w"] = draw(st.sampled_from((2, 5) if main else (2, 5, "=w", "=w + 1")))
    layer = draw(st.sampled_from(("block", "block", "network")))
    if layer == "network":
        return Node(key, layer, {"definition": kind}, when=when)
    if draw(st.booleans()):
        params["repeat"] = draw(st.sampled_from((0, 2, 3) if main else (0, 2, "=w - 1")))
    return Node(key, layer, params, when=when)


@st.composite
def drawings(draw: Any) -> Project:
    """Up to three definitions, each of which may place those before it, and a main graph that trains."""
    definitions: dict[str, Graph] = {}
    for name in ("Leaf", "Stem", "Tree")[: draw(st.integers(1, 3))]:
        nodes, wires, end = draw(_inside(list(definitions), main=False))
        definitions[name] = graph(
            nodes, [*wires, f"{end} > {OUTPUT}.y"], inputs=("x",), outputs=("y",), parameters={"w": 3}
        )
    nodes, wires, end = draw(_inside(list(definitions), main=True))
    nodes += [Node("source", "noise", {"shape": [WIDTH]}), Node("loss", "mse"), Node("goal", "objective")]
    wires += [f"{end} > loss.prediction", "source.output > loss.target", "loss.loss > goal.loss"]
    project = project_of(nodes, wires, **definitions)
    assume(not problems_of(project) and not infer(project).errors)
    return project


def outputs(project: Project, weights: dict[str, torch.Tensor] | None = None) -> torch.Tensor:
    """The loss in double precision, with weights of the given values where they have these names."""
    plan = compile_project(project, seed=1)
    plan.model.double()
    if weights is not None:
        plan.model.load_state_dict({name: weights[name] for name in plan.model.state_dict()})
    plan.eval()
    ends = {FlatEnd(path, "output"): torch.linspace(-1, 1, 8 * WIDTH).double().reshape(8, WIDTH)
            for path in plan.sources}  # fmt: skip
    return next(iter(plan.capture(("loss",))(ends).values()))


def weights_of(project: Project) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(7)
    state = compile_project(project, seed=1).model.state_dict()
    return {
        name: torch.rand(value.shape, generator=generator, dtype=torch.float64) + 0.1
        if value.is_floating_point()
        else value
        for name, value in state.items()
    }


def _plain(wires: tuple[Wire, ...]) -> list[Wire]:
    return sorted(wires)


def collapse_then_expand_is_the_identity(project: Project, data: Any) -> None:
    """A block made of any nodes of any graph, and unpacked again, leaves the drawing that was there."""
    name = data.draw(st.sampled_from(sorted(project.graphs)))
    held = project.graphs[name]
    inner = sorted(key for key in held.nodes if key not in ("source", "goal"))
    chosen = data.draw(st.sets(st.sampled_from(inner), min_size=1))
    try:
        made, key = extract(project, name, chosen, "Part", data.draw(st.sampled_from(("block", "network"))))
        single = len(placements_of(project, name)) < 2 or made.graphs[name].nodes[key].layer == "block"
        assume(single)
        back, ids = unpack(made, name, key)
    except EditError as error:
        assume(error.received.startswith(("a path through", "Part, whose weights", "network")))
        return
    assert problems_of(made) == []
    assert (
        infer(made).parameters == infer(project).parameters or made.graphs[name].nodes[key].layer == "network"
    )
    assert ids == chosen
    assert back.graphs.keys() == project.graphs.keys()
    assert back.graphs[name].nodes == held.nodes
    assert _plain(back.graphs[name].wires) == _plain(held.wires)
    assert back.graphs[name].parameters == held.parameters
    weights = weights_of(project)
    assert torch.equal(outputs(back, weights), outputs(project, weights))


def make_unique_changes_no_output(project: Project, data: Any) -> None:
    """A copy of a definition for one placement computes what it computed with the same weights."""
    found = [
        (name, key)
        for name, held in sorted(project.graphs.items())
        for key, placed in sorted(query.placements(held).items())
        if len(placements_of(project, placed)) > 1
    ]
    assume(found)
    name, key = data.draw(st.sampled_from(found))
    placed = str(project.graphs[name].nodes[key].params["definition"])
    made, copy = make_unique(project, name, key)
    assert problems_of(made) == []
    before = weights_of(project)
    after = dict(before)
    for path, value in before.items():  # a network's weights are named after the definition
        if path.startswith(f"{placed}."):
            after[f"{copy}.{path.removeprefix(f'{placed}.')}"] = value
    assert torch.equal(outputs(made, after), outputs(project, before))
    assert infer(made).outputs == infer(project).outputs
    assert made.graphs[copy] == project.graphs[placed]


def the_library_gives_back_what_was_saved(project: Project, data: Any) -> None:
    """A definition that is saved, read and pasted is what it was, with all that it places."""
    name = data.draw(st.sampled_from(sorted(project.graphs.keys() - {MAIN})))
    with tempfile.TemporaryDirectory() as folder:
        written = write_block(Path(folder), project, name)
        read = read_block(Path(folder), name)
    assert read.fingerprint == written.fingerprint == fingerprint(project, name)
    made, _ = edits.paste(Project(), MAIN, read.fragment(), (0.0, 0.0))
    assert problems_of(made) == []
    assert fingerprint(made, name) == read.fingerprint
    for key in made.graphs.keys() - {MAIN}:
        assert made.graphs[key].nodes == project.graphs[key].nodes
        assert _plain(made.graphs[key].wires) == _plain(project.graphs[key].wires)
    again, _ = edits.paste(project, MAIN, read.fragment(), (0.0, 0.0))
    assert len(again.graphs) <= len(project.graphs) + 1
    assert edits.update_definition(made, name, read.definition, read.definitions()) == made


PROPERTIES = (
    collapse_then_expand_is_the_identity,
    make_unique_changes_no_output,
    the_library_gives_back_what_was_saved,
)
