"""What a run keeps of its data, so that others are read and predicted alike: description, scaling, columns.

Everything is fitted on the training part, once, by the readers; here it becomes JSON and comes back checked,
because a run's folder may be a stranger's. Also tells whether the files have changed since.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated

import msgspec
import numpy as np

from engine.data import catalogue
from engine.data.fingerprint import differs, fingerprint
from nodes.data.source import DataSource
from nodes.reading.dataset import DataInfo, DataSet, Scaling
from nodes.reading.error import DataError
from nodes.reading.scaling import sum_of
from nodes.reading.texts.vocabulary import Vocabulary
from nodes.reading.unseen.rows import ColumnsRead, ExpectedData
from nodes.spec import TensorSpec

MOST_VALUES = 1 << 20
"""Columns, classes or words that may be kept."""
LARGEST_SIZE = 1 << 31
"""The largest number of values of a sample."""
FORMAT = 1
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class KeptData(msgspec.Struct, frozen=True):
    """What a run keeps of one data set. Scalings are those of the training part."""

    info: DataInfo
    input_scaling: Scaling | None = None
    target_scaling: Scaling | None = None
    columns: ColumnsRead | None = None
    levels: tuple[float, float] | None = None
    fills: tuple[float, ...] | None = None
    rate: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    training: Count = 0
    validation: Count = 0
    fingerprint: str = ""

    @property
    def expected(self) -> ExpectedData:
        """What readers of other data need to know."""
        return ExpectedData(self.info, self.columns, self.levels, self.fills, self.rate)


class _File(msgspec.Struct):
    format: int
    sets: dict[str, KeptData]


def kept_data(source: DataSource, data: DataSet) -> KeptData:
    """What is kept of a data set that was loaded. Raises `DataError` where its file changed meanwhile."""
    expected = catalogue.expected_of(source, data.info)
    return KeptData(
        data.info,
        data.train.input_scaling,
        data.train.target_scaling,
        expected.columns,
        expected.levels,
        _fills(source, data),
        expected.rate,
        len(data.train),
        len(data.validation),
        fingerprint(source),
    )


def _fills(source: DataSource, data: DataSet) -> tuple[float, ...] | None:
    """What fills gaps: the means of the training part, which filling with them leaves as they are."""
    rows = data.train.input
    if source.values.get("gaps") != "fill" or len(rows.shape) != 2:
        return None
    return tuple(float(one) for one in sum_of(rows, np.arange(len(rows))) / len(rows))


def encoded(sets: Mapping[str, KeptData]) -> bytes:
    """The sets by the path of their node as JSON. One whose scaling is no finite number is left out."""
    sound = {path: kept for path, kept in sets.items() if _is_finite(kept)}
    return msgspec.json.format(msgspec.json.encode(_File(FORMAT, sound)), indent=1) + b"\n"


def decoded(text: bytes) -> dict[str, KeptData]:
    """The same back. Raises `DataError` where they are no such JSON, or do not fit together."""
    try:
        found = msgspec.json.decode(text, type=_File)
    except (ValueError, RecursionError) as error:
        raise DataError(f"Expected what a run keeps of its data. Received: {error}.") from error
    if found.format != FORMAT:
        raise DataError(f"Expected format {FORMAT} of what a run keeps. Received format {found.format}.")
    for path, kept in found.sets.items():
        fault = _fault(kept)
        if fault:
            raise DataError(f"{path}: Expected what a run keeps of its data. Received {fault}.")
    return found.sets


def is_changed(kept: KeptData, source: DataSource) -> bool:
    """Whether the files of the source are others than at the start of the run; False where nobody knows."""
    return differs(source, kept.fingerprint)


def _is_finite(kept: KeptData) -> bool:
    if not all(map(math.isfinite, (*(kept.levels or ()), *(kept.fills or ())))):
        return False
    scalings = [one for one in (kept.input_scaling, kept.target_scaling) if one is not None]
    return all(math.isfinite(x) for one in scalings for x in (one.divisor, *one.mean, *one.deviation))


def _fault(kept: KeptData) -> str:
    """What a stranger's file has wrong, in words; empty where it can be used."""
    info = kept.info
    for spec in (info.input, info.target):
        if spec is not None and not _is_spec(spec):
            return f"samples of sizes {spec}"
    if max(len(info.classes), len(info.columns), len(info.labels)) > MOST_VALUES:
        return f"more than {MOST_VALUES:,} classes, labels or columns"
    for name, one, spec in (
        ("input", kept.input_scaling, info.input),
        ("target", kept.target_scaling, info.target),
    ):
        if one is not None and (spec is None or not _is_scaling(one, spec)):
            return f"a scaling of the {name} that does not fit its sizes"
    if kept.fills is not None and (len(kept.fills),) != info.input.features[-1:]:
        return "fills that do not fit the columns"
    if kept.levels is not None and not kept.levels[0] < kept.levels[1]:
        return "levels of pictures of which black is not below white"
    if not all(map(_is_vocabulary, filter(None, (info.vocabulary, info.target_vocabulary)))):
        return "a vocabulary that cannot be used"
    return "" if kept.columns is None else _fault_of_columns(kept.columns, info)


def _is_vocabulary(one: Vocabulary) -> bool:
    """Whether texts can be cut and made by it; a stranger's may name what no text has."""
    try:
        numbers = [number for text in one.encode(["a b"]) for number in text]
        return len(one.shown) == len(one) and all(0 <= number < len(one) for number in numbers)
    except Exception:  # noqa: BLE001 - whatever its library raises of what does not fit together
        return False


def _is_spec(spec: TensorSpec) -> bool:
    sizes = spec.features
    known = all(isinstance(size, int) and 0 < size <= LARGEST_SIZE for size in sizes)
    return known and len(sizes) <= 4 and math.prod(int(str(size)) for size in sizes) <= LARGEST_SIZE


def _is_scaling(one: Scaling, spec: TensorSpec) -> bool:
    lengths = {len(one.mean), len(one.deviation)}
    sizes = {1, *spec.features}
    return lengths <= sizes and all(x != 0.0 for x in (one.divisor, *one.deviation))


def _fault_of_columns(columns: ColumnsRead, info: DataInfo) -> str:
    width = sum(one.width for one in columns.inputs)
    if any(one.rounds < 0 for one in columns.inputs):
        return "a date with fewer than no places on circles"
    if not columns.inputs or width != info.input.features[-1:][0]:
        return f"columns of {width:,} values for samples {info.input}"
    return ""
