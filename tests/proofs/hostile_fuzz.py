"""Mutated files: every reader gives its typed error or a value, in bounds, and does nothing else.

    python -m tests.proofs hostile_fuzz [COUNT [READER ...]]

COUNT is the number of files for all readers together (100,000 unless said otherwise). Each reader has a
process of its own, so that one that dies is a fault and not the end. What fails is kept in a folder that is
named at the end.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.hostile.fuzz import fuzz, readers

ADDRESSES = 14 << 30
"""Bytes of addresses that a reader may take: the machine must live on."""
_ALONE = "--alone"


def main(arguments: list[str]) -> int:
    if arguments[:1] == [_ALONE]:
        return _alone(*arguments[1:])
    count = int(arguments[0]) if arguments else 100_000
    chosen = [one.name for one in readers() if not arguments[1:] or one.name in arguments[1:]]
    kept = Path(tempfile.mkdtemp(prefix="layerloom-faults-"))
    faults = sum(_in_a_process(name, -(-count // len(chosen)), kept) for name in chosen)
    print(f"{faults} faults; the files are in {kept}" if faults else "0 faults")
    if not faults:
        kept.rmdir()
    return int(faults > 0 or not chosen)


def _in_a_process(name: str, count: int, kept: Path) -> int:
    """How many faults this reader has; a process that dies is one."""
    with tempfile.TemporaryDirectory(prefix="layerloom-fuzz-", ignore_cleanup_errors=True) as folder:
        words = [sys.executable, "-m", "tests.proofs", "hostile_fuzz", _ALONE, name, str(count), folder]
        code = subprocess.run([*words, str(kept)], check=False).returncode
        if code >= 0:
            return code
        print(f"{name}: the process died of signal {-code}", flush=True)
        for last in Path(folder, "one").glob("*"):
            shutil.copy(last, kept / f"{name}-died-{last.name}")
        return 1


def _alone(name: str, count: str, folder: str, kept: str) -> int:
    """Feed one reader; its faults, at most 100, are the exit code."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    reader = next(one for one in readers() if one.name == name)
    faults = 0
    for fault in fuzz(reader, int(count), Path(folder)):
        faults += 1
        Path(kept, f"{name}-{fault.number}").write_bytes(fault.data)
        if faults <= 20:
            print(f"    {fault.number}: {fault.sentence[-600:]}", flush=True)
        if faults == 100:
            break
    print(f"{name:16} {int(count):7,} files, {faults} faults", flush=True)
    return faults
