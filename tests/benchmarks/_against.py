"""Runs a benchmark of this tree and of another one in turns, and gives the ratio of each figure.

Each tree runs its own code, in a child process in its own folder; the figures that both print are compared. A
ratio above 1 means that this tree is better: faster, smaller or, of rates, higher.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from tests import ROOT
from tests.benchmarks._machine import Elsewhere

LEAST = 0.97
"""No median ratio may lie below this."""
LONGEST = 1800.0
"""Seconds that one run of a benchmark may take."""
_LOWER = ("_ms", "_s", "_seconds", "megabytes_at_window", "_share_of_a_core", "_us")
_HIGHER = ("_per_second", "_a_second", "_against_headless", "_against_headless_cpu", "ratio_to_plain")
_NOT_JUDGED = ("bound", "target", "tick", "max", "worst")
"""Beginnings and ends of names: what is demanded, and single extremes, which are chance."""


def compare(name: str, other: Path, rounds: int) -> dict[str, Any]:
    """Medians of both trees, ratios of neighbours and their median, by figure. Raises `RuntimeError`."""
    found: dict[Path, list[dict[str, float]]] = {ROOT: [], other: []}
    elsewhere = Elsewhere()
    for number in range(rounds):
        for tree in (ROOT, other) if number % 2 else (other, ROOT):
            print(f"{name}: round {number + 1} of {rounds}, {tree}", file=sys.stderr, flush=True)
            found[tree].append(dict(_figures(_run(name, tree))))
    shared = [key for key in found[ROOT][0] if all(key in one for many in found.values() for one in many)]
    figures = {
        key: _compared(key, [one[key] for one in found[ROOT]], [one[key] for one in found[other]])
        for key in shared
        if _direction(key)
    }
    judged = {key: figure["ratio"] for key, figure in figures.items() if figure["judged"]}
    worst = min(judged, key=lambda key: judged[key], default="")
    return {
        "rounds": rounds,
        "figures": figures,
        "worst": worst,
        "worst_ratio": judged.get(worst),
        "least": LEAST,
        "holds": bool(judged) and judged[worst] >= LEAST,
        "cores_busy_elsewhere": elsewhere.cores(),
    }


def _run(name: str, tree: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", name],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        stdout=subprocess.PIPE,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{tree}: the benchmark {name} ended with exit code {done.returncode}.")
    found: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])[name]
    return found


def _figures(found: Any, path: str = "") -> Iterator[tuple[str, float]]:
    """Every number by its path; lists are left out."""
    if isinstance(found, dict):
        for key, value in found.items():
            yield from _figures(value, f"{path}.{key}" if path else key)
    elif isinstance(found, int | float) and not isinstance(found, bool):
        yield path, float(found)


def _direction(path: str) -> int:
    """1: higher is better, -1: lower is better, 0: nothing to compare."""
    name = path.rpartition(".")[2]
    if name.startswith(("bound", "target", "tick")):
        return 0
    if name.endswith(_HIGHER):
        return 1
    return -1 if name.removesuffix("_worst").endswith(_LOWER) else 0


def _compared(path: str, ours: list[float], theirs: list[float]) -> dict[str, Any]:
    name = path.rpartition(".")[2]
    pairs = [(a, b) if _direction(path) > 0 else (b, a) for a, b in zip(ours, theirs, strict=True)]
    ratios = [up / down if down else 1.0 for up, down in pairs]
    return {
        "this": round(median(ours), 4),
        "other": round(median(theirs), 4),
        "ratio": round(median(ratios), 3),
        "ratios": [round(ratio, 3) for ratio in ratios],
        "judged": not (name.startswith(_NOT_JUDGED) or name.endswith(_NOT_JUDGED)),
    }
