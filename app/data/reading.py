"""What the data page asks of the data, and what it is told: who can read them, and how they were understood.

Values, and the work of a thread that reads. Touches no widget.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nodes.data.source import DataSource
from nodes.param import JSON
from nodes.reading.error import DataError
from nodes.reading.look import DataLook, DataMatch, Recognised
from nodes.reading.progress import tell
from nodes.shown_text import listed
from nodes.user_error import UserError

Params = Mapping[str, JSON]
MOST_PATHS = 50
"""Files that are each looked at where several are dropped."""


@dataclass(frozen=True, eq=False)
class Question:
    """Data to be understood: the paths that were dropped, or the parameters of a data node.

    `params` are those of a data node; None: those of the surest set that knows the paths.
    `roles` are parts with the role that each was given since, in that order. `node` is the name of the node,
    and `nodes` are the data nodes of its graph: one in a pair is divided as the others are.
    """

    paths: tuple[Path, ...] = ()
    params: Params | None = None
    roles: tuple[tuple[str, str], ...] = ()
    seed: int = 0
    node: str = ""
    nodes: tuple[tuple[str, DataSource], ...] = ()


@dataclass(frozen=True, eq=False)
class Understood:
    """Data that were read. `matches` are all sets that can read them, the surest first."""

    matches: tuple[DataMatch, ...]
    source: DataSource
    look: DataLook
    note: str = ""
    """What else is read than what was dropped, as a sentence."""

    @property
    def match(self) -> DataMatch:
        """The set that read them, with the reason."""
        return chosen_of(self.matches, self.source)


@dataclass(frozen=True, eq=False)
class Refused:
    """Data that could not be read: a sentence that says why; `source` where a set tried."""

    message: str
    matches: tuple[DataMatch, ...] = ()
    source: DataSource | None = None


def understand(question: Question) -> Understood | Refused:
    """Find out who can read the data, give parts their roles, and look. May take long."""
    matches: tuple[DataMatch, ...] = ()
    source: DataSource | None = None
    try:
        matches = _matches(question.paths)
        given = question.params
        params = _params_of(matches, question.paths) if given is None else dict(given)
        source = DataSource(**params)
        for part, role in question.roles:
            params |= _for_role(source, part, role)
            source = DataSource(**params)
        from engine.data.fingerprint import fingerprint
        from engine.data.pairing import data_of
        from engine.data.shown import look

        nodes = {**dict(question.nodes), question.node: source}
        found = look(data_of(nodes, question.node, question.seed))
        noted = DataSource(**{**params, "fingerprint": fingerprint(source)})
        return Understood(matches, noted, found, _note(question.paths, noted))
    except UserError as error:
        return Refused(str(error), matches, source)


def chosen_of(matches: tuple[DataMatch, ...], source: DataSource) -> DataMatch:
    """The match by which a source reads; one of its own where nobody proposed it."""
    path = str(source.values.get("path", ""))
    for match in matches:
        if match.dataset == source.dataset and str(match.recognised.values.get("path", path)) == path:
            return match
    from nodes.data_sets.registry import data_sets

    return DataMatch(source.dataset, data_sets()[source.dataset].title, Recognised(100, {}, "you chose it"))


def paths_of(source: DataSource) -> tuple[Path, ...]:
    """The file or folder that a data node names; none of a set without files. Asks no disk."""
    from nodes.data_sets.registry import data_sets

    path = str(source.values.get("path", "")) if "path" in data_sets()[source.dataset].params else ""
    return (Path(os.path.expanduser(path)),) if path else ()  # noqa: PTH111 - it stays where there is no home


def _matches(paths: tuple[Path, ...]) -> tuple[DataMatch, ...]:
    """Who can read these; of several files of one folder, also who can read the folder whole.

    Of very many files nobody looks at each. Raises `DataError` where they are of several folders.
    """
    from engine.data import catalogue

    found: list[DataMatch] = []
    homes = {path.parent for path in paths}
    if len(paths) > MOST_PATHS and len(homes) > 1:
        raise DataError(
            f"Drop the folder that holds them all. Expected at most {MOST_PATHS} files of several folders. "
            f"Received {len(paths):,}."
        )
    for path in paths if len(paths) <= MOST_PATHS else ():
        tell(f"Looking at {path.name}")
        found += catalogue.recognised(path)
    if len(paths) > 1 and len(homes) == 1:
        found += catalogue.recognised(homes.pop())
    return tuple(sorted(found, key=lambda match: -match.recognised.sureness))


def _note(paths: tuple[Path, ...], source: DataSource) -> str:
    """What else is read than what was dropped, as a sentence."""
    read = paths_of(source)
    if len(paths) < 2 or not read:
        return ""
    if read[0] in paths:
        return f"{len(paths):,} files were dropped; {read[0].name} alone is read. Choose another above."
    return f"{len(paths):,} files were dropped; the folder that holds them, {read[0].name}, is read whole."


def _params_of(matches: tuple[DataMatch, ...], paths: tuple[Path, ...]) -> dict[str, Any]:
    if not matches:
        missing = [path.name for path in paths if not path.exists()]
        if missing:
            raise DataError(f"Choose data that are there. Received {listed(missing)}, which is gone.")
        raise DataError(
            "Drop a file or folder of a kind that is listed below. Expected data that a data set can read. "
            f"Received {listed(path.name for path in paths)}, of a kind that none knows."
        )
    return {"dataset": matches[0].dataset, **matches[0].recognised.values}


def _for_role(source: DataSource, part: str, role: str) -> dict[str, Any]:
    from engine.data import catalogue

    return catalogue.declared(source).values_for_role(part, role)
