"""Where the runs of a project lie, for the tests of what is read there."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "NAME.runs"
