"""The first network for data: whatever tensors they hand out, it infers without a problem and learns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from engine.data import catalogue
from engine.data.first_drawing import first_drawing, node_params
from engine.document import names
from engine.document.storage.file import load, save
from engine.infer import checks, infer, training
from engine.infer import source as source_outcomes
from engine.messages.events import Progress
from engine.run.run import Run
from nodes.reading.dataset import DataInfo
from nodes.reading.error import DataError
from nodes.spec import N, TensorSpec
from tests.engine.data.sources import source

WHOLE = "int64"


def spec(*shape: int, classes: int | None = None) -> TensorSpec:
    return TensorSpec((N, *shape), WHOLE if classes else "float32", classes=classes)


def info_of(kind: str, entering: TensorSpec, wanted: TensorSpec | None) -> DataInfo:
    return DataInfo("digits", "Made up.csv", kind, 500, entering, wanted)


def losses_of(name: str, steps: int = 30, **params: Any) -> list[float]:
    """The losses of the first updates of the first network for a data set."""
    one = source(name, **params)
    project = first_drawing(one, catalogue.describe(one))
    events: list[object] = []
    assert Run(project, steps=steps, device="cpu").execute(events.append).status == "completed"
    found = [loss for event in events if isinstance(event, Progress) for loss in event.losses["objective"]]
    assert len(found) == steps
    return found


@pytest.mark.parametrize("name", ["digits", "circle", "wine", "diabetes", "sunspots", "line", "bumps"])
def test_the_loss_of_a_first_network_falls_within_a_few_steps(name: str) -> None:
    losses = losses_of(name)
    assert np.mean(losses[-5:]) < 0.9 * np.mean(losses[:3])


def test_a_first_network_for_text_learns() -> None:
    losses = losses_of("moby-dick", steps=12, samples=2_000, context=16)
    assert losses[-1] < 0.9 * losses[0]


def test_a_file_that_is_read_with_parameters_trains_with_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 5)).astype(np.float32)
    np.savez(tmp_path / "made.npz", x=x, y=x[:, :2] * 3)
    losses = losses_of("array-file", path=str(tmp_path / "made.npz"), validation=0.5)
    assert np.mean(losses[-5:]) < 0.9 * np.mean(losses[:3])


@pytest.mark.parametrize(
    ("kind", "entering", "wanted"),
    [
        ("images", spec(3, 224, 224), spec(classes=5)),
        ("images", spec(1, 5, 300), spec(classes=2)),
        ("images", spec(1, 1, 1), spec(classes=2)),
        ("images", spec(4, 2048, 2048), None),
        ("images", spec(3, 33, 17), spec(33, 17, classes=4)),
        ("images", spec(1, 12, 12), spec(3, 12, 12)),
        ("images", spec(3, 16, 16), spec(2)),
        ("images", spec(2, 9, 9, 9), spec(classes=3)),
        ("table", spec(1), spec(1)),
        ("table", spec(300), spec(classes=1_000)),
        ("table", spec(20), spec(4)),
        ("table", spec(6), spec(2, 3, 3)),
        ("table", spec(1), None),
        ("series", spec(24, 3), spec(5)),
        ("series", spec(24, 3), spec(classes=2)),
        ("series", spec(24, 3), spec(24, 2)),
        ("series", spec(24, 3), spec(24, classes=3)),
        ("text", spec(32, classes=80), spec(32, classes=80)),
        ("text", spec(32, classes=80), spec(classes=4)),
        ("tokens", spec(8, classes=9), spec(8, classes=11)),
        ("text", spec(16, classes=80), spec(2)),
        ("images", spec(3, 20, 20), None),
        ("series", spec(10, 2), None),
    ],
)
def test_a_first_network_infers_without_a_problem(
    monkeypatch: pytest.MonkeyPatch, kind: str, entering: TensorSpec, wanted: TensorSpec | None
) -> None:
    info = info_of(kind, entering, wanted)
    for module in (source_outcomes, checks, training):
        monkeypatch.setattr(module, "describe", lambda _source: info)
    report = infer(first_drawing(source("digits"), info))
    assert [problem.message for problem in report.problems] == []
    assert 0 < report.parameters < 3_000_000


def test_cards_of_a_first_network_do_not_lie_on_each_other() -> None:
    one = source("digits")
    graph = first_drawing(one, replace(catalogue.describe(one), input=spec(3, 256, 256))).main
    places = graph.layout.positions
    assert places.keys() == graph.nodes.keys()
    for key, at in places.items():
        near = [
            other
            for other, to in places.items()
            if other != key and abs(to.x - at.x) < 160 and abs(to.y - at.y) < 90
        ]
        assert near == [], key


@pytest.mark.parametrize(
    ("entering", "wanted"),
    [
        (TensorSpec((N, 4), WHOLE), spec(classes=2)),
        (spec(4), TensorSpec((N,), WHOLE)),
        (spec(3, 8, 8), spec(9, 9, classes=2)),
        (spec(9, 2), spec(4, classes=2)),
        (spec(), spec(1)),
        (spec(8, classes=9), None),
    ],
)
def test_data_that_no_first_network_fits_are_refused_in_words(
    entering: TensorSpec, wanted: TensorSpec | None
) -> None:
    with pytest.raises(DataError, match=r"Expected for a first network .* Received inputs"):
        first_drawing(source("digits"), info_of("table", entering, wanted))


def test_the_project_is_named_after_the_data_and_can_be_saved(tmp_path: Path) -> None:
    for title in ("wine.csv", "a/b: c?.npz", "..", "\u202eevil", "x" * 500, ""):
        info = replace(info_of("table", spec(3), spec(1)), title=title)
        project = first_drawing(source("diabetes"), info)
        assert names.is_title(project.name)
        save(project, tmp_path / "it.loom")
        assert msgspec.structs.replace(load(tmp_path / "it.loom")).main.nodes == project.main.nodes
    assert first_drawing(source("wine"), info_of("table", spec(3), spec(1))).name == "Made up"


def test_a_data_node_keeps_what_its_set_asks_and_is_not_the_default() -> None:
    given = source("csv-file", path="/a.csv", target_columns="y", validation=0.3, window=99, size=8)
    assert node_params(given) == {
        "dataset": "csv-file",
        "path": "/a.csv",
        "target_columns": "y",
        "validation": 0.3,
    }
    assert node_params(source("fashion-mnist")) == {}
