"""`python -m tests.benchmarks [NAME ...]` runs those benchmarks, or all, and prints JSON."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys

import tests.benchmarks


def names() -> list[str]:
    """Every module beside this one that has a `run`."""
    found = [module.name for module in pkgutil.iter_modules(tests.benchmarks.__path__)]
    return sorted(name for name in found if not name.startswith("_"))


def main(asked: list[str]) -> int:
    known = names()
    unknown = [name for name in asked if name not in known]
    if unknown:
        print(
            f"Expected names of benchmarks ({', '.join(known)}). Received {', '.join(unknown)}.",
            file=sys.stderr,
        )
        return 2
    results = {}
    for name in asked or known:
        module = importlib.import_module(f"tests.benchmarks.{name}")
        if hasattr(module, "run"):
            results[name] = module.run()
    print(json.dumps(results, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
