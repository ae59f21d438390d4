"""Whether two data sets are the same to the last bit: one in memory, the other on disk."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.data import catalogue
from engine.data.batches import BatchOrder, feed
from nodes.data.source import DataSource
from nodes.reading import budget
from nodes.reading.dataset import DataSet, DataSplit
from tests.engine.data.sources import rows


def with_free_memory(made: DataSource, patch: pytest.MonkeyPatch, free: int) -> DataSet:
    """The set, where so many bytes of memory are free."""
    catalogue.forget()
    with patch.context() as patched:
        patched.setattr(budget, "free_memory", lambda: free)
        return catalogue.load(made, seed=5)


def batches(data: DataSet, part: DataSplit) -> list[torch.Tensor]:
    specs = (data.info.input, data.info.target, *(spec for _, spec in data.info.more))
    cpu = torch.device("cpu")
    made = feed(part, specs, BatchOrder(len(part), 32, 7), cpu, free=1 << 30)
    try:
        return [one for _ in range(20) for one in made.next() if one is not None]
    finally:
        made.close()


def assert_same(usual: DataSet, spilled: DataSet) -> None:
    """The same description, notes but for where values lie, parts, scalings, rows and batches."""
    assert spilled.info == usual.info
    assert [note for note in spilled.notes if "do not fit" not in note] == [*usual.notes]
    assert any("do not fit" in note for note in spilled.notes)
    assert (spilled.skipped, spilled.division) == (usual.skipped, usual.division)
    for one, other in ((usual.train, spilled.train), (usual.validation, spilled.validation)):
        assert (other.input_scaling, other.target_scaling) == (one.input_scaling, one.target_scaling)
        assert (one.places is None) == (other.places is None)
        if one.places is not None and other.places is not None:
            assert np.array_equal(one.places, other.places)
        for name, held in {"input": one.input, "target": one.target, **one.more}.items():
            found = {"input": other.input, "target": other.target, **other.more}[name]
            if held is None or found is None:
                assert held is found
                continue
            assert (found.shape, found.dtype) == (held.shape, held.dtype), name
            assert rows(found).tobytes() == rows(held).tobytes(), name
    for one, other in zip(batches(usual, usual.train), batches(spilled, spilled.train), strict=True):
        assert torch.equal(one, other)
