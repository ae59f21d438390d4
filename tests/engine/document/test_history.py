"""Undo and redo, with steps that merge and a memory that ends."""

from __future__ import annotations

from engine.document import history as history_module
from engine.document.history import History
from engine.document.project import Graph, Node, Project


def named(name: str) -> Project:
    return Project(name=name)


def test_undo_and_redo_give_the_very_values_back() -> None:
    first, second, third = named("1"), named("2"), named("3")
    history = History(first)
    history.push(second, "Rename")
    history.push(third, "Rename again")
    assert history.undo_label == "Rename again"
    assert history.undo() is second
    assert (history.undo_label, history.redo_label) == ("Rename", "Rename again")
    assert history.undo() is first
    assert history.undo() is first
    assert history.undo_label is None
    assert history.redo() is second
    history.push(named("4"), "Other")
    assert history.redo_label is None


def test_a_drag_is_one_step() -> None:
    start = named("start")
    history = History(start)
    for place in range(50):
        history.push(named(f"at {place}"), "Move Conv2d", merge="move conv1")
    assert history.undo() is start


def test_a_sealed_drag_is_not_continued() -> None:
    history = History(named("start"))
    first = named("first drag")
    history.push(first, "Move", merge="move conv1")
    history.seal()
    history.push(named("second drag"), "Move", merge="move conv1")
    assert history.undo() is first


def test_nothing_merges_across_undo() -> None:
    history = History(named("start"))
    history.push(named("a"), "Move", merge="m")
    history.undo()
    history.redo()
    history.push(named("b"), "Move", merge="m")
    assert history.undo().name == "a"


def test_a_drag_back_to_where_it_began_is_no_step() -> None:
    start = named("start")
    history = History(start)
    history.push(named("away"), "Move", merge="m")
    history.push(start, "Move", merge="m")
    assert history.undo_label is None
    assert history.project is start


def test_the_same_value_is_no_step() -> None:
    start = named("start")
    history = History(start)
    history.push(start, "Nothing")
    assert history.undo_label is None


def test_the_oldest_steps_are_forgotten(monkeypatch) -> None:
    monkeypatch.setattr(history_module, "MOST_STEPS", 10)
    history = History(named("start"))
    for number in range(30):
        history.push(named(str(number)), "Step")
    while history.undo_label:
        history.undo()
    assert history.project.name == "19"


def test_large_projects_are_remembered_for_fewer_steps(monkeypatch) -> None:
    monkeypatch.setattr(history_module, "MOST_NODES", 20)
    nodes = {f"n{number}": Node(f"n{number}", "relu") for number in range(10)}
    history = History(Project(graphs={"main": Graph(nodes)}))
    for number in range(5):
        history.push(Project(name=str(number), graphs={"main": Graph(nodes)}), "Step")
    assert history.undo().name == "3"
    assert history.undo_label is None
