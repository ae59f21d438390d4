"""What somebody types finds what they mean."""

from __future__ import annotations

import pytest

from app.commands.command_palette import PaletteEntry, rank
from app.widgets import fuzzy

TITLES = (
    "Add MaxPool2d",
    "Add Conv2d",
    "Add ConvTranspose2d",
    "Save",
    "Save as",
    "Delete and heal",
    "Select all",
)


def found(typed: str) -> list[str]:
    return [entry.title for entry in rank([PaletteEntry(title, "", lambda: None) for title in TITLES], typed)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("conv", "Add Conv2d"),
        ("mp", "Add MaxPool2d"),
        ("save", "Save"),
        ("heal", "Delete and heal"),
        ("SA", "Save"),
    ],
)
def test_the_best_match_comes_first(typed, first):
    assert found(typed)[0] == first


def test_letters_must_come_in_order():
    assert fuzzy.score("vnoc", "Conv2d") is None
    assert found("xyz") == []


def test_all_words_may_stand_apart():
    assert found("delete heal") == ["Delete and heal"]


def test_nothing_typed_shows_all():
    assert found("") == list(TITLES)


def test_marks_name_the_letters_that_matched():
    assert fuzzy.marks("conv", "Add Conv2d") == {4, 5, 6, 7}
    assert fuzzy.marks("ac", "Add Conv2d") == {0, 4}
