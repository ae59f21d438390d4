"""Mutated files: every reader gives its typed error or a value, in bounds, and does nothing else.

    python -m tests.proofs hostile_fuzz [COUNT [READER ...]]

COUNT is the number of files for all readers together (100,000 unless said otherwise). What fails is kept in a
folder that is named at the end.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.hostile.fuzz import fuzz, readers


def main(arguments: list[str]) -> int:
    count = int(arguments[0]) if arguments else 100_000
    chosen = [one for one in readers() if not arguments[1:] or one.name in arguments[1:]]
    kept = Path(tempfile.mkdtemp(prefix="layerloom-faults-"))
    faults = 0
    for reader in chosen:
        each = -(-count // len(chosen))
        with tempfile.TemporaryDirectory(prefix="layerloom-fuzz-") as folder:
            found = list(fuzz(reader, each, Path(folder)))
        faults += len(found)
        print(f"{reader.name:16} {each:7,} files, {len(found)} faults", flush=True)
        for fault in found[:20]:
            (kept / f"{fault.reader}-{fault.number}").write_bytes(fault.data)
            print(f"    {fault.number}: {fault.sentence[-600:]}", flush=True)
    print(f"{faults} faults; the files are in {kept}" if faults else "0 faults")
    return int(faults > 0 or not chosen)
