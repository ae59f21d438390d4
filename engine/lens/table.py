"""What a drawing that learns nothing says of the first rows of its data: a truth table, worked out at once.

Compiled apart from any run, as a preview is: not to be asked for while one trains.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.compile import Plan, compile  # noqa: A004
from engine.document.project import Project
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.system.random_state import kept_random_state
from nodes.user_error import UserError

MOST_ROWS = 16
MOST_COLUMNS = 8
"""Wider rows are not shown: they would not be read."""


@dataclass(frozen=True)
class Table:
    """Names of the columns and rows of numbers; the first `given` columns went in."""

    columns: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]
    given: int


def answers(project: Project) -> Table | None:
    """The table of a drawing without an objective; None where there is none to show, or it cannot run."""
    try:
        with kept_random_state(torch.device("cpu")):
            plan = compile(project, "cpu")
        if plan.objectives or not plan.outputs:
            return None
        sources = Sources(plan)
    except (UserError, OSError):  # what is wrong is told where problems are
        return None
    try:
        return _table(plan, sources)
    finally:
        sources.close()


def _table(plan: Plan, sources: Sources) -> Table | None:
    count = min(sources.samples(), MOST_ROWS)
    values = sources.pinned(count, plan.seed)
    plan.eval()
    with torch.no_grad(), kept_random_state(torch.device("cpu")):
        _, _, said = plan.evaluation(values)
    given = [(end, tensor) for end, tensor in values.items() if end.port != "target"]
    given_names, given_columns = _columns([(_name(end), tensor) for end, tensor in given])
    names = [str(plan.nodes[path].layer.values["name"]) for path in plan.outputs]
    said_names, said_columns = _columns(list(zip(names, said, strict=True)))
    wide = len(given_columns) + len(said_columns)
    if not given_columns or not said_columns or wide > MOST_COLUMNS:
        return None
    rows = tuple(zip(*given_columns, *said_columns, strict=True))
    return Table((*given_names, *said_names), rows, len(given_columns))


def _name(end: FlatEnd) -> str:
    """`x` for what a data set hands out, else where a value comes from."""
    return "x" if end.port == "input" else end.path


def _columns(named: list[tuple[str, Tensor]]) -> tuple[list[str], list[list[float]]]:
    """Every value of a row as a column of its own; numbered where a tensor has several."""
    names: list[str] = []
    columns: list[list[float]] = []
    for name, tensor in named:
        flat = tensor.reshape(len(tensor), -1)
        names += [name] if flat.shape[1] == 1 else [f"{name}{i + 1}" for i in range(flat.shape[1])]
        if len(names) > MOST_COLUMNS:
            return [], []
        columns += [[float(value) for value in column] for column in flat.T]
    return names, columns
