"""A layer of an installed package says what is wrong with its parameters as a layer of the product does."""

from __future__ import annotations

import pytest

from nodes.spec import LayerError, TensorSpec
from tests import plug_ins


def test_bounds_in_the_wrong_order_are_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(plug_ins.PATH))
    from extras.rrelu import RReLU  # type: ignore[import-not-found]

    with pytest.raises(LayerError, match=r"^Expected lower at most upper\. Received 0\.5 and 0\.2\.$"):
        RReLU(lower=0.5, upper=0.2).check(TensorSpec((8,)))
