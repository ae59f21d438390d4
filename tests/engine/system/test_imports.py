"""Imports that set off no collection of garbage, and leave it on."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.system import imports
from tests import ROOT

MAKES_MUCH = "import gc\nkept = [[] for _ in range(100_000)]\nwas_on = gc.isenabled()\n"


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    (tmp_path / "large_module_of_this_test.py").write_text(MAKES_MUCH)
    monkeypatch.syspath_prepend(tmp_path)
    yield "large_module_of_this_test"
    sys.modules.pop("large_module_of_this_test", None)


@pytest.fixture
def collecting() -> Iterator[None]:
    gc.enable()
    yield
    gc.disable()


def collections() -> int:
    return sum(generation["collections"] for generation in gc.get_stats())


def test_an_import_sets_off_no_collection(large: str, collecting: None) -> None:
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


def test_an_import_that_fails_leaves_collections_on(collecting: None) -> None:
    with pytest.raises(ModuleNotFoundError):
        imports.load("no_such_module_anywhere")
    assert gc.isenabled()


def test_collections_that_were_off_stay_off(large: str) -> None:
    gc.disable()
    imports.load(large)
    assert not gc.isenabled()


@pytest.mark.parametrize(("name", "is_kept"), [("triton", False), ("other", True)])
def test_what_is_kept_goes_at_the_end_where_triton_would_print_what_stays(
    tmp_path: Path, name: str, is_kept: bool
) -> None:
    """As with the CUDA builds of torch 2.15, whose Triton counts at its end what is still there."""
    (tmp_path / f"{name}.py").write_text("")
    code = (
        "import atexit, gc\n"
        "atexit.register(lambda: print(gc.get_freeze_count()))\n"
        f"from engine.system.imports import load\nload({name!r})\n"
    )
    path = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    done = subprocess.run([sys.executable, "-c", code], env=path, capture_output=True, text=True, check=True)
    assert (int(done.stdout) > 0) is is_kept
