"""The data of a node that follows another are shown as they train: inspector, card and data page."""

from __future__ import annotations

from pathlib import Path

from engine.data.pairs import load_paired
from engine.document import edits
from engine.document.project import MAIN, Node, Project
from nodes.data.source import DataSource
from tests.app.data.dropping import click, read
from tests.engine.data.sources import rows


def test_a_set_that_follows_another_shows_the_samples_of_the_pair(window, qtbot, tmp_path: Path) -> None:
    groups = "".join(f"{k},p{k % 3},{k}.5\n" for k in range(30))
    (tmp_path / "led.csv").write_text(f"a,who,b\n{groups}")
    (tmp_path / "own.csv").write_text("a,b\n" + "".join(f"{k},{k}.5\n" for k in range(30)))
    params = {
        "leads": {"path": str(tmp_path / "led.csv"), "group_column": "who", "input_columns": "a"},
        "own": {"path": str(tmp_path / "own.csv"), "paired_with": "leads", "scaling": "none"},
    }
    project, sources = edits.rename_project(Project(), "pair"), {}
    for place, (name, given) in enumerate(params.items()):
        given |= {"dataset": "csv-file", "task": "regression"}
        project = edits.add_node(project, MAIN, Node(name, DataSource.type, given), (0, 200 * place))
        sources[name] = DataSource(**given)
    trains = load_paired(sources, 0)["own"]
    assert len(trains.train) == 20  # two groups of three; by itself it would train on 24
    window.session.open(project, None)
    window.show_drawing()
    window.session.select(frozenset({"own"}))
    qtbot.waitUntil(lambda: window.workbench().inspector is not None, timeout=10_000)
    inspector = window.workbench().inspector
    qtbot.waitUntil(lambda: inspector.page.data.preview is not None, timeout=10_000)
    shown = inspector.page.data
    assert len(shown.preview.data.train) == 20
    held = {int(value) % 3 for value in rows(trains.validation.input).ravel()}
    assert len(held) == 1
    assert not {int(float(row[0])) % 3 for row in shown.preview.samples.rows} & held
    click(shown.look)
    page = read(qtbot, window)
    assert page.found.figures.values["to train"].text() == "20"
    assert page.found.figures.values["to validate"].text() == "10"
    assert page.found.settings.sentences["Split"].text() == "As leads is, which it is paired with."
