"""Imports that set off no collection of garbage, and leave it on."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.system import imports

MAKES_MUCH = "import gc\nkept = [[] for _ in range(100_000)]\nwas_on = gc.isenabled()\n"


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    (tmp_path / "large_module_of_this_test.py").write_text(MAKES_MUCH)
    monkeypatch.syspath_prepend(tmp_path)
    yield "large_module_of_this_test"
    sys.modules.pop("large_module_of_this_test", None)


def collections() -> int:
    return sum(generation["collections"] for generation in gc.get_stats())


def test_an_import_sets_off_no_collection(large: str) -> None:
    before = collections()
    imports.load(large)
    assert collections() == before
    assert not sys.modules[large].was_on
    assert gc.isenabled()
    assert gc.get_freeze_count() > 100_000, "later collections do not look at what it made"


def test_what_is_loaded_already_changes_nothing(large: str) -> None:
    imports.load(large)
    frozen = gc.get_freeze_count()
    imports.load(large)
    assert gc.get_freeze_count() == frozen


def test_an_import_that_fails_leaves_collections_on() -> None:
    with pytest.raises(ModuleNotFoundError):
        imports.load("no_such_module_anywhere")
    assert gc.isenabled()


def test_collections_that_were_off_stay_off(large: str) -> None:
    gc.disable()
    try:
        imports.load(large)
        assert not gc.isenabled()
    finally:
        gc.enable()
