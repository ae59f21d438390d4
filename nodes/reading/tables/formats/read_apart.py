"""A workbook of records, read in a process of its own, which is all that a damaged one may end.

    python -m nodes.reading.tables.formats.read_apart PATH SHEET KIND

writes the sheet to its output as a stream of Arrow, or the sentence of an error. Its memory is bounded.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from time import monotonic
from typing import Any

import pyarrow as pa

from nodes.reading.error import DataError
from nodes.reading.progress import tell
from nodes.reading.tables.formats.workbook import Workbook, read_here

MOST_SECONDS, MEMORY = 120.0, 4 << 30
"""How long it may take, and bytes of addresses that it may have."""
APART = ("-P", "-m", "nodes.reading.tables.formats.read_apart")
_TOLD = 3
"""How the process ends that wrote the sentence of an error."""


def read_apart(path: Path, wanted: str, kind: str) -> Workbook:
    """The sheet of this name, or the first with a table. Can be called off. Raises `DataError`."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "RUST_BACKTRACE": "0"}
    command = [sys.executable, *APART, str(path), wanted, kind]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    try:
        out = _output(process, path)
    finally:
        process.kill()
        process.communicate()
    if process.returncode == _TOLD:
        raise DataError(out.decode("utf-8", "replace"))
    if process.returncode:
        raise DataError(
            f"{path}: Expected a workbook of Excel. Received a damaged one; save it again, as .xlsx or CSV."
        )
    return _workbook(out, kind)


def _output(process: subprocess.Popen[bytes], path: Path) -> bytes:
    """What the process writes until its end. Raises `DataError` where that takes too long."""
    begun = monotonic()
    while monotonic() - begun < MOST_SECONDS:
        try:
            return process.communicate(timeout=0.05)[0]
        except subprocess.TimeoutExpired:
            tell(f"Reading {path.name}")
    raise DataError(
        f"{path}: Expected a workbook that can be read in {MOST_SECONDS:g} s. Received one that takes "
        "longer; save it as .xlsx or CSV."
    )


def _workbook(out: bytes, kind: str) -> Workbook:
    with pa.ipc.open_stream(out) as stream:
        table = stream.read_all()
    told: dict[str, Any] = json.loads(table.schema.metadata[b"told"])
    return Workbook(kind, tuple(told["sheets"]), told["sheet"], table, told["above"])


def main(arguments: list[str]) -> int:
    """Read the sheet and write it to the output."""
    path, wanted, kind = Path(arguments[0]), arguments[1], arguments[2]
    _bound_memory()
    try:
        book = read_here(path, wanted, kind)
    except DataError as error:
        sys.stdout.buffer.write(str(error).encode("utf-8", "replace"))
        return _TOLD
    told = json.dumps({"sheets": book.sheets, "sheet": book.sheet, "above": book.above})
    table = book.table.replace_schema_metadata({"told": told})
    with pa.ipc.new_stream(sys.stdout.buffer, table.schema) as stream:
        stream.write_table(table)
    return 0


def _bound_memory() -> None:
    try:
        import resource
    except ImportError:  # not on Windows, where the system bounds it
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
