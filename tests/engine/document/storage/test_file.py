"""Files have one form, say everything that is wrong with them, and are never half written."""

from __future__ import annotations

import errno
import json
import os
import stat
import threading
from pathlib import Path

import pytest

from engine.document import edits, query
from engine.document.project import FORMAT, MAIN, Graph, Layout, Node, Point, Project
from engine.document.storage import file
from engine.document.storage.file import ProjectFileError, from_bytes, load, save, to_bytes
from engine.system import atomic_write
from nodes import registry
from tests.engine.document.drawing import names_in, sample
from tests.engine.document.storage.json_files import main, problems, relu, wire

TRUNCATED = to_bytes(sample())[:500]
FORMAT_1 = Path(__file__).with_name("format-1.loom")


# One form ---------------------------------------------------------------------------------------------------


def test_saving_loading_and_saving_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "a.loom", tmp_path / "b.loom"
    save(sample(), first)
    save(load(first), second)
    assert first.read_bytes() == second.read_bytes()
    assert load(first).main.nodes == sample().main.nodes


def test_the_form_is_sorted_one_thing_a_line_and_ends_with_a_newline() -> None:
    text = to_bytes(sample()).decode()
    assert text.endswith("}\n")
    assert '        "linear1": {"layer": "linear", "params": {"out_features": 10}},\n' in text
    assert '          "data1": [0.0, 40.0],\n' in text
    assert "Größe ×2" in text
    ordered = json.loads(text, object_pairs_hook=lambda pairs: pairs)
    assert [key for key, _ in ordered] == ["format", "graphs", "name", "settings"]


def test_one_change_is_one_line() -> None:
    before = to_bytes(sample()).decode().splitlines()
    after = to_bytes(edits.move(sample(), MAIN, {"linear1": (1, 2)})).decode().splitlines()
    assert len(set(before) ^ set(after)) == 2


def test_the_order_of_edits_leaves_no_trace() -> None:
    one = edits.add_node(Project(), MAIN, Node("a", "relu"), (0, 0))
    one = edits.add_node(one, MAIN, Node("b", "relu"), (0, 0))
    other = edits.add_node(Project(), MAIN, Node("b", "relu"), (0, 0))
    other = edits.add_node(other, MAIN, Node("a", "relu"), (0, 0))
    assert to_bytes(one) == to_bytes(other)


def test_whole_numbers_as_positions_change_nothing() -> None:
    project = Project(graphs={MAIN: Graph({"a": Node("a", "relu")}, layout=Layout({"a": Point(1, 2)}))})
    assert to_bytes(from_bytes(to_bytes(project))) == to_bytes(project)


def test_values_that_json_cannot_write_are_refused() -> None:
    project = Project(graphs={MAIN: Graph({"a": Node("a", "strange", {"x": float("nan")})})})
    with pytest.raises(ProjectFileError, match="values that JSON can write"):
        to_bytes(project)


def test_layers_that_nobody_knows_come_back_untouched() -> None:
    params = {"depth": [1, 2.5, {"k": None, "empty": {}}], "big": 2**62, "tiny": 5e-324, "text": "=not ours"}
    raw = main(
        nodes={"a": {"layer": "acme.warp/2", "params": params}, "b": relu()}, wires=[wire("a.x", "b.input")]
    )
    project = from_bytes(json.dumps(raw).encode())
    assert project.main.nodes["a"].params == params
    assert to_bytes(from_bytes(to_bytes(project))) == to_bytes(project)


def test_layers_with_an_old_name_get_the_present_one(monkeypatch) -> None:
    monkeypatch.setitem(registry.RENAMED, "rectifier", "relu")
    project = from_bytes(json.dumps(main(nodes={"a": {"layer": "rectifier"}})).encode())
    assert project.main.nodes["a"].layer == "relu"


# Formats ----------------------------------------------------------------------------------------------------


def test_format_1_is_migrated() -> None:
    project = load(FORMAT_1)
    assert project.format == FORMAT
    assert project.main.layout.positions["conv2"] == (200, 160.5)
    assert project.main.nodes["conv1"].params == {"kernel_size": 5, "out_channels": 6}
    into = query.index(project.main).into[("add1", "input")]
    assert [found.source.node for found in into] == ["conv2", "conv1"]
    assert from_bytes(to_bytes(project)) == from_bytes(to_bytes(from_bytes(to_bytes(project))))


def test_what_is_wrong_with_a_format_1_file_is_said() -> None:
    found = problems({"format": 1, "name": "A", "graphs": {"main": {"nodes": {}, "wires": ["a.b"]}}})
    assert found == {"$.graphs.main.wires[0]": "Expected an object. Received 'a.b'."}
    for graphs in (
        3,
        {"main": 3},
        {"main": {"nodes": 3, "wires": 3}},
        {"main": {"nodes": {"a": 3}, "layout": 3}},
    ):
        assert problems({"format": 1, "name": "A", "graphs": graphs})


@pytest.mark.parametrize("version", [FORMAT + 1, 10**9])
def test_newer_formats_are_refused_with_a_sentence(version: int) -> None:
    (sentence,) = problems({"format": version, "anything": 1}).values()
    assert f"format {version}: it was written by a newer Layerloom" in sentence


@pytest.mark.parametrize("version", [0, -1, "2", 2.0, True, None])
def test_other_formats_are_refused(version) -> None:
    assert "$.format" in problems({"format": version})


# Reading ----------------------------------------------------------------------------------------------------


def test_too_large_a_file_is_refused_unread(tmp_path: Path, monkeypatch) -> None:
    data = to_bytes(sample())
    monkeypatch.setattr(file, "LARGEST_FILE", 100)
    path = tmp_path / "large.loom"
    path.write_bytes(data)
    with pytest.raises(ProjectFileError, match="at most 100 bytes"):
        load(path)
    with pytest.raises(ProjectFileError, match="at most 100 bytes"):
        from_bytes(data)


def test_what_would_be_too_large_to_open_is_not_saved(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "p.loom"
    save(sample(), path)
    before = path.read_bytes()
    monkeypatch.setattr(file, "LARGEST_FILE", len(before) - 1)
    with pytest.raises(ProjectFileError, match=f"at most {len(before) - 1:,} bytes"):
        save(sample(), path)
    assert path.read_bytes() == before


def test_loading_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ProjectFileError, match="no such file"):
        load(tmp_path / "none.loom")
    with pytest.raises(ProjectFileError, match="it is a folder"):
        load(tmp_path)
    os.mkfifo(tmp_path / "pipe.loom")
    with pytest.raises(ProjectFileError, match="it is a pipe"):
        load(tmp_path / "pipe.loom")


def test_loading_leaves_a_damaged_file_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.loom"
    path.write_bytes(TRUNCATED)
    before = path.stat()
    with pytest.raises(ProjectFileError) as caught:
        load(path)
    assert str(caught.value).startswith("a.loom: ")
    assert path.read_bytes() == TRUNCATED
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert names_in(tmp_path) == ["a.loom"]


# Writing ----------------------------------------------------------------------------------------------------


def test_saving_keeps_permissions_and_links(tmp_path: Path) -> None:
    real, link = tmp_path / "real.loom", tmp_path / "link.loom"
    save(Project(), real)
    assert stat.S_IMODE(real.stat().st_mode) == 0o666 & ~_umask()
    real.chmod(0o640)
    link.symlink_to(real)
    save(Project(name="New"), link)
    assert link.is_symlink()
    assert load(real).name == "New"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.parametrize("failing", ["write", "fsync", "replace"])
def test_a_failed_save_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch, failing: str
) -> None:
    path = tmp_path / "a.loom"
    save(Project(name="Old"), path)

    def full(*_args):
        raise OSError(errno.ENOSPC, "No space left on device")

    if failing == "write":
        monkeypatch.setattr(atomic_write.os, "fdopen", _Full)
    elif failing == "fsync":
        monkeypatch.setattr(atomic_write.os, "fsync", full)
    else:
        monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ProjectFileError, match="no space left on device"):
        save(Project(name="New"), path)
    monkeypatch.undo()
    assert load(path).name == "Old"
    assert names_in(tmp_path) == ["a.loom"]


class _Full:
    """A file on a full disk."""

    def __init__(self, handle: int, _mode: str) -> None:
        self.handle = handle

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.handle)

    def write(self, _data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_saving_into_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ProjectFileError, match="no such file or folder"):
        save(Project(), tmp_path / "none" / "a.loom")
    with pytest.raises(ProjectFileError, match="Cannot save"):
        save(Project(), tmp_path)
    assert names_in(tmp_path) == []


def test_saving_into_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch) -> None:
    def denied(*_args, **_kwargs):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(atomic_write.os, "open", denied)
    with pytest.raises(ProjectFileError, match="permission denied"):
        save(Project(), tmp_path / "a.loom")


def test_what_a_killed_save_left_is_cleared_away(tmp_path: Path) -> None:
    old, fresh, other = (
        tmp_path / name for name in (".a.loom.77-0.part", ".a.loom.78-0.part", ".b.loom.77-0.part")
    )
    for leftover in (old, fresh, other):
        leftover.write_bytes(b"{")
    os.utime(old, (0, 0))
    os.utime(other, (0, 0))
    save(Project(), tmp_path / "a.loom")
    assert names_in(tmp_path) == [fresh.name, other.name, "a.loom"]


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.loom"
    projects = [sample(), Project()]
    save(projects[0], path)
    done = threading.Event()

    def write() -> None:
        for number in range(30):
            save(projects[number % 2], path)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    whole = {to_bytes(project) for project in projects}
    while not done.is_set():
        assert path.read_bytes() in whole
    writer.join()
