"""The folder of the user's own blocks, "My blocks": what is in it, and what has changed there since.

Asks the disk about a file again only where its time or size is another.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from engine.document.project import Graph, Project
from engine.document.storage.file import SUFFIX
from engine.document.storage.library import (
    LibraryBlock,
    LibraryError,
    blocks_folder,
    names,
    origin_of,
    read_block,
)

LARGEST = 2 * 2**20
"""Bytes of a file that is looked into by itself; a larger one is read where it is used."""


def listed() -> tuple[str, ...]:
    """The blocks of the folder by name."""
    folder = blocks_folder()
    try:
        return _names(folder, folder.stat().st_mtime_ns)
    except OSError:
        return ()


@lru_cache(maxsize=4)
def _names(folder: Path, _time: int) -> tuple[str, ...]:
    return names(folder)


def block(name: str) -> LibraryBlock:
    """A block of the folder. Raises `LibraryError` where it cannot be read."""
    return read_block(blocks_folder(), name)


def newer(graph: Graph) -> LibraryBlock | None:
    """The block that a definition came from, where that is another one by now.

    None as well where it is there no more, or cannot be read: it is told where somebody uses it.
    """
    origin = origin_of(graph)
    if origin is None:
        return None
    path = blocks_folder() / f"{origin[0]}{SUFFIX}"
    try:
        facts = path.stat()
        found = _known(path, facts.st_mtime_ns, facts.st_size) if facts.st_size <= LARGEST else None
    except (OSError, LibraryError):
        return None
    return found if found is not None and found.fingerprint != origin[1] else None


@lru_cache(maxsize=64)
def _known(path: Path, _time: int, _size: int) -> LibraryBlock:
    return read_block(path.parent, path.stem)


def outdated(project: Project) -> Iterator[str]:
    """The definitions of a project of which My blocks has another version."""
    for name, graph in project.graphs.items():
        if graph.origin and newer(graph) is not None:
            yield name
