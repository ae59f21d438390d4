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

IDENTIFIERS = {
    *("Aim", "JUDGES", "Judge", "JudgeError", "Keeper", "Lever", "Mend", "Orders", "Pace", "Ranks"),
    *("Repair", "RunBridge", "Scheme", "Tap", "Turn", "TurnPlan", "Turns", "aims", "errand", "felt"),
    *("judge", "judge_of", "judges", "judging", "keeper", "laid_out", "lever", "levers", "mend"),
    *("mended", "mends", "param_troubles", "port_mends", "repair", "repairs", "scheme_of"),
    *("setting_faults", "setting_troubles", "taps", "telling", "token_mends", "truth_mends"),
    "with_repairs",
}
"""Identifiers of earlier versions: what they are called now is in the history of the file."""

MODULES = {
    *("atomic", "bridge", "by_hand", "chance", "child", "cores", "errand", "explain", "fitting", "fused"),
    *("judge", "keeper", "mends", "pace", "product", "ranks", "repair", "repair_structure", "scheme"),
    *("sight", "state", "taps", "telling", "turns"),
}
"""File names of earlier versions."""

WORDS = r"errands?|levers?|judges?|judged|judging|mends?|mended|mending|repairs?|repaired"
"""Words of earlier versions in docstrings, help, messages and README."""

KEPT_FOR_SCRIPTS = {"app/cli/projects.py": {"repairs"}}
"""`layerloom inspect --json` still writes this key beside `fixes`."""

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


def old_names(path: Path) -> Iterator[str]:
    kept = KEPT_FOR_SCRIPTS.get(place(path), set())
    for line, text, is_name in words(path):
        found = {text} & IDENTIFIERS if is_name else set(re.findall(rf"\b(?:{WORDS})\b", text))
        yield from (f"{place(path)}:{line}: {name}" for name in sorted(found - kept))


def test_no_old_name_is_left_in_code_or_texts() -> None:
    assert [found for path in SOURCES for found in old_names(path)] == []


def test_no_module_has_an_old_name() -> None:
    assert [place(path) for path in SOURCES if path.stem in MODULES] == []


def test_no_old_word_is_left_in_the_documents() -> None:
    for name in ("README.md", "ARCHITECTURE.md"):
        assert re.findall(rf"\b(?:{WORDS})\b", (ROOT / name).read_text()) == []


def test_an_old_name_would_be_found(tmp_path: Path) -> None:
    source = 'def repairs(mends: int) -> None:\n    """Judges what a mended node needs."""\n'
    path = tmp_path / "some.py"
    path.write_text(source)
    found = {text for _, text, is_name in words(path) if is_name} & IDENTIFIERS
    assert found == {"repairs", "mends"}
    assert re.findall(rf"\b(?:{WORDS})\b", source.lower())[-2:] == ["judges", "mended"]


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
