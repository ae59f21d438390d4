"""How an HDF5 file is opened: to read alone, and with a library that loads no filter from anywhere."""

from __future__ import annotations

import threading
import zlib
from pathlib import Path
from typing import Any

from nodes.reading.error import DataError
from nodes.reading.opened import plain
from nodes.shown_text import shown

_lock = threading.Lock()
LIBRARY_ERRORS = (
    *(OSError, RuntimeError, ValueError, TypeError, KeyError, AttributeError, ArithmeticError),
    zlib.error,
)
"""What the libraries raise for what they cannot read."""


def open_file(path: Path) -> Any:
    """The file (`h5py.File`), read only. Raises `DataError`."""
    import h5py

    with plain(path, "an HDF5 file"):
        pass
    with _lock:
        while h5py.h5pl.size():  # the folders in which it would look for filters
            h5py.h5pl.remove(0)
    try:
        return h5py.File(path, "r", driver="sec2", locking=False)
    except LIBRARY_ERRORS as error:
        raise DataError(
            f"{path}: Expected an HDF5 file. Received a damaged one ({shown(str(error))})."
        ) from error


def h5d_of() -> Any:
    """The part of the library that knows data sets."""
    from h5py import h5d

    return h5d


def damaged(path: Path, name: str, error: Exception) -> DataError:
    """The error of a data set that the library cannot read."""
    return DataError(
        f"{path}, array {name!r}: Expected values that can be read. Received: {shown(str(error), 120)}; "
        "the file is cut or damaged."
    )
