"""The user's own blocks: a folder of `.loom` files, each with one definition and those that it places.

A file may be anybody's: it is read as strictly as a project, and nothing of it runs. A definition that came
from the folder remembers its file and a fingerprint of what it was, so that a later change can be told.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

import msgspec
import platformdirs

from engine.document import query
from engine.document.edits.check import ORIGIN
from engine.document.edits.editing import EditError, graph_of
from engine.document.edits.fragment import Fragment, copy_fragment
from engine.document.edits.placement import kind_of
from engine.document.project import MAIN, Graph, Layout, Node, Point, Project
from engine.document.storage.file import SUFFIX, ProjectFileError, load, save, to_bytes
from nodes.layers.structure import Block
from nodes.user_error import UserError

MOST_FILES = 500
"""The most files of the folder that are listed."""


class LibraryError(UserError):
    """A block of the folder cannot be read, or none can be written there."""


class LibraryBlock(NamedTuple):
    """One file: the project in it, the name of its definition, and the fingerprint of that."""

    name: str
    project: Project
    definition: str
    fingerprint: str

    @property
    def origin(self) -> str:
        """What a definition that comes from this file remembers."""
        return f"{self.name}@{self.fingerprint}"

    def definitions(self) -> dict[str, Graph]:
        """The definition, which remembers where it comes from, and those that it places."""
        held = _closure(self.project, self.definition)
        held[self.definition] = msgspec.structs.replace(held[self.definition], origin=self.origin)
        return held

    def fragment(self) -> Fragment:
        """The block as it is pasted into a drawing."""
        placed = next(iter(query.placements(self.project.main)))
        copied = copy_fragment(self.project, MAIN, (placed,))
        return msgspec.structs.replace(copied, definitions=self.definitions())


def blocks_folder() -> Path:
    """Where the blocks of this user are."""
    return platformdirs.user_data_path("layerloom", appauthor=False) / "blocks"


def names(folder: Path) -> tuple[str, ...]:
    """The blocks in the folder by the names of their files; none where it is not there. Opens no file."""
    try:
        found = sorted(path.stem for path in folder.iterdir() if path.suffix == SUFFIX)
    except OSError:
        return ()
    return tuple(found[:MOST_FILES])


def read_block(folder: Path, name: str) -> LibraryBlock:
    """The block in a file of the folder. Raises `LibraryError` where there is none to be had."""
    try:
        project = load(folder / f"{name}{SUFFIX}")
    except (ProjectFileError, OSError) as error:
        raise LibraryError(f"My blocks: {error}") from error
    placed = query.placements(project.main)
    if len(project.main.nodes) != 1 or len(placed) != 1:
        raise LibraryError(
            f"My blocks: {name}{SUFFIX}: Expected a file whose main graph has one block and nothing else. "
            f"Received {len(project.main.nodes)} nodes."
        )
    definition = next(iter(placed.values()))
    return LibraryBlock(name, project, definition, fingerprint(project, definition))


def write_block(folder: Path, project: Project, definition: str) -> LibraryBlock:
    """Write a definition, and those that it places, to a file of the folder that is named after it."""
    graph_of(project, definition)
    if definition == MAIN:
        raise EditError("a definition", repr(MAIN), "Make a block of what is selected first.")
    layer = kind_of(project, definition) or Block.type
    key = "network1" if layer != Block.type else "block1"
    main = Graph(
        {key: Node(key, layer, {"definition": definition})}, layout=Layout(positions={key: Point(0.0, 0.0)})
    )
    alone = Project(definition, {MAIN: main, **_closure(project, definition)})
    try:
        folder.mkdir(parents=True, exist_ok=True)
        save(alone, folder / f"{definition}{SUFFIX}")
    except (ProjectFileError, OSError) as error:
        raise LibraryError(f"My blocks: {definition} cannot be written to {folder}: {error}") from error
    return LibraryBlock(definition, alone, definition, fingerprint(alone, definition))


def fingerprint(project: Project, definition: str) -> str:
    """16 hexadecimal digits of what a definition means: another layout or another origin is the same."""
    bare = {
        name: msgspec.structs.replace(graph, layout=Layout(), lenses=(), origin="")
        for name, graph in _closure(project, definition).items()
    }
    return hashlib.sha256(to_bytes(Project("", {MAIN: Graph(), **bare}))).hexdigest()[:16]


def origin_of(graph: Graph) -> tuple[str, str] | None:
    """File and fingerprint of what a definition comes from; None where it is of this project."""
    found = ORIGIN.fullmatch(graph.origin)
    return (found[1], found[2]) if found is not None else None


def _closure(project: Project, definition: str) -> dict[str, Graph]:
    """A definition and those that it places, which are of this project from then on."""
    used = (definition, *sorted(query.definitions_used(project, definition) & project.graphs.keys()))
    return {name: msgspec.structs.replace(project.graphs[name], origin="") for name in used if name != MAIN}
