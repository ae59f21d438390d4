"""How long a table of a million rows takes: to be looked at, loaded, and from the file to the first step.

The table has 1,000,000 rows of 20 numbers, 150 MB of text. The yardstick is what one would write by hand:
`pandas.read_csv`, a random split, the scaling of the training part, float32 tensors; and the same with
pyarrow's own reader. All take turns; what is kept in memory is forgotten before each.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks._machine import Elsewhere

ROWS, COLUMNS = 1_000_000, 20
ROUNDS = 5
BOUND_LOOK_S, BOUND_STEP_S = 5.0, 15.0
"""Seconds until the columns are shown, and from the file to the first step of training."""


def write(path: Path, rows: int = ROWS) -> None:
    """A table of numbers with a line of names; the last column follows from the others."""
    import pyarrow as pa
    import pyarrow.csv

    rng = np.random.default_rng(0)
    values = rng.standard_normal((rows, COLUMNS - 1)).round(4)
    target = (values[:, :3].sum(axis=1) + 0.1 * rng.standard_normal(rows)).round(4)
    names = [*(f"x{i}" for i in range(COLUMNS - 1)), "y"]
    pyarrow.csv.write_csv(pa.table([*(pa.array(column) for column in values.T), target], names=names), path)


def run() -> dict[str, Any]:
    """Every figure, as JSON."""
    elsewhere = Elsewhere()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "million.csv")
        write(path)
        sides: dict[str, Callable[[], object]] = {
            "look": lambda: _look(path),
            "load": lambda: _load(path),
            "first_step": lambda: _first_step(path),
            "pandas": lambda: _by_pandas(path),
            "pyarrow": lambda: _by_pyarrow(path),
        }
        times: dict[str, list[float]] = {name: [] for name in sides}
        for _ in range(ROUNDS):
            for name, side in sides.items():
                times[name].append(_seconds(side))
    found: dict[str, Any] = {f"{name}_s": round(statistics.median(all_), 3) for name, all_ in times.items()}
    for name in ("pandas", "pyarrow"):
        ratios = [other / own for other, own in zip(times[name], times["load"], strict=True)]
        found[f"load_against_{name}"] = round(statistics.median(ratios), 2)
    found |= {"bound_look_s": BOUND_LOOK_S, "bound_first_step_s": BOUND_STEP_S}
    found["holds"] = found["look_s"] <= BOUND_LOOK_S and found["first_step_s"] <= BOUND_STEP_S
    return {**found, "cores_busy_elsewhere": elsewhere.cores()}


def _seconds(act: Callable[[], object]) -> float:
    from engine.data import catalogue

    catalogue.forget()
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _source(path: Path) -> Any:
    from engine.data import catalogue
    from nodes.data.source import DataSource

    found = catalogue.recognised(path)[0]
    return DataSource(dataset=found.dataset, **found.recognised.values)


def _look(path: Path) -> object:
    from engine.data import catalogue

    return catalogue.look(_source(path))


def _load(path: Path) -> object:
    from engine.data import catalogue

    return catalogue.load(_source(path))


def _first_step(path: Path) -> object:
    """From the file to the first step: looked at, a first drawing made, and one step of it trained."""
    from engine.data import catalogue
    from engine.data.first_drawing import first_drawing
    from engine.run.run import Run

    source = _source(path)
    look = catalogue.look(source)
    with tempfile.TemporaryDirectory() as folder:
        project = first_drawing(source, look.info)
        return Run(project, device="cpu", steps=1, folder=Path(folder, "run")).execute(lambda event: None)


def _by_pandas(path: Path) -> object:
    import pandas as pd

    return _ready(pd.read_csv(path).to_numpy(np.float64))


def _by_pyarrow(path: Path) -> object:
    import pyarrow.csv

    table = pyarrow.csv.read_csv(path)
    return _ready(np.column_stack([column.to_numpy() for column in table.columns]))


def _ready(values: np.ndarray[Any, np.dtype[np.float64]]) -> object:
    """Rows divided by a seed and scaled by the training part, as float32 tensors."""
    import torch

    order = np.random.default_rng(0).permutation(len(values))
    held = len(values) // 5
    train, validation = values[np.sort(order[held:])], values[np.sort(order[:held])]
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    return [torch.from_numpy(((part - mean) / deviation).astype(np.float32)) for part in (train, validation)]
