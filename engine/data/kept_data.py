"""What a run keeps of its data, so that others are read and predicted alike: description, scaling, columns.

Everything is fitted on the training part, once, by the readers; here it becomes JSON and comes back checked,
because a run's folder may be a stranger's. Also tells whether the files have changed since.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np

from engine.data import catalogue
from nodes.data.source import DataSource
from nodes.reading.dataset import ArrayRows, DataInfo, DataSet, Scaling
from nodes.reading.error import DataError
from nodes.reading.unseen.rows import ColumnsRead, ExpectedData
from nodes.regular_file import open_regular
from nodes.spec import TensorSpec

DIGESTED = 64 << 20
"""Bytes of a file whose content is compared; of a larger one the size and both ends are."""
END = 1 << 20
"""Bytes at each end of a larger file."""
MOST_LISTED = 20_000
"""Files of a folder whose names and sizes are compared."""
MOST_VALUES = 1 << 20
"""Columns, classes or words that may be kept."""
LARGEST_SIZE = 1 << 31
"""The largest number of values of a sample."""
FORMAT = 1
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class Fingerprint(msgspec.Struct, frozen=True):
    """By what a file or a folder is known again: its size in bytes (or files), and a digest."""

    size: Count
    digest: str


class KeptData(msgspec.Struct, frozen=True):
    """What a run keeps of one data set. Scalings are those of the training part."""

    info: DataInfo
    input_scaling: Scaling | None = None
    target_scaling: Scaling | None = None
    columns: ColumnsRead | None = None
    levels: tuple[float, float] | None = None
    fills: tuple[float, ...] | None = None
    training: Count = 0
    validation: Count = 0
    fingerprint: Fingerprint | None = None

    @property
    def expected(self) -> ExpectedData:
        """What readers of other data need to know."""
        return ExpectedData(self.info, self.columns, self.levels, self.fills)


class _File(msgspec.Struct):
    format: int
    sets: dict[str, KeptData]


def kept_data(source: DataSource, data: DataSet) -> KeptData:
    """What is kept of a data set that was loaded. Raises `DataError` where its file changed meanwhile."""
    path = catalogue.declared(source).folder()
    expected = catalogue.expected_of(source, data.info)
    return KeptData(
        data.info,
        data.train.input_scaling,
        data.train.target_scaling,
        expected.columns,
        expected.levels,
        _fills(source, data),
        len(data.train),
        len(data.validation),
        None if path is None else fingerprint(path),
    )


def _fills(source: DataSource, data: DataSet) -> tuple[float, ...] | None:
    """What fills gaps: the means of the training part, which filling with them leaves as they are."""
    if source.values.get("gaps") != "fill" or not isinstance(data.train.input, ArrayRows):
        return None
    return tuple(float(one) for one in data.train.input.array.astype(np.float64).mean(axis=0))


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


def fingerprint(path: Path) -> Fingerprint | None:
    """That of a file or folder as it is now; None where it cannot be read. Reads `DIGESTED` bytes at most."""
    try:
        return _of_folder(path) if path.is_dir() else _of_file(path)
    except (OSError, ValueError):
        return None


def is_changed(kept: KeptData, source: DataSource) -> bool:
    """Whether the files of the source are others than at the start of the run; False where nobody knows."""
    path = catalogue.declared(source).folder()
    now = None if path is None else fingerprint(path)
    return now is not None and kept.fingerprint is not None and now != kept.fingerprint


def _of_file(path: Path) -> Fingerprint:
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        digest = hashlib.sha256(file.read(min(size, DIGESTED if size <= DIGESTED else END)))
        if size > DIGESTED:
            file.seek(-END, os.SEEK_END)
            digest.update(file.read(END))
    return Fingerprint(size, digest.hexdigest())


def _of_folder(path: Path) -> Fingerprint:
    """By the names and sizes of its files; links to folders are not followed."""
    found: list[str] = []
    files = ((place, name) for place, _, names in os.walk(path) for name in names)
    for place, name in islice(files, MOST_LISTED):
        one = Path(place, name)
        found.append(f"{one.relative_to(path)}\0{one.lstat().st_size}")
    text = "\n".join(sorted(found)).encode("utf-8", "surrogatepass")
    return Fingerprint(len(found), hashlib.sha256(text).hexdigest())


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
    if max(len(info.classes), len(info.columns)) > MOST_VALUES:
        return f"more than {MOST_VALUES:,} classes or columns"
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
    return "" if kept.columns is None else _fault_of_columns(kept.columns, info)


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
