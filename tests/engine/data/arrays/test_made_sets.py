"""Sets that are made: functions, squares on a retina, a table that is typed in."""

from __future__ import annotations

import numpy as np
import pytest

from engine.data import catalogue
from engine.document import edits
from engine.messages.events import Event, Validated
from engine.run.run import Run
from nodes.reading.error import DataError
from nodes.spec import N, TensorSpec
from tests.drawings import chain
from tests.engine.data.sources import rows, source

FUNCTIONS = {
    "function-line": lambda x: 2 * x[:, 0] + 1,
    "function-parabola": lambda x: 2 * x[:, 0] ** 2 + 3,
    "function-cubic": lambda x: x[:, 0] ** 3 - 2 * x[:, 0] ** 2 - x[:, 0] + 1,
    "function-exponential": lambda x: np.exp(x[:, 0] - x[:, 1] + 0.5),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_gives_its_values_and_noise_strays_from_them(name: str) -> None:
    plain = catalogue.load(source(name, validation=0), seed=3)
    x, y = rows(plain.train.input), rows(plain.train.target)[:, 0]
    assert len(x) == 200
    assert y == pytest.approx(FUNCTIONS[name](x), rel=1e-4, abs=1e-4)
    noisy = catalogue.load(source(name, validation=0, noise=0.2), seed=3)
    assert (rows(noisy.train.input) == x).all()
    strayed = rows(noisy.train.target)[:, 0] - y
    assert strayed.std() / y.std() == pytest.approx(0.2, abs=0.04)
    assert (rows(catalogue.load(source(name, validation=0), seed=4).train.input) != x).any()


def test_coefficients_are_given_and_counted() -> None:
    data = catalogue.load(source("function-line", coefficients=[-3, 0.5], validation=0))
    assert rows(data.train.target) == pytest.approx(-3 * rows(data.train.input) + 0.5, abs=1e-5)
    with pytest.raises(DataError, match=r"coefficients: Expected 4 numbers for Cubic, or none. Received 2"):
        catalogue.describe(source("function-cubic", coefficients=[1, 2]))
    with pytest.raises(DataError, match=r"Expected an exponent that single precision can hold"):
        catalogue.load(source("function-exponential", coefficients=[500, 0, 0]))


def test_powers_let_a_linear_layer_find_the_coefficients_of_a_cubic() -> None:
    data = {"dataset": "function-cubic", "powers": 3}
    project = chain(data, [("linear", "linear", {"out_features": 1})], "mse")
    project = edits.set_settings(project, epochs=60, batch_size=20)
    project = edits.set_param(project, "main", "objective", "learning_rate", 0.05)
    events: list[Event] = []
    run = Run(project, device="cpu")
    run.execute(events.append)
    assert run.plan is not None
    found = run.plan.model.state_dict()["linear.weight"].ravel().tolist()
    assert found == pytest.approx([-1, -2, 1], abs=0.05)
    assert [event for event in events if isinstance(event, Validated)][-1].losses["objective"] < 1e-2


def test_a_retina_shows_whole_squares_left_and_right() -> None:
    data = catalogue.load(source("retina", validation=0))
    pixels, targets = rows(data.train.input), rows(data.train.target)
    assert data.info.input == TensorSpec((N, 1, 20, 20))
    assert data.info.classes == ("left", "right")
    assert set(np.unique(pixels)) == {0, 255}
    assert targets.sum() == 200
    for picture, side in zip(pixels[:, 0] > 0, targets, strict=True):
        high, wide = picture.any(1).sum(), picture.any(0).sum()
        assert high == wide
        assert picture.sum() == high * wide
        assert (np.flatnonzero(picture.any(0)) >= 10).all() == (side == 1)
    signs = catalogue.load(source("retina", labels="-1 or 1", validation=0))
    assert signs.info.target == TensorSpec((N, 1))
    assert rows(signs.train.target).ravel().tolist() == (targets * 2.0 - 1).tolist()
    noisy = rows(catalogue.load(source("retina", noise=0.2, validation=0)).train.input)
    assert (noisy != pixels).mean() == pytest.approx(0.1, abs=0.01)


def test_a_typed_table_is_read_with_and_without_names() -> None:
    info = catalogue.describe(source("typed-table"))
    assert (info.columns, info.classes, info.division) == (("a", "b"), ("no", "yes"), "all")
    data = catalogue.load(source("typed-table"))
    assert rows(data.train.input).tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert rows(data.validation.target).tolist() == [0, 0, 0, 1]
    made = source("typed-table", rows="1 2.5\n-3e1 4.5\n")
    data = catalogue.load(made)
    assert data.info.columns == ("x1",)
    assert rows(data.train.target).ravel().tolist() == [2.5, 4.5]
    long = ";".join(f"{i},{i % 2}" for i in range(30))
    data = catalogue.load(source("typed-table", rows=long))
    assert (data.info.classes, len(data.train), len(data.validation)) == (("0", "1"), 24, 6)
    assert catalogue.describe(source("typed-table", rows=long, task="regression")).target == TensorSpec(
        (N, 1)
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"rows: Expected rows, as in .* Received none"),
        ("1,2", r"Expected at least 2 rows. Received 1"),
        ("1;2", r"Expected 2 to 1,000 cells in a row. Received 1 in row 1"),
        ("a,b;1,2;3,4,5", r"Expected 2 cells in row 3, as in row 1. Received 3"),
        ("a,b;1,2;x,4", r"Expected a number in row 3, column 'a'. Received x"),
        ("a,b;1,2;nan,4", r"Expected a number in row 3, column 'a'. Received nan"),
        ("1,a;2,a", r"Expected at least 2 classes in the last column. Received a"),
    ],
)
def test_what_cannot_be_read_of_a_typed_table_is_named(text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        catalogue.describe(source("typed-table", rows=text))
