"""Short ways to a data source and to its rows, for the tests of this folder."""

from __future__ import annotations

from typing import Any

import numpy as np

from nodes.data.source import DataSource
from nodes.reading.dataset import Array, Rows
from nodes.registry import REGISTRY


def source(dataset: str, **params: Any) -> DataSource:
    made = REGISTRY.make("data", {"dataset": dataset, **params})
    assert isinstance(made, DataSource)
    return made


def rows(of: Rows | None) -> Array:
    """All rows."""
    assert of is not None
    return of.fetch(np.arange(len(of)))
