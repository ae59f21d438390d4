"""Which nodes of the present drawing are those that a run trains, and under which names."""

from __future__ import annotations

import pytest

from app.state.drawing_match import DrawingMatch
from engine.document import edits
from engine.document.edits.extract import extract
from engine.document.project import MAIN, Node, Project
from tests.drawings import lenet5


@pytest.fixture
def run() -> Project:
    return lenet5()


def stale(run: Project, now: Project) -> set[str]:
    match = DrawingMatch(run, now)
    return {key for key in now.main.nodes if not match.is_current(key)}


def test_the_same_drawing_is_current_everywhere(run):
    assert stale(run, run) == set()
    again = lenet5()
    assert stale(run, again) == set(), "equal, though not the same object"
    assert DrawingMatch(run, again).is_whole


def test_moving_and_renaming_the_project_change_nothing(run):
    moved = edits.rename_project(edits.move(run, MAIN, {"conv1": (8.0, 96.0)}), "other")
    assert stale(run, moved) == set()
    assert DrawingMatch(run, moved).is_whole


def test_an_edit_makes_the_node_and_all_behind_it_stale(run):
    edited = edits.set_param(run, MAIN, "conv2", "out_channels", 12)
    match = DrawingMatch(run, edited)
    assert not match.is_whole
    assert match.is_current("conv1")
    assert match.is_current("pool1")
    assert not match.is_current("conv2")
    assert not match.is_current("linear1")
    assert not match.is_current("output")
    back = edits.set_param(edited, MAIN, "conv2", "out_channels", 16)
    assert stale(run, back) == set()


def test_a_renamed_node_is_found_and_nothing_is_stale(run):
    renamed = edits.rename_node(run, MAIN, "conv1", "encoder")
    match = DrawingMatch(run, renamed)
    assert match.run_path("encoder") == "conv1"
    assert match.present_path("conv1") == "encoder"
    assert match.run_path("conv1") is None
    assert match.is_whole
    twice = edits.rename_node(renamed, MAIN, "pool1", "shrink")
    assert DrawingMatch(run, twice).is_whole, "neighbours that were both renamed"


def test_another_layer_under_the_same_name_is_not_the_node_of_the_run(run):
    gone = edits.remove_nodes(run, MAIN, ["conv1"])
    other = edits.add_node(gone, MAIN, Node("conv1", "linear"), (0, 0))
    match = DrawingMatch(run, other)
    assert match.run_path("conv1") is None
    assert not match.is_current("conv1")


def test_a_new_node_has_no_counterpart_and_makes_stale_what_it_feeds(run):
    added = edits.add_node(run, MAIN, Node("noise", "dropout"), (0, 0))
    assert DrawingMatch(run, added).run_path("noise") is None
    assert stale(run, added) == {"noise"}


def test_an_edit_inside_a_definition_is_stale_there_and_at_its_placement_only_behind_it(run):
    grouped, key = extract(run, MAIN, ["conv1", "tanh1", "pool1"], "Front")
    assert stale(grouped, grouped) == set()
    edited = edits.set_param(grouped, "Front", "pool1", "kernel_size", 3)
    match = DrawingMatch(grouped, edited)
    assert match.is_current(f"{key}.conv1")
    assert not match.is_current(f"{key}.pool1")
    assert not match.is_current(key)
    assert not match.is_current("conv2")
    renamed = edits.rename_node(grouped, "Front", "conv1", "first")
    match = DrawingMatch(grouped, renamed)
    assert match.run_path(f"{key}.first") == f"{key}.conv1"
    assert match.present_path(f"{key}.conv1") == f"{key}.first"
    assert match.is_current(f"{key}.first")
    assert DrawingMatch(grouped, edits.rename_definition(grouped, "Front", "Stem")).is_whole


def test_what_stands_before_a_placement_counts_inside_it(run):
    grouped, key = extract(run, MAIN, ["conv2", "tanh2"], "Middle")
    edited = edits.set_param(grouped, MAIN, "conv1", "out_channels", 12)
    match = DrawingMatch(grouped, edited)
    assert not match.is_current(f"{key}.conv2")
    assert match.run_path(f"{key}.conv2") == f"{key}.conv2"
