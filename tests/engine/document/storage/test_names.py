"""Every name that an edit accepts or makes loads again, and saving refuses what loading refuses."""

from __future__ import annotations

import keyword
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.document import edits, names
from engine.document.edits import border
from engine.document.edits.extract import extract
from engine.document.project import INPUT, MAIN, OUTPUT, Frame, Graph, LensPin, Node, Note, Project
from engine.document.storage.file import ProjectFileError, from_bytes, load, save, to_bytes

taken = st.sampled_from(
    [
        *sorted(names.RESERVED),
        *keyword.kwlist,
        *keyword.softkwlist,
        *("_modules", "__class__", "_", "main", "@in", "@out", "definition", "repeat", "i", "input", "block"),
        *("", " ", "a b", "a.b", "0", "1a", "ä", "名", "a" * 64, "a" * 65, "a\n", "a\ud800", "a/b", "None2"),
    ]
)
texts = taken | st.text(max_size=70) | st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,70}", fullmatch=True)


def project() -> Project:
    """A definition with a port on each side and a parameter, placed once, beside a layer."""
    inner = Graph(
        {"linear": Node("linear", "linear")}, inputs=("x",), outputs=("y",), parameters={"width": 3}
    )
    main = Graph({"relu": Node("relu", "relu"), "block": Node("block", "block", {"definition": "Part"})})
    return Project(graphs={MAIN: main, "Part": inner})


def of_one(name: str) -> edits.Fragment:
    """What is copied of a drawing with a node of this name."""
    return edits.copy_fragment(Project(graphs={MAIN: Graph({name: Node(name, "relu")})}), MAIN, [name])


EDITS: dict[str, Callable[[Project, str], Project]] = {
    "add a node": lambda p, name: edits.add_node(p, MAIN, Node(name, "relu"), (0.0, 0.0)),
    "rename a node": lambda p, name: edits.rename_node(p, MAIN, "relu", name),
    "rename a placement": lambda p, name: edits.rename_node(p, MAIN, "block", name),
    "rename an inner node": lambda p, name: edits.rename_node(p, "Part", "linear", name),
    "fresh id": lambda p, name: edits.add_node(
        p, MAIN, Node(edits.fresh_id(p.main, name), "relu"), (0.0, 0.0)
    ),
    "add a definition": edits.add_definition,
    "rename a definition": lambda p, name: edits.rename_definition(p, "Part", name),
    "fresh definition": lambda p, name: edits.add_definition(p, edits.fresh_definition(p, name)),
    "extract": lambda p, name: extract(p, MAIN, ["relu"], name)[0],
    "ports": lambda p, name: edits.set_border(p, "Part", inputs=(name,), outputs=(name,)),
    "add a port": lambda p, name: border.add_port(p, "Part", INPUT, name),
    "rename an input": lambda p, name: border.rename_port(p, "Part", INPUT, "x", name),
    "rename an output": lambda p, name: border.rename_port(p, "Part", OUTPUT, "y", name),
    "fresh port": lambda p, name: border.add_port(
        p, "Part", INPUT, border.fresh_port(p.graphs["Part"], INPUT, name)
    ),
    "parameters": lambda p, name: edits.set_parameters(p, "Part", {name: 1}),
    "rename the project": edits.rename_project,
    "frame": lambda p, name: edits.add_frame(p, MAIN, Frame(name, 0.0, 0.0, 10.0, 10.0)),
    "note": lambda p, name: edits.add_note(p, MAIN, Note(name, 0.0, 0.0, 10.0)),
    "lens": lambda p, name: edits.pin_lens(p, MAIN, LensPin(name, "relu")),
    "lens on": lambda p, name: edits.pin_lens(p, MAIN, LensPin("maps", name)),
    "paste": lambda p, name: edits.paste(p, MAIN, of_one(name), (0.0, 0.0))[0],
    "parameter text": lambda p, name: edits.set_settings(p, best_by=name),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_every_name_that_an_edit_accepts_loads_again(edit: Callable[[Project, str], Project]) -> None:
    @given(texts)
    def holds(name: str) -> None:
        try:
            edited = edit(project(), name)
        except edits.EditError:
            return
        assert to_bytes(from_bytes(to_bytes(edited))) == to_bytes(edited)

    holds()


@pytest.mark.parametrize("name", ["double", "training", "class", "__init__", "a.b"])
def test_a_node_that_loading_refuses_is_refused_by_saving(tmp_path: Path, name: str) -> None:
    path = tmp_path / "net.loom"
    save(project(), path)
    with pytest.raises(ProjectFileError, match=r"net\.loom: .*Expected as an id a name of letters"):
        save(Project(graphs={MAIN: Graph({name: Node(name, "relu")})}), path)
    assert load(path) == project()
