"""Old names stay gone, and one class name has one meaning."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCES = sorted(path for room in ("app", "engine", "nodes") for path in (ROOT / room).rglob("*.py"))
TESTS = sorted(path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__))

IDENTIFIERS = {
    *("Aim", "JUDGES", "Judge", "JudgeError", "Keeper", "Lever", "Mend", "Orders", "Pace", "Ranks"),
    *("Repair", "RunBridge", "Scheme", "Tap", "Turn", "TurnPlan", "Turns", "aims", "errand", "felt"),
    *("judge", "judge_of", "judges", "judging", "keeper", "laid_out", "lever", "levers", "mend"),
    *("mended", "mends", "param_troubles", "port_mends", "repair", "repairs", "scheme_of"),
    *("setting_faults", "setting_troubles", "taps", "telling", "token_mends", "truth_mends"),
    *("RunShelf", "Scheme", "Shelf", "_bridge", "_shelf", "bridge", "shelf", "with_repairs"),
}
"""Identifiers of earlier versions: what they are called now is in the history of the file."""

MODULES = {
    *("atomic", "bridge", "by_hand", "chance", "child", "cores", "errand", "explain", "fitting", "fused"),
    *("judge", "keeper", "mends", "pace", "product", "ranks", "repair", "repair_structure", "scheme"),
    *("sight", "state", "taps", "telling", "turns"),
}
"""File names of earlier versions."""

IN_TESTS = r"errands?|levers?|mends?|mended|mending|schemes?|shelf"
WORDS = rf"{IN_TESTS}|judges?|judged|judging|repairs?|repaired"
"""Words of earlier versions in docstrings, help, messages and README; a network of a test may be a judge."""

KEPT = {
    "app/cli/projects.py": {"repairs"},
    "nodes/renamed.py": {"mend", "mends"},
    "tests/nodes/test_renamed.py": {"mend", "mends"},
}
"""`layerloom inspect --json` still writes this key beside `fixes`; plug-ins are told what is renamed."""

ALSO_MODULES = "nodes/modules/"
"""A torch module has the name of the layer whose declaration builds it."""


def words(path: Path) -> Iterator[tuple[int, str, bool]]:
    """Line, text and whether it is an identifier, of every name, string and comment."""
    for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline):
        if token.type == tokenize.NAME:
            yield token.start[0], token.string, True
        elif token.type in (tokenize.STRING, tokenize.COMMENT):
            yield token.start[0], token.string, False


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def old_words(text: str, pattern: str = WORDS) -> set[str]:
    return {found.lower() for found in re.findall(rf"\b(?:{pattern})\b", text, re.IGNORECASE)}


def old_names(path: Path, pattern: str = WORDS) -> Iterator[str]:
    kept = KEPT.get(place(path), set())
    for line, text, is_name in words(path):
        found = {text} & IDENTIFIERS if is_name else old_words(text, pattern)
        if pattern == IN_TESTS:
            found -= {"judge", "judging"}
        yield from (f"{place(path)}:{line}: {name}" for name in sorted(found - kept))


def test_no_old_name_is_left_in_code_or_texts() -> None:
    assert [found for path in SOURCES for found in old_names(path)] == []


def test_no_old_name_is_left_in_tests() -> None:
    assert [found for path in TESTS for found in old_names(path, IN_TESTS)] == []


def test_no_module_has_an_old_name() -> None:
    assert [place(path) for path in SOURCES if path.stem in MODULES] == []


def test_no_old_word_is_left_in_the_documents() -> None:
    for name in ("README.md", "ARCHITECTURE.md"):
        assert old_words((ROOT / name).read_text()) == set()


def test_an_old_name_would_be_found(tmp_path: Path) -> None:
    source = 'def repairs(mends: int) -> None:\n    """Judges what a mended node needs."""\n'
    path = tmp_path / "some.py"
    path.write_text(source)
    found = {text for _, text, is_name in words(path) if is_name} & IDENTIFIERS
    assert found == {"repairs", "mends"}
    assert old_words(source) == {"repairs", "mends", "judges", "mended"}


def test_one_class_name_has_one_meaning() -> None:
    """Private classes and the torch modules of layers aside."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in SOURCES:
        if place(path).startswith(ALSO_MODULES):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(place(path))
    assert {name: places for name, places in found.items() if len(places) > 1} == {}
