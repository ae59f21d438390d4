"""Further outputs of a data set come with the samples that they belong to, from the device or read ahead."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.data.batches import BatchOrder, Specs, feed
from nodes.data_sets.declaration import DataSetDeclaration
from nodes.reading.dataset import ArrayRows, DataSplit, PartRows
from nodes.spec import N, Port, TensorSpec

SPECS: Specs = (TensorSpec((N, 3)), None, TensorSpec((N, 3)), TensorSpec((N,), "int64"))


def split(rows: int, *, in_parts: bool) -> DataSplit:
    values = np.arange(rows * 3, dtype=np.float32).reshape(rows, 3)
    stored = [ArrayRows(one) for one in (values, values % 2, np.arange(rows))]
    if in_parts:  # such rows are not put on the device, so they are read ahead
        held = [PartRows(one, np.arange(rows)) for one in stored]
        return DataSplit(held[0], None, more={"mask": held[1], "length": held[2]})
    return DataSplit(stored[0], None, more={"mask": stored[1], "length": stored[2]})


@pytest.mark.parametrize("in_parts", [False, True])
@pytest.mark.parametrize("free", [1 << 30, 0])
def test_further_outputs_are_those_of_the_same_samples(free: int, *, in_parts: bool) -> None:
    made = feed(split(10, in_parts=in_parts), SPECS, BatchOrder(10, 4, 0), torch.device("cpu"), free=free)
    try:
        for values, target, mask, length in (
            made.next(),
            made.next(),
            *made.sequential(3),
            made.at([7, 2]),
        ):
            assert target is None
            assert torch.equal(mask, values % 2)
            assert torch.equal(values[:, 0], 3.0 * length)
            assert length.dtype == torch.int64
    finally:
        made.close()


def test_a_set_does_not_name_a_further_output_as_another() -> None:
    with pytest.raises(TypeError, match="expected further outputs of names of their own"):

        class Twice(DataSetDeclaration):
            name, title, kind, licence, description = "twice", "Twice", "table", "yours", "Nothing."
            more = (Port("target"),)
