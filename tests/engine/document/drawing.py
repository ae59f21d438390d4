"""Random drawings and random edits of them, from plain numbers, so that a failing case shrinks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from hypothesis import strategies as st

from engine.document import edits, query
from engine.document.edits import EditError, border, placement
from engine.document.edits.extract import extract
from engine.document.edits.unpack import unpack
from engine.document.project import MAIN, End, Frame, Graph, LensPin, Node, Note, Project, Wire
from nodes.registry import REGISTRY

Edit = tuple[str, int, int, int]
LAYERS = ("data", "conv2d", "relu", "flatten", "linear", "max_pool2d", "cross_entropy", "objective", "output")
VALUES = (
    0,
    1,
    3,
    7,
    64,
    0.5,
    -2,
    True,
    "mean",
    "sgd",
    "=stride",
    "=stride if i == 0 else 1",
    "=i *",
    [3, 5],
    None,
)
TEXTS = ("Net", "Größe ×2", "文", "a\tb", "", "\ud800", "x" * 300)


def pick(choices: Sequence, number: int):
    return choices[number % len(choices)] if choices else None


def _graph(project: Project, a: int) -> tuple[str, Graph]:
    name = pick(sorted(project.graphs), a)
    return name, project.graphs[name]


def _nodes(graph: Graph, b: int, c: int) -> list[str]:
    ids = sorted(graph.nodes)
    return sorted({pick(ids, b), pick(ids, c)}) if ids else []


def _add(p: Project, a: int, b: int, c: int) -> Project:
    name, graph = _graph(p, a)
    layer = pick(LAYERS, b) if b % 3 else pick(sorted(REGISTRY), b // 3)
    params = {}
    if layer in ("block", "network"):
        params["definition"] = pick(sorted(p.graphs), c)
        if layer == "block":
            params["repeat"] = c % 4 + 1
    return edits.add_node(
        p, name, Node(edits.fresh_id(graph, layer), layer, params), (b * 7 % 900, c * 11 % 700)
    )


def _ends(p: Project, graph: Graph, b: int, c: int):
    sources = [("@in", port) for port in graph.inputs]
    targets = [("@out", port) for port in graph.outputs]
    for key, node in sorted(graph.nodes.items()):
        sources += [(key, port.name) for port in query.output_ports(p, node, graph)]
        targets += [(key, port.name) for port in query.input_ports(p, node, graph)]
    return pick(sources, b), pick(targets, c)


def _connect(p: Project, a: int, b: int, c: int) -> Project:
    name, graph = _graph(p, a)
    source, target = _ends(p, graph, b, c)
    return edits.connect(p, name, source, target, replace=b % 2 == 0) if source and target else p


def _disconnect(p: Project, a: int, b: int, c: int) -> Project:
    name, graph = _graph(p, a)
    return edits.disconnect(p, name, pick(graph.wires, b)) if graph.wires else p


def _remove(p: Project, a: int, b: int, c: int) -> Project:
    name, graph = _graph(p, a)
    remove = edits.remove_and_heal if b % 2 else edits.remove_nodes
    return remove(p, name, _nodes(graph, b // 2, c))


def _param(p: Project, a: int, b: int, c: int) -> Project:
    name, graph = _graph(p, a)
    if not graph.nodes:
        return p
    node = graph.nodes[pick(sorted(graph.nodes), b)]
    params = sorted(REGISTRY[node.layer].params) if node.layer in REGISTRY else []
    param = pick(params, c) or "nothing"
    if c % 5 == 0:
        return edits.reset_param(p, name, node.id, param)
    return edits.set_param(p, name, node.id, param, pick(VALUES, b + c))


def _move(p: Project, a: int, b: int, c: int) -> Project:
    name, graph = _graph(p, a)
    return edits.move(p, name, {node: (float(b), c / 7) for node in _nodes(graph, b, c)})


def _flag(p: Project, a: int, b: int, c: int) -> Project:
    name, graph = _graph(p, a)
    flag = edits.set_bypassed if b % 2 else edits.set_frozen
    return flag(p, name, _nodes(graph, b, c), c % 3 != 0)


def _rename(p: Project, a: int, b: int, c: int) -> Project:
    name, graph = _graph(p, a)
    if not graph.nodes:
        return p
    return edits.rename_node(
        p, name, pick(sorted(graph.nodes), b), pick(("first", "type", "last", "b-c", "x1"), c)
    )


def _insert(p: Project, a: int, b: int, c: int) -> Project:
    name, graph = _graph(p, a)
    if not graph.wires:
        return p
    layer = pick(LAYERS, c)
    return edits.insert_on_wire(
        p, name, pick(graph.wires, b), Node(edits.fresh_id(graph, layer), layer), (b, c)
    )


def _paste(p: Project, a: int, b: int, c: int) -> Project:
    name, graph = _graph(p, a)
    target, _ = _graph(p, b)
    ids = _nodes(graph, b, c)
    if not ids or len(graph.nodes) > 60:
        return p
    text = edits.fragment_to_text(edits.copy_fragment(p, name, ids))
    return edits.paste(p, target, edits.fragment_from_text(text), (b, c))[0]


def _define(p: Project, a: int, b: int, c: int) -> Project:
    name = f"part{a % 5}"
    if name not in p.graphs:
        inner = Graph({"conv1": Node("conv1", "conv2d", {"stride": "=stride if i == 0 else 1"})})
        inner = Graph(inner.nodes, (), ("x", "skip"), ("y",), {"stride": 2, "width": 8})
        made = edits.add_definition(p, name, inner)
        made = edits.connect(made, name, ("@in", "x"), ("conv1", "input"))
        return edits.connect(made, name, ("conv1", "output"), ("@out", "y"))
    match b % 4:
        case 0:
            return edits.remove_definition(p, name)
        case 1:
            return edits.rename_definition(p, name, f"part{c % 7}")
        case 2:
            return edits.set_border(p, name, inputs=pick((("x",), ("x", "skip"), ("z", "x")), c))
    return edits.set_parameters(p, name, pick(({"stride": 1}, {"stride": 3, "width": 4}, {}), c))


def _extract(p: Project, a: int, b: int, c: int) -> Project:
    name, graph = _graph(p, a)
    if len(p.graphs) > 8:
        return p
    some = {key for place, key in enumerate(sorted(graph.nodes)) if (b >> (place % 12)) & 1}
    return extract(p, name, some, layer=pick(("block", "network"), c))[0]


def _unpack(p: Project, a: int, b: int, c: int) -> Project:
    name, graph = _graph(p, a)
    placed = sorted(query.placements(graph))
    if not placed or len(graph.nodes) > 60:
        return p
    match c % 3:
        case 0:
            return placement.make_unique(p, name, pick(placed, b))[0]
        case 1:
            return placement.set_kind(p, name, pick(placed, b), pick(("block", "network"), b))
    return unpack(p, name, pick(placed, b))[0]


def _border(p: Project, a: int, b: int, c: int) -> Project:
    name, graph = _graph(p, a)
    side = pick(("@in", "@out"), b)
    port = pick(border.ports_of(graph, side), c) or "x"
    match b // 2 % 4:
        case 0:
            return border.add_port(p, name, side, border.fresh_port(graph, side, pick(("x", "", "z"), c)))
        case 1:
            return border.remove_port(p, name, side, port)
        case 2:
            return border.move_port(p, name, side, port, c % 3)
    return border.rename_port(p, name, side, port, pick(("first", "x", "b-c", "to"), c))


def _decorate(p: Project, a: int, b: int, c: int) -> Project:
    name, graph = _graph(p, a)
    match b % 6:
        case 0:
            return edits.add_frame(p, name, Frame(pick(TEXTS, c), b, c, 10 + c, 20))
        case 1:
            return edits.add_note(p, name, Note(pick(TEXTS, c), b, -c))
        case 2:
            return edits.remove_frames(p, name, sorted(graph.layout.frames)[:1])
        case 3 if graph.layout.notes:
            return edits.change_note(p, name, pick(sorted(graph.layout.notes), c), text=pick(TEXTS, a))
        case 4:
            return edits.pin_lens(
                p, name, LensPin("feature_maps", pick(sorted(graph.nodes), c) or "x", {"rows": c})
            )
    return edits.rename_project(p, pick(TEXTS, c))


def _settings(p: Project, a: int, b: int, c: int) -> Project:
    return edits.set_settings(
        p, epochs=a, batch_size=b % 500, seed=c, precision=pick(("float32", "float8"), a)
    )


EDITS: dict[str, Callable[[Project, int, int, int], Project]] = {
    "add": _add,
    "connect": _connect,
    "wire": _connect,
    "disconnect": _disconnect,
    "remove": _remove,
    "param": _param,
    "move": _move,
    "flag": _flag,
    "rename": _rename,
    "insert": _insert,
    "paste": _paste,
    "define": _define,
    "extract": _extract,
    "unpack": _unpack,
    "border": _border,
    "decorate": _decorate,
    "settings": _settings,
}


def apply(project: Project, edit: Edit) -> Project:
    """The edited project, or the same where the edit is refused."""
    try:
        return EDITS[edit[0]](project, *edit[1:])
    except EditError:
        return project


def names_in(folder: Path) -> list[str]:
    """What stands in a folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())


def replay(steps: Sequence[Edit], project: Project | None = None) -> Project:
    project = project or Project()
    for step in steps:
        project = apply(project, step)
    return project


_number = st.integers(0, 10_000)
single_edits = st.tuples(st.sampled_from(sorted(EDITS)), _number, _number, _number)
START: tuple[Edit, ...] = (
    ("define", 0, 0, 0),
    ("define", 1, 0, 0),
    *(("add", 0, number, number) for number in range(1, 12)),
    *(("connect", 0, number, number * 3 + 1) for number in range(20)),
)


@st.composite
def edit_lists(draw, most: int = 30) -> list[Edit]:
    """Edits that begin, half of the time, from a drawing with a few things in it."""
    start = list(START) if draw(st.booleans()) else []
    return start + draw(st.lists(single_edits, max_size=most))


@st.composite
def projects(draw, most: int = 30) -> Project:
    """Whole projects: blocks, networks, nested definitions, variadic ports, and layers that nobody knows."""
    project = replay(draw(edit_lists(most)))
    if draw(st.booleans()):
        project = with_strangers(project)
    return project


def with_strangers(project: Project) -> Project:
    """With two layers of a plug-in that is not here, wired by ports that only their wires name."""
    graph = project.graphs[MAIN]
    nodes = {
        "alien": Node("alien", "acme.warp", {"depth": [1, 2.5, {"k": None}], "text": "=not ours"}),
        "other": Node("other", "acme.weft"),
    }
    wires = (Wire(("alien", "left"), ("other", "many")), Wire(("alien", "right"), ("other", "many"), 1))
    graph = msgspec.structs.replace(
        graph, nodes={**graph.nodes, **nodes}, wires=(*graph.wires, *_ends_named(wires))
    )
    return msgspec.structs.replace(project, graphs={**project.graphs, MAIN: graph})


def _ends_named(wires: Sequence[Wire]) -> tuple[Wire, ...]:
    return tuple(Wire(End(*wire.source), End(*wire.target), wire.order) for wire in wires)


def sample() -> Project:
    """One drawing with a bit of everything."""
    project = Project()
    inner = Graph(
        {
            "conv1": Node("conv1", "conv2d", {"stride": "=stride if i == 0 else 1"}),
            "relu1": Node("relu1", "relu"),
        },
        inputs=("x",),
        outputs=("y",),
        parameters={"stride": 2},
    )
    project = edits.add_definition(project, "part", inner)
    for source, target in (
        (("@in", "x"), ("conv1", "input")),
        (("conv1", "output"), ("relu1", "input")),
        (("relu1", "output"), ("@out", "y")),
    ):
        project = edits.connect(project, "part", source, target)
    project = _trained(project)
    project = edits.add_note(project, MAIN, Note('Größe ×2\n"quoted"', 10, 20))
    project = edits.add_frame(project, MAIN, Frame("Trunk", -10, -20, 400, 200))
    project = edits.pin_lens(project, MAIN, LensPin("feature_maps", "stage1.0.conv1", {"rows": 4}))
    return edits.set_settings(with_strangers(project), epochs=3)


def _trained(project: Project) -> Project:
    """With a classifier on main that is trained."""
    for place, node in enumerate(
        (
            Node("data1", "data"),
            Node("stage1", "block", {"definition": "part", "repeat": 3, "stride": 1}),
            Node("net1", "network", {"definition": "part"}),
            Node("flatten1", "flatten"),
            Node("linear1", "linear", {"out_features": 10}),
            Node("loss1", "cross_entropy"),
            Node(
                "optimise",
                "objective",
                {"optimiser": "sgd", "updates": "linear1, stage1.0.conv1, part.conv1"},
            ),
        )
    ):
        project = edits.add_node(project, MAIN, node, (place * 180, 40))
    for source, target in (
        (("data1", "input"), ("stage1", "x")),
        (("stage1", "y"), ("net1", "x")),
        (("net1", "y"), ("flatten1", "input")),
        (("flatten1", "output"), ("linear1", "input")),
        (("linear1", "output"), ("loss1", "logits")),
        (("data1", "target"), ("loss1", "label")),
        (("loss1", "loss"), ("optimise", "loss")),
    ):
        project = edits.connect(project, MAIN, source, target)
    return project
