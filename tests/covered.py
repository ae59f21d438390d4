"""Checks what their tests cover of some folders: `python -m tests.covered` wants 98 % of lines and branches.

Only the tests named here are run, so that the check does not cost a second run of the whole suite.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests import ROOT

ROOMS = ("engine/document/storage", "engine/compile")
"""Folders whose lines and branches count."""
TESTS = (
    "tests/engine/document",
    "tests/engine/compile",
    "tests/engine/infer/test_bounds.py",
    "tests/engine/lens/test_through_time.py",
    "tests/engine/train/test_memory.py",
    "tests/engine/train/test_stepper.py",
    "tests/engine/train/test_adversaries.py",
    "tests/nodes/devices/test_second_order.py",
)
SKIPPED = "not test_it_trains and not ten_thousand"
"""Tests among them that take long and reach nothing else."""
LEAST = 98.0
"""Percent."""


def measured(report: Path) -> dict[str, Any]:
    """Runs the tests and gives what coverage.py writes. Raises `RuntimeError` where a test fails."""
    sources = [f"--cov={room}" for room in ROOMS]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *TESTS, "-k", SKIPPED, *sources, "--cov-branch",
         f"--cov-report=json:{report}", "--cov-report="],
        cwd=ROOT,
        env={**os.environ, "COVERAGE_FILE": str(report.with_name("data"))},
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"the tests ended with exit code {done.returncode}")
    found: dict[str, Any] = json.loads(report.read_text("utf-8"))
    return found


def sums(report: dict[str, Any], room: str) -> dict[str, tuple[int, int]]:
    """Covered and all lines and branches of a room."""
    files = [each["summary"] for path, each in report["files"].items() if path.startswith(f"{room}/")]
    return {
        "lines": (sum(f["covered_lines"] for f in files), sum(f["num_statements"] for f in files)),
        "branches": (sum(f["covered_branches"] for f in files), sum(f["num_branches"] for f in files)),
    }


def gaps(report: dict[str, Any], room: str) -> list[str]:
    """Where lines and branches of a room are not reached, one line a file."""
    found = []
    for path, each in sorted(report["files"].items()):
        if path.startswith(f"{room}/") and (each["missing_lines"] or each["missing_branches"]):
            jumps = [f"{line}->{target}" for line, target in each["missing_branches"]]
            lines = [str(line) for line in each["missing_lines"]]
            found.append(f"  {path}: {', '.join([*lines, *jumps])}")
    return found


def main() -> int:
    with tempfile.TemporaryDirectory() as place:
        try:
            report = measured(Path(place, "coverage.json"))
        except RuntimeError as error:
            print(f"Expected tests that pass. {error}.", file=sys.stderr)
            return 1
    short = False
    for room in ROOMS:
        for line in gaps(report, room):
            print(line)
        for kind, (covered, every) in sums(report, room).items():
            percent = 100.0 * covered / every if every else 0.0
            short = short or percent < LEAST
            print(f"{room}: {covered} of {every} {kind}, {percent:.1f} %; at least {LEAST} % is expected")
    return int(short)


if __name__ == "__main__":
    sys.exit(main())
