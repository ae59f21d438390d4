"""Runs the benchmarks that are named, or all, and prints their figures as JSON.

`python -m tests.benchmarks [NAME ...] [--against PATH [--rounds N]]`: with `--against`, each benchmark
runs in this tree and in the one at PATH in turns, and the ratios of their figures are printed.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
from pathlib import Path
from typing import Any

import tests.benchmarks


def names() -> list[str]:
    """Every module beside this one that has a `run`."""
    found = [module.name for module in pkgutil.iter_modules(tests.benchmarks.__path__)]
    return sorted(name for name in found if not name.startswith("_"))


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names()))
    parser.add_argument("--json", action="store_true", help="JSON is always printed; for scripts that ask.")
    parser.add_argument("--against", type=Path, metavar="PATH", help="A checkout to run side by side.")
    parser.add_argument("--rounds", type=int, default=5, help="Turns of each tree (default: 5).")
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    asked, known = _arguments(words), names()
    unknown = [name for name in asked.names if name not in known]
    if unknown:
        print(
            f"Expected names of benchmarks ({', '.join(known)}). Received {', '.join(unknown)}.",
            file=sys.stderr,
        )
        return 2
    if asked.against is not None and not (asked.against / "tests" / "benchmarks").is_dir():
        print(
            f"Expected a checkout with tests/benchmarks for --against. Received {asked.against}.",
            file=sys.stderr,
        )
        return 2
    results = {name: _result(name, asked) for name in asked.names or known}
    print(json.dumps(results, indent=2))
    return 0


def _result(name: str, asked: argparse.Namespace) -> dict[str, Any]:
    if asked.against is not None:
        from tests.benchmarks._against import compare

        return compare(name, asked.against.resolve(), asked.rounds)
    found: dict[str, Any] = importlib.import_module(f"tests.benchmarks.{name}").run()
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
