"""What holds for definitions within definitions; the proof nested_definitions asks for more."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.document.nested import PROPERTIES, drawings


@pytest.mark.parametrize("holds", PROPERTIES, ids=lambda holds: holds.__name__)
def test_holds(holds) -> None:
    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(drawings(), st.data())
    def check(project, data) -> None:
        holds(project, data)

    check()
