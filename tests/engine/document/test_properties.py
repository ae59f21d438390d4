"""What holds for every drawing and every sequence of edits."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.document import query
from engine.document.edits import copy_fragment, fragment_from_text, fragment_to_text
from engine.document.edits.check import problems_of
from engine.document.history import History
from engine.document.project import MAIN, Graph, Project
from engine.document.storage.file import ProjectFileError, from_bytes, to_bytes
from engine.document.wiring import index
from tests.engine.document.drawing import apply, edit_lists, projects, replay

quick = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def undo_and_redo_give_the_bytes_back(steps) -> None:
    history = History(Project())
    first = to_bytes(history.project)
    for number, step in enumerate(steps):
        history.push(apply(history.project, step), f"Step {number}")
    last = to_bytes(history.project)
    while history.undo_label is not None:
        history.undo()
    assert to_bytes(history.project) == first
    while history.redo_label is not None:
        history.redo()
    assert to_bytes(history.project) == last


def a_project_round_trips(project: Project) -> None:
    assert problems_of(project) == []
    data = to_bytes(project)
    loaded = from_bytes(data)
    assert to_bytes(loaded) == data
    assert loaded.graphs.keys() == project.graphs.keys()
    for name, graph in project.graphs.items():
        assert loaded.graphs[name].nodes == graph.nodes
        assert sorted(loaded.graphs[name].wires) == sorted(graph.wires)


def edits_leave_their_input_alone(steps) -> None:
    project = replay(steps[: len(steps) // 2])
    for step in steps[len(steps) // 2 :]:
        before = to_bytes(project)
        after = apply(project, step)
        assert to_bytes(project) == before
        assert after is project or to_bytes(after) != before or step[0] == "define"
        project = after


def the_index_handed_on_is_the_one_made_anew(steps) -> None:
    project = Project()
    for step in steps:
        for graph in project.graphs.values():
            assert index(graph).order is not None
        project = apply(project, step)
        for graph in project.graphs.values():
            handed, fresh = index(graph), index(Graph(graph.nodes, graph.wires))
            assert {key: sorted(wires) for key, wires in handed.entering.items()} == {
                key: sorted(wires) for key, wires in fresh.entering.items()
            }
            assert {key: sorted(wires) for key, wires in handed.leaving.items()} == {
                key: sorted(wires) for key, wires in fresh.leaving.items()
            }
            place = {node: number for number, node in enumerate(handed.order)}
            assert place.keys() == graph.nodes.keys()
            inner = [w for w in graph.wires if w.source.node in place and w.target.node in place]
            assert all(place[wire.source.node] < place[wire.target.node] for wire in inner)


def changes_lead_from_old_to_new(steps) -> None:
    project = Project()
    for step in steps:
        after = apply(project, step)
        found = query.changes(project, after)
        assert bool(found) == (to_bytes(project) != to_bytes(after))
        if MAIN in found.graphs:
            old, new, change = project.main, after.main, found.graphs[MAIN]
            assert (old.nodes.keys() - change.removed) | change.added == new.nodes.keys()
            assert (set(old.wires) - change.wires_removed) | change.wires_added == set(new.wires)
        project = after


def a_fragment_round_trips(project: Project) -> None:
    for name, graph in project.graphs.items():
        if graph.nodes:
            fragment = copy_fragment(project, name, graph.nodes)
            assert fragment_from_text(fragment_to_text(fragment)) == fragment


def hostile_bytes_give_one_error(project: Project, cuts: list[tuple[int, int, bytes]]) -> None:
    data = to_bytes(project)
    for place, length, put in cuts:
        start = place % (len(data) + 1)
        data = data[:start] + put + data[start + length :]
    try:
        loaded = from_bytes(data)
    except ProjectFileError as error:
        problems = error.problems
    else:
        assert to_bytes(from_bytes(to_bytes(loaded))) == to_bytes(loaded)
        return
    assert problems
    assert all(sentence for _, sentence in problems)


cuts = st.lists(
    st.tuples(
        st.integers(0, 100_000), st.integers(0, 40), st.binary(max_size=6) | st.sampled_from((b"[", b"NaN"))
    ),
    min_size=1,
    max_size=4,
)
PROPERTIES = {
    undo_and_redo_give_the_bytes_back: (edit_lists(),),
    a_project_round_trips: (projects(),),
    edits_leave_their_input_alone: (edit_lists(20),),
    the_index_handed_on_is_the_one_made_anew: (edit_lists(20),),
    changes_lead_from_old_to_new: (edit_lists(20),),
    a_fragment_round_trips: (projects(15),),
    hostile_bytes_give_one_error: (projects(15), cuts),
}


@pytest.mark.parametrize("holds", PROPERTIES, ids=lambda found: found.__name__)
def test_holds(holds) -> None:
    quick(given(*PROPERTIES[holds])(holds))()
