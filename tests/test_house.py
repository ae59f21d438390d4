"""The house: no circle of imports, no crowded folder, no long file or function; counted over every module."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import networkx

from tests import ROOT

ROOMS = ("app", "engine", "nodes")
MOST_FILES, MOST_LINES, MOST_LINES_OF_A_FUNCTION = 20, 400, 40


def modules() -> dict[str, Path]:
    """Every module of the product by its dotted name."""
    paths = (path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    named = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in paths}
    return {name.removesuffix(".__init__"): path for name, path in named.items()}


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """Every node of the syntax tree of a module."""
    return tuple(ast.walk(ast.parse(path.read_text("utf-8"))))


def imports(path: Path) -> set[str]:
    """What a module imports: at its top, inside functions, and for the type checker alone."""
    found: set[str] = set()
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_no_imports_form_a_circle() -> None:
    known = modules()
    graph = networkx.DiGraph()
    for name, path in known.items():
        targets = imports(path) & known.keys()
        within = {target for target in targets if any(other.startswith(f"{target}.") for other in targets)}
        graph.add_edges_from((name, target) for target in targets - within - {name})
    circles = [sorted(part) for part in networkx.strongly_connected_components(graph) if len(part) > 1]
    assert circles == []


def test_nodes_names_no_module_of_a_room_above_it() -> None:
    """Modules that are loaded by name are imports that the contracts of import-linter do not see."""
    found = [
        (str(path.relative_to(ROOT)), node.value)
        for path in (ROOT / "nodes").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and re.fullmatch(r"(app|engine)(\.\w+)*", str(node.value))
    ]
    assert found == []


def test_no_folder_is_crowded() -> None:
    held = Counter(path.parent for path in modules().values() if path.name != "__init__.py")
    held.update(path.parent for path in (ROOT / "tests").rglob("*.py") if path.name != "__init__.py")
    assert {
        str(folder.relative_to(ROOT)): count for folder, count in held.items() if count > MOST_FILES
    } == {}


def test_no_file_is_long() -> None:
    lines = {name: len(path.read_text("utf-8").splitlines()) for name, path in modules().items()}
    lines |= {str(path): len(path.read_text("utf-8").splitlines()) for path in (ROOT / "tests").rglob("*.py")}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def test_no_function_is_long() -> None:
    lines = {
        f"{name}.{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for name, path in modules().items()
        for node in nodes_of(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: count for name, count in lines.items() if count > MOST_LINES_OF_A_FUNCTION} == {}


def test_the_engine_decides_nothing_by_the_family_of_a_layer() -> None:
    """A family is a colour and a heading; what a layer does is told by its traits."""
    asking = {
        name
        for name, path in modules().items()
        if name.startswith("engine.")
        and ("nodes.spec.Family" in imports(path) or ".family" in path.read_text("utf-8"))
    }
    assert asking == set()
