"""A small share of the heavy checks, so that a proof that would fail is noticed early."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.proofs import __main__ as proofs
from tests.proofs.document.document_fuzz import mutated, outcome, seeds
from tests.proofs.document.document_kill import MOST_LOST, killed_once


def test_mutated_files_load_or_are_refused() -> None:
    chance = random.Random(7)
    files = seeds()
    found = {outcome(mutated(chance.choice(files), chance.choice(files), chance)) for _ in range(400)}
    assert found == {"loaded", "refused"}


def test_a_killed_editor_loses_less_than_a_second(tmp_path: Path) -> None:
    lost, _ = killed_once(tmp_path, 3, random.Random(3))
    assert lost <= MOST_LOST


def test_proofs_are_listed_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert proofs.main([]) == 0
    assert "document_fuzz" in capsys.readouterr().out
    assert proofs.main(["nothing"]) == 2
