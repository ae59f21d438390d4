"""The `.loom` file: canonical JSON, read strictly and written atomically.

The same project always has the same bytes: keys are sorted, each node, wire and position has a line of its
own, so that one change changes one line. Loading returns a valid project or lists every problem; it runs no
code and changes nothing on disk.
"""

from __future__ import annotations

import glob
import json
import os
from pathlib import Path
from typing import Any

import msgspec

from engine.document.edits.check import problems_of
from engine.document.json_reader import MOST_PROBLEMS, Problems, read
from engine.document.json_text import BrokenJsonError, check_count, parse
from engine.document.project import FORMAT, Project
from engine.document.storage.migration import migrate
from engine.system.atomic_write import remove_leftovers, write_atomically
from nodes.regular_file import NotRegularFileError, open_regular
from nodes.shown_text import LINES, more_of, quoted, shown_lines
from nodes.uncollected import uncollected
from nodes.user_error import UserError

SUFFIX = ".loom"
LARGEST_FILE = 16 * 2**20
"""Bytes. A drawing of 89,000 convolutions and activations in a row has as many."""


class ProjectFileError(UserError):
    """A project cannot be loaded or saved. `problems` has the JSON path and a sentence for each problem.

    The path is empty where the problem is with the file as a whole.
    """

    def __init__(self, problems: Problems, path: Path | None = None) -> None:
        self.problems = list(problems)
        self.path = path
        super().__init__(self._text())

    @property
    def lines(self) -> list[str]:
        """A line for each of the first problems, and one that counts the others."""
        told = [f"{path}: {sentence}" if path else sentence for path, sentence in self.problems[:LINES]]
        if more := len(self.problems[LINES:]):
            told.append(more_of(more, at_least=len(self.problems) >= MOST_PROBLEMS))
        return shown_lines("\n".join(told)).split("\n")

    def _text(self) -> str:
        name = f"{self.path.name or self.path}: " if self.path is not None else ""
        return name + "\n".join(self.lines)


# Bytes ------------------------------------------------------------------------------------------------------


def to_bytes(project: Project) -> bytes:
    """The canonical bytes of a project: UTF-8, with a newline at the end."""
    try:
        text = _object({"format": project.format, "name": project.name, **_parts(project)}, _LINES, 0)
        data = (text + "\n").encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise ProjectFileError([("$", f"Expected values that JSON can write. {error}.")]) from error
    _check_size(data)
    return data


def from_bytes(data: bytes) -> Project:
    """The project in these bytes. Raises `ProjectFileError` with the first problems (see `MOST_PROBLEMS`)."""
    _check_size(data)
    with uncollected():
        try:
            raw = parse(data)
        except BrokenJsonError as error:
            raise ProjectFileError([("", str(error))]) from error
        _check_format(raw)
        project, problems = read(migrate(raw))
        if project is not None:
            problems = problems_of(project)
    if project is None or problems:
        raise ProjectFileError(problems)
    return project


def _check_size(data: bytes) -> None:
    """Raise `ProjectFileError` where the bytes are more than a project may have."""
    if len(data) > LARGEST_FILE:
        raise ProjectFileError([("", _size_sentence(len(data)))])
    try:
        check_count(data)
    except BrokenJsonError as error:
        raise ProjectFileError([("", str(error))]) from error


def _size_sentence(size: int) -> str:
    return f"Expected a project of at most {LARGEST_FILE:,} bytes. Received {size:,}."


def _check_format(raw: Any) -> None:
    if not isinstance(raw, dict):
        raise ProjectFileError([("$", f"Expected a Layerloom project. Received {quoted(raw)}.")])
    version = raw.get("format")
    if type(version) is not int or version < 1:
        raise ProjectFileError(
            [
                (
                    "$.format",
                    f"Expected the format of a Layerloom project, 1 to {FORMAT}. Received {quoted(version)}.",
                )
            ]
        )
    if version > FORMAT:
        sentence = (
            f"Expected format {FORMAT} or older. Received format {quoted(version)}: it was written by a "
            "newer Layerloom, which can open it."
        )
        raise ProjectFileError([("$.format", sentence)])


def _parts(project: Project) -> dict[str, Any]:
    """Graphs, settings and lesson as plain JSON, defaults left out."""
    plain = msgspec.to_builtins(project)
    graphs = plain.get("graphs", {})
    for graph in graphs.values():
        for node in graph.get("nodes", {}).values():
            del node["id"]
        graph["wires"] = sorted(graph.get("wires", ()), key=_wire_key)
        if not graph["wires"]:
            del graph["wires"]
        positions = graph.get("layout", {}).get("positions", {})
        for key, (x, y) in positions.items():
            positions[key] = [float(x), float(y)]
        for kind in ("frames", "notes"):
            for thing in graph.get("layout", {}).get(kind, {}).values():
                thing.update({k: float(v) for k, v in thing.items() if isinstance(v, int)})
    return {key: value for key, value in plain.items() if key in ("graphs", "settings", "lesson")}


def _wire_key(wire: dict[str, Any]) -> tuple[Any, ...]:
    return (*wire["target"], wire.get("order", 0), *wire["source"])


_Lines = dict[str, Any]
"""Which fields are broken over lines; "*" stands for every key, and what is not named stands on one line."""

_GRAPH: _Lines = {
    "nodes": {},
    "wires": {},
    "parameters": {},
    "lenses": {},
    "layout": {"positions": {}, "frames": {}, "notes": {}},
}
_LESSON: _Lines = {"steps": {"*": {"checks": {}}}}
_LINES: _Lines = {"graphs": {"*": _GRAPH}, "settings": {}, "lesson": _LESSON}


def _object(value: Any, lines: _Lines, depth: int) -> str:
    """A list or object over several lines."""
    if not value:
        return "{}" if isinstance(value, dict) else "[]"
    pad = "  " * (depth + 1)
    if not isinstance(value, dict):
        rows = [_line(entry) for entry in value]
        return "[\n" + ",\n".join(pad + row for row in rows) + f"\n{'  ' * depth}]"
    rows = []
    for key in sorted(value):
        broken = lines.get(key, lines.get("*"))
        entry = value[key]
        text = _line(entry) if broken is None else _object(entry, broken, depth + 1)
        rows.append(f"{pad}{_line(key)}: {text}")
    return "{\n" + ",\n".join(rows) + f"\n{'  ' * depth}}}"


_line = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True).encode


# Disk -------------------------------------------------------------------------------------------------------


def load(path: Path | str) -> Project:
    """The project in a file, which is not changed. Raises `ProjectFileError` with all problems."""
    path = Path(path)
    try:
        return from_bytes(_bytes_of(path))
    except OSError as error:
        raise ProjectFileError([("", f"Cannot read {path}: {_reason(error)}.")], path) from error
    except ProjectFileError as error:
        raise ProjectFileError(error.problems, path) from error


def _bytes_of(path: Path) -> bytes:
    try:
        with open_regular(path) as file:
            data = file.read(LARGEST_FILE + 1)
            size = max(len(data), os.fstat(file.fileno()).st_size)
    except NotRegularFileError as error:
        sentence = f"Expected a project file. Received something else at {path}: {error}."
        raise ProjectFileError([("", sentence)]) from error
    if len(data) > LARGEST_FILE:
        raise ProjectFileError([("", _size_sentence(size))])
    return data


def save(project: Project, path: Path | str) -> None:
    """Write a project atomically: at any moment the old file or the new one is complete.

    Raises `ProjectFileError` where it cannot be written, or holds what `load` would refuse; the old file is
    then as it was.
    """
    path = Path(path)
    if problems := problems_of(project):
        raise ProjectFileError(problems, path)
    try:
        write_atomically(path, to_bytes(project))
        full = path.resolve()
        remove_leftovers(full.parent, glob.escape(full.name[:100]))
    except OSError as error:
        raise ProjectFileError([("", f"Cannot save {path}: {_reason(error)}.")], path) from error


def _reason(error: OSError) -> str:
    match error:
        case FileNotFoundError():
            return "there is no such file or folder"
        case PermissionError():
            return "permission denied"
        case IsADirectoryError():
            return "it is a folder"
        case _:
            return (error.strerror or str(error)).lower()
