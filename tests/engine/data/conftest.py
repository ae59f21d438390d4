"""What data tests share: nothing that was loaded stays in memory, or open, after a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.data import catalogue


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    yield
    catalogue.forget()
