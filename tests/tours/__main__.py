"""Tours in pictures: `python -m tests.tours NAME OUT [--theme dark|light]`; without a name, lists them.

A tour is a module here with a function `tour(studio: Studio) -> None`; its docstring says in one line what
it shows. Pictures are numbered, and OUT/NAME-THEME.txt has a sentence for each.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import os
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def tours() -> dict[str, str]:
    """Name -> first line of every tour."""
    found = {}
    for path in sorted(FOLDER.glob("[a-z]*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "tour" for node in tree.body):
            found[path.stem] = (ast.get_docstring(tree) or "").partition("\n")[0]
    return found


def main() -> int:
    known = tours()
    parser = argparse.ArgumentParser(prog="tests.tours", description="Tours through the window, in pictures.")
    parser.add_argument("name", nargs="?", choices=known)
    parser.add_argument("out", nargs="?", type=Path)
    parser.add_argument("--theme", choices=("dark", "light"), default="dark")
    asked = parser.parse_args()
    if asked.name is None:
        for name, line in known.items():
            print(f"{name:24} {line}")
        return 0
    if asked.out is None:
        parser.error("Expected the folder for the pictures after the name.")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from tests.looks import own_home
    from tests.tours.studio import Studio

    with own_home():
        studio = Studio(asked.out, asked.name, asked.theme)
        try:
            importlib.import_module(f"tests.tours.{asked.name}").tour(studio)
        finally:
            studio.close()
    print(f"{studio.count} pictures in {asked.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
