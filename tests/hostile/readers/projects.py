"""Readers of projects: the file, the clipboard, what a crash left, and what a run was started with."""

from __future__ import annotations

import json
from pathlib import Path

from engine.document import edits
from engine.document.project import MAIN
from engine.document.storage import gallery
from engine.document.storage.file import load, save, to_bytes
from engine.document.storage.recovery import RecoveryStore
from engine.infer import infer
from engine.runs.record import DRAWING, project_of
from tests.hostile.fuzz import Reader

_SEEDS = ("lenet5-fashion", "attention-moby", "diffusion-digits", "xor-by-hand")


def _files(folder: Path) -> list[Path]:
    paths = [folder / f"{name}.loom" for name in _SEEDS]
    for path in paths:
        save(gallery.make(path.stem), path)
    old = Path(__file__).parents[2] / "engine" / "document" / "storage" / "format-1.loom"
    (folder / "old.loom").write_bytes(old.read_bytes())
    return [*paths, folder / "old.loom"]


def _read(path: Path) -> object:
    project = load(path)
    assert load(path) == project
    to_bytes(project)
    return project


def _inferred(path: Path) -> object:
    return infer(load(path))


def _fragments(folder: Path) -> list[Path]:
    made = []
    for name in _SEEDS:
        project = gallery.make(name)
        text = edits.fragment_to_text(edits.copy_fragment(project, MAIN, project.main.nodes))
        made.append(folder / f"{name}.json")
        made[-1].write_text(text, "utf-8")
    return made


def _pasted(path: Path) -> object:
    text = path.read_text("utf-8", "surrogateescape")
    return edits.paste(gallery.make("xor-by-hand"), MAIN, edits.fragment_from_text(text), (0.0, 0.0))


def _left(folder: Path) -> list[Path]:
    store = RecoveryStore(folder)
    for name in _SEEDS[:2]:
        store.write(name, gallery.make(name))
    for path in folder.iterdir():  # of a process that is no more
        head, body = path.read_bytes().split(b"\n", 1)
        owner = json.loads(head)
        owner["owner"] = {**owner["owner"], "pid": 2**22 + 1}
        path.write_bytes(json.dumps(owner).encode() + b"\n" + body)
    return sorted(folder.iterdir())


def _recovered(path: Path) -> object:
    store = RecoveryStore(path.parent)
    found = [*store.pending(), *store.damaged()]
    assert len(found) <= 2
    return found


def _drawings(folder: Path) -> list[Path]:
    path = folder / DRAWING
    path.write_bytes(to_bytes(gallery.make(_SEEDS[0])))
    return [path]


def _of_run(path: Path) -> object:
    return project_of(path.parent)


READERS = (
    Reader("project", _files, _read),
    Reader("inference", _files, _inferred, seconds=5.0),
    Reader("fragment", _fragments, _pasted),
    Reader("recovery", _left, _recovered, beside=True),
    Reader("drawing of a run", _drawings, _of_run),
)
