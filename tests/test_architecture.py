"""ARCHITECTURE.md and README.md name only files and folders that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = ("ARCHITECTURE.md", "README.md")
ROOMS = ("app", "engine", "nodes", "resources", "tests", ".ci")
MOST_LINES = 250


def paths_in(text: str) -> list[str]:
    """Paths in backticks or in fenced text: what starts with a room and a slash, and file names of Python."""
    rooms = "|".join(map(re.escape, ROOMS))
    found = re.findall(rf"(?<![\w./-])(?:{rooms})/[\w./-]*", text)
    found += re.findall(r"`([\w./-]+\.(?:py|md|toml))`", text)
    return [path.rstrip(".") for path in dict.fromkeys(found)]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_path_in_the_document_exists(name: str) -> None:
    paths = paths_in((ROOT / name).read_text())
    assert len(paths) > 5
    missing = [path for path in paths if not (ROOT / path).exists()]
    assert missing == []


def test_a_missing_path_is_found() -> None:
    assert paths_in("see `engine/nowhere.py`, `app/` and\n```\nx  engine/gone/\n```") == [
        "engine/nowhere.py",
        "app/",
        "engine/gone/",
    ]


def test_the_architecture_is_short_and_names_every_room() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    assert len(text.splitlines()) <= MOST_LINES
    for package in ("app", "engine"):
        rooms = [path for path in (ROOT / package).iterdir() if (path / "__init__.py").exists()]
        unnamed = [room.name for room in rooms if f"`{package}/{room.name}/`" not in text]
        assert unnamed == []


def test_each_recipe_has_at_most_ten_lines() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    recipes = text.partition("## How to add")[2].partition("\n## ")[0].split("\n\n**")[1:]
    assert [recipe.split(".")[0] for recipe in recipes] == [
        "A layer",
        "A lens",
        "A gesture",
        "A run command",
        "A panel",
        "A data set",
        "A check of a lesson",
        "An exporter or importer",
    ]
    assert max(len(recipe.strip().splitlines()) for recipe in recipes) <= 10
