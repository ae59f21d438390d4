"""Projects of the gallery by their names."""

from __future__ import annotations

import pytest

from engine.document.storage import gallery


def test_a_copy_is_an_ordinary_project() -> None:
    assert gallery.make("mlp-spiral") == gallery.make("mlp-spiral")


def test_a_near_miss_is_offered() -> None:
    with pytest.raises(
        gallery.UnknownTemplateError, match="unknown template 'lenet5-fashon'; did you mean lenet5-fashion"
    ):
        gallery.make("lenet5-fashon")
    with pytest.raises(gallery.UnknownTemplateError, match="there are threshold-and, threshold-or"):
        gallery.make("qqq")
