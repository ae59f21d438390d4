"""Runs that were chosen: their curves over one another, and two compared."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.style import theme
from engine.document import edits
from engine.document.project import MAIN
from tests.app.runs.runs_reading import click, names, pixels, text
from tests.stored_runs import noisy, store


@pytest.fixture
def panel(runs_page):
    return runs_page


def drawn(panel, count: int) -> bool:
    return len(panel.chart.series) == count and all(len(held) for held in panel.chart.series.values())


def test_chosen_runs_lie_over_one_another_each_in_its_colour(panel, run_list, qtbot):
    click(panel, 1)
    click(panel, 3, keys=Qt.KeyboardModifier.ControlModifier)
    click(panel, 5, keys=Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: drawn(panel, 3), timeout=5_000)
    assert panel.chart.chooser.text() == "Training loss"
    curves = panel.chart.plot.curves.values()
    assert [curve.name for curve in curves] == ["wide", "rate 1e-2", "first try"]
    assert len({curve.colour() for curve in curves}) == 3
    assert panel.chart.legend.text().startswith("wide 0.2")
    picture = panel.table.viewport().grab().toImage()
    for row in (1, 3, 5):
        area = panel.table.visualRect(panel.model.index(row, 0))
        assert pixels(picture, panel.colours[panel.model.shown[row].folder], area) > 10
    colour = panel.colours[panel.model.shown[3].folder]
    click(panel, 1, keys=Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: drawn(panel, 2), timeout=5_000)
    assert panel.colours[panel.model.shown[3].folder] == colour


def test_a_run_without_curves_says_so(panel, runs, session, run_list, qtbot):
    store(runs / "none", session.project, losses={"objective": []}, name="none")
    run_list.refresh()
    qtbot.waitUntil(lambda: len(panel.model.shown) == 7, timeout=5_000)
    assert "Choose runs" in panel.hint.hint.text()
    click(panel, names(panel).index("none"))
    qtbot.waitUntil(lambda: "no curves to show" in panel.hint.hint.text(), timeout=5_000)
    qtbot.waitUntil(panel.hint.isVisible, timeout=5_000)
    click(panel, names(panel).index("wide"))
    qtbot.waitUntil(lambda: drawn(panel, 1), timeout=5_000)
    assert panel.chart.isVisible()


def test_figures_stand_beside_the_status_in_a_narrow_list(panel):
    panel.resize(660, 300)
    shown = [c.title for at, c in enumerate(panel.model.columns) if not panel.table.isColumnHidden(at)]
    assert shown == ["Name", "Status", "Accuracy", "Loss"]


def test_a_curve_is_left_out_by_a_click_on_its_name(panel, qtbot):
    click(panel, 1)
    click(panel, 3, keys=Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: drawn(panel, 2), timeout=5_000)
    legend, key = panel.chart.legend, str(panel.model.shown[1].folder)
    place = legend.place_of(key)
    QTest.mouseClick(legend, Qt.MouseButton.LeftButton, pos=place.toPoint())
    assert [curve.name for curve in panel.chart.plot.seen()] == ["rate 1e-2"]
    QTest.mouseClick(legend, Qt.MouseButton.LeftButton, pos=legend.place_of(key).toPoint())
    assert len(panel.chart.plot.seen()) == 2


def test_the_crosshair_reads_every_run(panel, qtbot):
    click(panel, 1)
    click(panel, 3, keys=Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: drawn(panel, 2), timeout=5_000)
    plot = panel.chart.plot

    def pointed_at() -> bool:
        """A mouse that stands still, or where the chart comes to lie later, tells nothing."""
        middle = plot.plot_rect().center().toPoint()
        QTest.mouseMove(plot.viewport(), middle + QPoint(3, 0))
        QTest.mouseMove(plot.viewport(), middle)
        return plot.crosshair is not None

    qtbot.waitUntil(pointed_at, timeout=2_000)
    assert [reading.name for reading in plot.readings()] == ["wide", "rate 1e-2"]


def test_curves_keep_the_order_of_choosing_whichever_is_read_first(panel, run_list, qtbot):
    click(panel, 1)
    click(panel, 3, keys=Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: drawn(panel, 2), timeout=5_000)
    both = panel._runs(run_list.chosen)
    panel.chart.clear()
    for seen in (dict(list(both.items())[1:]), both):
        panel.chart.show_runs(seen, panel.session.project)
    assert [entry.name for entry in panel.chart.legend.entries] == ["wide", "rate 1e-2"]
    assert [curve.name for curve in panel.chart.plot.seen()] == ["wide", "rate 1e-2"]


def test_another_quantity_is_chosen(panel, qtbot):
    click(panel, 1)
    click(panel, 3, keys=Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: drawn(panel, 2), timeout=5_000)
    menu = panel.chart.quantity_menu()
    words = [action.text() for action in menu.actions()]
    assert words[:3] == ["Training loss", "Validation loss", "Accuracy"]
    menu.actions()[2].trigger()
    menu.deleteLater()
    assert panel.chart.chooser.text() == "Accuracy"
    assert "89" in panel.chart.legend.text()
    assert panel.chart.legend.text().count("%") == 2


def test_the_curves_of_a_run_that_goes_on_grow(panel, runs, session, run_list, qtbot):
    from engine.messages.events import Progress, Started
    from engine.run.run_folder import RunFolder

    going = RunFolder(runs / "going", session.project)
    going.record(Started("CPU", 10, 100, 10, 1000, 0))

    def told(first: int, last: int) -> None:
        steps = list(range(first, last + 1))
        losses = {"objective": [1.0] * len(steps)}
        going.record(Progress(last, 0, steps, losses, 1.0, 1.0, {}))
        going.flush()
        going._lock.beat(last, 0, 1.0, {})

    told(1, 50)
    run_list.refresh()
    qtbot.waitUntil(lambda: len(panel.model.shown) == 7, timeout=5_000)
    row = panel.model.row_of(runs / "going")
    assert text(panel, row, "status").startswith("running, step 50")
    click(panel, row)
    qtbot.waitUntil(lambda: drawn(panel, 1), timeout=5_000)
    told(51, 80)
    run_list.refresh()
    qtbot.waitUntil(lambda: len(panel.chart.series[str(runs / "going")]) == 80, timeout=5_000)
    going.close()


# Two compared ---------------------------------------------------------------------------------------------


def test_two_runs_are_compared_setting_by_setting_and_the_better_figure_is_marked(
    panel, runs, session, qtbot
):
    other = edits.set_param(session.project, MAIN, "linear1", "out_features", 32)
    other = edits.set_settings(other, batch_size=256)
    folder = store(
        runs / "2026-01-01_00-00-00",
        other,
        losses={"objective": noisy(400)},
        metrics={"objective": 0.9, "accuracy": 0.5},
        name="other",
    )
    panel.run_list.refresh()
    panel.show_comparison(folder, panel.model.shown[1].folder)
    qtbot.waitUntil(lambda: len(panel.compare_page.chart.series) == 2, timeout=5_000)
    lines = panel.compare_page.differences.lines()
    assert "Accuracy 50.0 % 89.3 %" in lines
    assert "batch size 256 64" in lines
    assert any(line.startswith("linear1 · out features 32") for line in lines)
    results = panel.compare_page.differences.parts[0].rows
    assert {row.name: row.better for row in results if row.better is not None} == {"Accuracy": 1, "Loss": 1}
    picture = panel.compare_page.differences.grab().toImage()
    assert pixels(picture, theme.current().good, picture.rect()) > 10
    QTest.mouseClick(panel.compare_page.copy, Qt.MouseButton.LeftButton)
    assert "batch size: 256 | 64" in QGuiApplication.clipboard().text()
    QTest.mouseClick(panel.compare_page.back, Qt.MouseButton.LeftButton)
    assert panel.table.isVisible()


def test_two_runs_of_one_drawing_say_so(panel):
    panel.show_comparison(panel.model.shown[1].folder, panel.model.shown[5].folder)
    assert "The two drawings are the same." in panel.compare_page.differences.lines()


def test_a_run_that_cannot_be_read_is_listed_and_compares_with_a_sentence(panel, runs, run_list, qtbot):
    broken = runs / "broken"
    broken.mkdir()
    (broken / "run.json").write_text("{", "utf-8")
    run_list.refresh()
    qtbot.waitUntil(lambda: len(panel.model.shown) == 7, timeout=5_000)
    row = panel.model.row_of(broken)
    assert text(panel, row, "status").startswith("cannot be read")
    panel.show_comparison(broken, panel.model.shown[1].folder)
    assert panel.compare_page.message.isVisible()
    assert "cannot be read" in panel.compare_page.message.text()
