"""Heavy checks, one module each: `python -m tests.proofs NAME [ARGUMENTS]`; without a name, lists them.

A proof is a module here, or in a folder here, with a `main(arguments)`; its docstring's first line says what
it shows. It prints what it found and returns 0 where it holds.
"""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def proofs() -> dict[str, tuple[str, str]]:
    """Name -> module and first line of every proof, here and in the folders here."""
    found = {}
    for path in sorted(FOLDER.rglob("[a-z]*.py"), key=lambda path: path.stem):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body):
            module = ".".join(("tests.proofs", *path.relative_to(FOLDER).with_suffix("").parts))
            found[path.stem] = module, (ast.get_docstring(tree) or "").partition("\n")[0]
    return found


def main(arguments: list[str]) -> int:
    known = proofs()
    if not arguments:
        for name, (_, line) in known.items():
            print(f"{name:24} {line}")
        return 0
    name, *rest = arguments
    if name not in known:
        print(f"Expected one of {', '.join(known)}. Received {name!r}.", file=sys.stderr)
        return 2
    return int(importlib.import_module(known[name][0]).main(rest) or 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
