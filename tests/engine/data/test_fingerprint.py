"""A file or folder that changed since its node was added says so, until somebody takes it as it is now."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from engine.data import fingerprint as module
from engine.data.fingerprint import change_of, fingerprint
from engine.document.project import MAIN, Project
from engine.infer import infer
from engine.report import Problem
from nodes.data.source import DataSource
from tests.drawings import chain
from tests.engine.data.sources import source
from tests.made_looks import folder_of_classes, table_file


def noted(dataset: str, path: Path) -> DataSource:
    """A node as it is when its data are added."""
    return source(dataset, path=str(path), fingerprint=fingerprint(source(dataset, path=str(path))))


def test_a_file_that_stays_is_not_told(tmp_path: Path) -> None:
    path = table_file(tmp_path / "a.csv")
    node = noted("csv-file", path)
    assert node.fingerprint.startswith(f"a.csv|{path.stat().st_size:,} bytes|")
    os.utime(path, (1, 1))  # as a copy or a checkout does
    assert change_of(node) == ""


@pytest.mark.parametrize("edit", ["longer", "same size"])
def test_a_file_that_changed_is_told(tmp_path: Path, edit: str) -> None:
    path = table_file(tmp_path / "a.csv")
    node, before = noted("csv-file", path), path.read_bytes()
    path.write_bytes(before + before[-30:] if edit == "longer" else before[:-3] + b"99\n")
    told = change_of(node)
    assert told.startswith("a.csv has changed since it was added: ")
    assert ("then, " in told) == (edit == "longer")
    path.write_bytes(before)
    assert change_of(node) == ""


def test_a_folder_with_another_file_is_told(tmp_path: Path) -> None:
    folder = folder_of_classes(tmp_path / "shapes", each=4)
    node = noted("image-folder", folder)
    assert change_of(node) == ""
    (folder / "disc" / "000.png").rename(folder / "square" / "new.png")
    assert change_of(node).endswith("as large as then (8 files), with other names or sizes of its files.")
    (folder / "square" / "new.png").unlink()
    assert change_of(node).endswith(": 8 files then, 7 files now.")


def test_a_picture_that_is_replaced_in_place_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RECHECKED", 0.0)
    folder = folder_of_classes(tmp_path / "shapes", each=4)
    node = noted("image-folder", folder)
    assert change_of(node) == ""
    with (folder / "disc" / "000.png").open("ab") as file:  # the time of its folder stays as it is
        file.write(b"more")
    assert change_of(node).endswith("with other names or sizes of its files.")


def test_a_picture_of_the_same_size_is_told_and_a_copy_of_the_folder_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RECHECKED", 0.0)
    folder = folder_of_classes(tmp_path / "shapes", each=4)
    node = noted("image-folder", folder)
    copy = shutil.copytree(folder, tmp_path / "elsewhere" / "shapes", copy_function=shutil.copyfile)
    copied = source("image-folder", path=str(copy), fingerprint=node.fingerprint)
    assert change_of(copied) == ""  # all times differ, nothing else
    for replace in (_written_over, _put_in_place):
        before = replace(folder / "disc" / "000.png")
        assert change_of(node).endswith(" as large as then (8 files), with other contents of its files.")
        (folder / "disc" / "000.png").write_bytes(before)
        assert change_of(node) == ""


def _other(picture: bytes) -> bytes:
    return picture[:-9] + bytes([picture[-9] ^ 1]) + picture[-8:]


def _written_over(path: Path) -> bytes:
    before = path.read_bytes()
    path.write_bytes(_other(before))
    return before


def _put_in_place(path: Path) -> bytes:
    before = path.read_bytes()
    (made := path.with_suffix(".tmp")).write_bytes(_other(before))
    made.replace(path)
    return before


def test_the_contents_of_a_folder_are_read_in_parts_and_only_where_times_differ(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RECHECKED", 0.0)
    monkeypatch.setattr(module, "CONTENTS", 100)
    monkeypatch.setattr(module, "LEAST", 40)
    folder = folder_of_classes(tmp_path / "shapes", each=4)
    read: list[int] = []
    monkeypatch.setattr(module, "_digest_share", _counting(module._digest_share, read))
    node = noted("image-folder", folder)
    assert read == [40] * 8
    module._kept.clear()
    assert change_of(node) == ""
    assert len(read) == 8
    os.utime(folder / "disc" / "000.png", (1, 1))
    assert change_of(node) == ""
    assert len(read) == 16


def _counting(plain: Callable[..., None], read: list[int]) -> Callable[..., None]:
    def counted(path: Path, size: int, share: int, digest: object) -> None:
        read.append(share)
        plain(path, size, share, digest)

    return counted


def test_a_note_of_names_and_sizes_alone_is_still_compared(tmp_path: Path) -> None:
    folder = folder_of_classes(tmp_path / "shapes", each=4)
    name, files, digests = noted("image-folder", folder).fingerprint.split("|")
    older = source("image-folder", path=str(folder), fingerprint=f"{name}|{files}|{digests.split('.')[0]}")
    os.utime(folder / "disc" / "000.png", (1, 1))
    assert change_of(older) == ""
    (folder / "disc" / "000.png").rename(folder / "disc" / "new.png")
    module._folders.clear()
    assert change_of(older).endswith("with other names or sizes of its files.")


def test_other_data_and_data_without_a_note_are_not_compared(tmp_path: Path) -> None:
    node = noted("csv-file", table_file(tmp_path / "a.csv"))
    other = table_file(tmp_path / "b.csv", 30)
    assert change_of(source("csv-file", path=str(other), fingerprint=node.fingerprint)) == ""
    assert change_of(source("csv-file", path=str(other))) == ""
    assert change_of(source("csv-file", path=str(other), fingerprint="x|y")) == ""
    assert fingerprint(source("wine")) == ""
    assert fingerprint(source("csv-file", path=str(tmp_path / "gone.csv"))) == ""


def test_a_large_file_is_read_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WHOLE", 1000)
    monkeypatch.setattr(module, "BLOCK", 64)
    path = tmp_path / "a.csv"
    path.write_bytes(bytes(range(256)) * 40)
    node = noted("csv-file", path)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert "other contents" in change_of(node)


def changed(project: Project) -> list[Problem]:
    return [one for one in infer(project).problems if "has changed since" in one.message]


def test_the_problem_is_a_warning_that_a_fix_ends(tmp_path: Path) -> None:
    path = table_file(tmp_path / "a.csv")
    drawing = chain({}, [("linear", "linear", {"out_features": 1})], loss="mse")
    data = msgspec.structs.replace(
        drawing.main.nodes["data"],
        params={"dataset": "csv-file", "path": str(path), "fingerprint": noted("csv-file", path).fingerprint},
    )
    main = msgspec.structs.replace(drawing.main, nodes={**drawing.main.nodes, "data": data})
    project = msgspec.structs.replace(drawing, graphs={MAIN: main})
    report = infer(project)
    assert changed(project) == []
    table_file(path, 200)
    again = infer(project, report)  # the drawing is the same, its file is not
    (problem,) = [one for one in again.problems if "has changed" in one.message]
    assert (problem.node, problem.severity) == ("data", "warning")
    (fix,) = problem.fixes
    assert fix.title == "Take the data as they are now"
    assert changed(fix.edit(project)) == []
