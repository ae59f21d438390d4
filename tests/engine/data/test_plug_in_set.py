"""A data set of an installed package, declared in one file, is in the form and is described and read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.data import catalogue
from nodes.data.data_sets import DATA_SETS
from nodes.data.source import DataSource
from nodes.param import Int
from nodes.registry import REGISTRY
from tests.engine.data.sources import rows, source
from tests.plug_ins import PATH


@pytest.fixture
def checkers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(PATH))
    DATA_SETS.add_plug_ins()
    DataSource.refresh()
    yield
    DATA_SETS.remove("checkers")
    DataSource.refresh()


@pytest.mark.usefixtures("checkers")
def test_it_is_in_the_form_with_its_own_parameters() -> None:
    choice, fields = DataSource.params["dataset"], DataSource.params["fields"]
    assert choice.title_of("checkers") == "Checkers"
    assert choice.choices.index("moby-dick") < choice.choices.index("checkers")
    assert choice.choices.index("checkers") < choice.choices.index("image-folder")
    assert fields.visible_if == ("dataset", ("checkers",))
    assert "checkers" in DataSource.params["validation"].visible_if[1]
    assert DataSource in REGISTRY.search("checkers")


@pytest.mark.usefixtures("checkers")
def test_it_is_described_read_and_shown() -> None:
    made = source("checkers", fields=2, samples=100)
    assert made.card_label() == "2×2 fields"
    assert catalogue.describe(made).samples == 100
    data = catalogue.load(made, seed=3)
    assert (len(data.train), len(data.validation)) == (80, 20)
    assert rows(data.train.target).max() == 1
    assert len(catalogue.preview(made, 9).rows) == 9


def test_without_the_package_the_name_is_refused() -> None:
    assert "fields" not in DataSource.params
    with pytest.raises(ValueError, match="dataset: Expected one of fashion-mnist"):
        source("checkers")


@pytest.mark.usefixtures("checkers")
def test_a_parameter_unlike_that_of_another_set_is_refused() -> None:
    other = type(
        "Odd",
        (DATA_SETS["checkers"],),
        {
            "__doc__": "O.",
            "name": "odd",
            "title": "Odd",
            "fields": Int(3, min=1, max=3, help="Fields."),
        },
    )
    with pytest.raises(ValueError, match="Expected parameter 'fields' as 'checkers' has it"):
        DATA_SETS.add(other)
