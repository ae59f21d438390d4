"""Paths in projects: relative on disk, absolute while open."""

from __future__ import annotations

from pathlib import Path

import msgspec

from engine.document.project import MAIN, Graph, Node, Project
from engine.document.storage.data_paths import anchored, portable


def project(*paths: str) -> Project:
    nodes = {
        f"d{i}": Node(f"d{i}", "data", {"dataset": "csv-file", "path": path}) for i, path in enumerate(paths)
    }
    nodes["other"] = Node("other", "linear", {"path": "not-a-path"})
    return Project("p", {MAIN: Graph(nodes)})


def paths(of: Project) -> list[str]:
    return [node.params["path"] for name, node in of.main.nodes.items() if name != "other"]


def test_there_and_back(tmp_path: Path) -> None:
    stored = project("sub/a.csv", "/elsewhere/b.csv", "", "=name")
    opened = anchored(stored, tmp_path)
    assert paths(opened) == [str(tmp_path / "sub/a.csv"), "/elsewhere/b.csv", "", "=name"]
    assert opened.main.nodes["other"] is stored.main.nodes["other"]
    assert portable(opened, tmp_path) == stored
    assert paths(portable(opened, tmp_path / "another")) == paths(opened)


def test_nothing_to_do_gives_the_same_value(tmp_path: Path) -> None:
    stored = project()
    assert anchored(stored, tmp_path) is stored
    absolute = project("/a/b.csv")
    assert anchored(absolute, tmp_path) is absolute
    assert msgspec.structs.replace(absolute) == absolute


def test_a_path_may_begin_at_the_home_folder(tmp_path: Path) -> None:
    opened = anchored(project("~/a.csv", "~b/c.csv", ".", "~"), tmp_path / "here")
    here = tmp_path / "here"
    assert paths(opened) == ["~/a.csv", str(here / "~b/c.csv"), str(here), "~"]
    assert portable(opened, tmp_path / "here") == project("~/a.csv", "~b/c.csv", str(here), "~")
