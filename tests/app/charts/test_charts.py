"""Charts: what they hold, what they draw, how they are steered, and what they write to files."""

from __future__ import annotations

import csv
import time

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.charts.chart import Chart
from app.charts.legend import Legend, LegendEntry
from app.charts.plot import Plot
from app.charts.series import Series
from app.style import style_sheet, theme
from app.training.loss_chart import LossChart


@pytest.fixture
def chart(qtbot) -> LossChart:
    """A loss chart with 400 training steps and four validations."""
    made = LossChart()
    qtbot.addWidget(made)
    made.resize(420, 190)
    made.add_curve("t", "training", lambda: "#4c9aff", raw=True)
    made.add_curve("v", "validation", lambda: "#f2a65a", width=2.5)
    steps = np.arange(1, 401)
    made.extend("t", steps, 0.3 + 2 * np.exp(-steps / 60))
    made.extend("v", [100, 200, 300, 400], [0.8, 0.5, 0.4, 0.366])
    made.show()
    qtbot.waitUntil(made.isVisible)
    made.refresh()
    return made


def plot(chart: Chart) -> Plot:
    assert chart.plot is not None
    return chart.plot


def has_colour(image: QImage, name: str, tolerance: int = 30) -> int:
    """How many pixels are near this colour."""
    raw = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(raw.constBits(), np.uint8).reshape(raw.height(), raw.bytesPerLine() // 4, 4)
    colour = QColor(name)
    wanted = np.array([colour.blue(), colour.green(), colour.red()], np.int32)
    return int((np.abs(pixels[..., :3].astype(np.int32) - wanted).max(axis=-1) < tolerance).sum())


def test_the_curves_are_drawn_and_named_with_their_values(chart):
    assert chart.legend.text().endswith("validation 0.366")
    picture = plot(chart).grab().toImage()
    assert has_colour(picture, "#4c9aff") > 200
    assert has_colour(picture, "#f2a65a") > 100


def test_a_layer_dragged_across_is_let_pass(chart):
    assert not plot(chart).acceptDrops()
    assert not plot(chart).viewport().acceptDrops()


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_flat_curve_of_shares_stands_between_0_and_100_percent(qtbot, share):
    chart = Chart("Accuracy")
    qtbot.addWidget(chart)
    chart.of_shares = True
    chart.add_curve("v", "validation", lambda: "#4c9aff")
    chart.extend("v", [1, 2, 3], [share] * 3)
    chart.show()
    chart.refresh()
    assert 0.0 <= plot(chart).scale.low <= share <= plot(chart).scale.high <= 1.0


def test_the_range_takes_up_what_came_within_its_second_though_nothing_follows(chart, qtbot):
    held = plot(chart)
    held._clock = time.monotonic
    held._jumped = time.monotonic()
    chart.extend("v", [402], [9.0])
    chart.refresh()
    assert held.scale.high < 9.0
    qtbot.waitUntil(lambda: held.scale.high >= 9.0, timeout=3_000)


def test_few_validations_are_marked_one_by_one_and_many_are_a_line(chart):
    dots = plot(chart).dots(plot(chart).curves["v"])
    assert [round(plot(chart).step_at(dot.x())) for dot in dots] == [100, 200, 300, 400]
    assert plot(chart).dots(plot(chart).curves["t"]) == []
    chart.extend("v", range(401, 500), [0.3] * 99)
    chart.refresh()
    assert plot(chart).dots(plot(chart).curves["v"]) == []


def test_a_click_on_a_name_leaves_its_curve_out_and_the_scale_follows_the_rest(chart):
    legend, held = chart.legend, plot(chart)
    assert held.scale.high > 2.0
    QTest.mouseClick(legend, Qt.MouseButton.LeftButton, pos=legend.place_of("t").toPoint())
    assert has_colour(held.grab().toImage(), "#4c9aff") == 0
    assert held.scale.high <= 1.0
    QTest.mouseClick(legend, Qt.MouseButton.LeftButton, pos=legend.place_of("v").toPoint())
    assert [curve.name for curve in held.seen()] == ["validation"], "the last one stays"
    QTest.mouseClick(legend, Qt.MouseButton.LeftButton, pos=legend.place_of("t").toPoint())
    assert has_colour(held.grab().toImage(), "#4c9aff") > 200


def test_what_is_to_be_known_of_a_step_is_marked_and_read_by_the_crosshair(chart):
    held = plot(chart)
    before = has_colour(held.grab().toImage(), theme.current().warn)
    chart.mark([(200, "the gradient grew a hundredfold")])
    chart.refresh()
    assert has_colour(held.grab().toImage(), theme.current().warn) > before + 10
    assert held.notes_near(held.x_pixel(200)) == ["the gradient grew a hundredfold"]
    assert held.notes_near(held.x_pixel(300)) == []


def test_the_smoothed_line_is_what_is_drawn(chart):
    x, y = plot(chart).curves["t"].line.getData()
    assert x[0] == 1
    assert x[-1] == 400
    assert y[-1] == pytest.approx(chart.series["t"].last)
    QTest.keyClick(chart.slider, Qt.Key.Key_Home)
    x, y = plot(chart).curves["t"].line.getData()
    assert y[-1] == pytest.approx(0.3 + 2 * np.exp(-400 / 60))


def test_smoothing_fits_the_length_of_the_run_until_it_is_chosen(chart):
    chart.fit_smoothing(300)
    short = chart.smoothing
    chart.fit_smoothing(30_000)
    assert short < 0.9 < chart.smoothing
    QTest.keyClick(chart.slider, Qt.Key.Key_Home)
    chart.fit_smoothing(30_000)
    assert chart.smoothing == 0.0


def test_nothing_is_drawn_while_hidden_and_all_when_shown_again(chart):
    chart.hide()
    chart.extend("t", [401], [0.1])
    chart.refresh()
    assert plot(chart).curves["t"].line.getData()[0][-1] == 400
    chart.show()
    assert plot(chart).curves["t"].line.getData()[0][-1] == 401


def test_the_switch_makes_the_scale_logarithmic(chart):
    QTest.mouseClick(chart.log_button, Qt.MouseButton.LeftButton)
    assert plot(chart).scale.log
    assert plot(chart).curves["v"].line.getData()[1][-1] == pytest.approx(np.log10(0.366))
    QTest.mouseClick(chart.log_button, Qt.MouseButton.LeftButton)
    assert not plot(chart).scale.log


def move(widget, place: QPointF) -> None:
    QTest.mouseMove(widget, place.toPoint())
    QApplication.processEvents()


def test_the_crosshair_reads_every_curve(chart):
    view = plot(chart)
    move(view.viewport(), QPointF(view.x_pixel(200), 60))
    text = view.crosshair_text()
    assert text.startswith("step 200 · training ")
    assert text.endswith("validation 0.500")
    move(view.viewport(), QPointF(2, 2))
    assert view.crosshair_text() == ""


def test_the_crosshair_says_nothing_of_a_curve_that_begins_later(chart, monkeypatch):
    view = plot(chart)
    chart.extend("v", [], [])
    late = view.curves["v"].series.steps[0]
    move(view.viewport(), QPointF(view.x_pixel(late / 2), 60))
    assert view.crosshair < late
    assert view.crosshair_text().startswith("step ")
    assert "validation" not in view.crosshair_text()


def wheel(view: Plot, place: QPointF, turns: int) -> None:
    none, phase = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    turned = QPoint(0, 120 * turns)
    event = QWheelEvent(place, place, QPoint(), turned, Qt.MouseButton.NoButton, none, phase, False)
    QApplication.sendEvent(view.viewport(), event)


def test_the_wheel_zooms_a_drag_pans_and_a_double_click_goes_back(chart):
    view = plot(chart)
    middle = view.plot_rect().center()
    whole = view.x_range()
    wheel(view, middle, 3)
    left, right = view.x_range()
    assert right - left < (whole[1] - whole[0]) * 0.6
    assert left < 200 < right
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=middle.toPoint())
    move(view.viewport(), middle + QPointF(-40, 0))
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=(middle + QPointF(-40, 0)).toPoint())
    assert view.x_range()[0] > left
    chart.extend("t", [401, 402], [0.3, 0.3])
    chart.refresh()
    assert view.x_range()[1] < 402
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=middle.toPoint())
    assert view.x_range() == (1.0, 402.0)


def test_the_range_moves_at_most_once_a_second(qtbot):
    now = [100.0]
    view = Plot(clock=lambda: now[0])
    qtbot.addWidget(view)
    series = Series()
    view.add_curve("t", "t", lambda: "#ffffff", series, raw=False, width=2)
    series.extend([1, 2], [0.5, 1.0])
    view.refresh()
    first = view.scale
    series.extend([3], [40.0])
    now[0] += 0.5
    view.refresh()
    assert view.scale == first
    now[0] += 0.6
    view.refresh()
    assert view.scale.high >= 40.0
    steady = view.scale
    series.extend([4], [39.0])
    now[0] += 5
    view.refresh()
    assert view.scale == steady


def test_colours_follow_the_theme(chart, qapp):
    chart.add_curve("a", "accent", lambda: theme.current().accent)
    before = plot(chart).curves["a"].line.opts["pen"].color().name()
    style_sheet.install(qapp, theme.LIGHT)
    try:
        assert before == theme.DARK.accent
        assert plot(chart).curves["a"].line.opts["pen"].color().name() == theme.LIGHT.accent
    finally:
        style_sheet.install(qapp, theme.DARK)


def test_a_chart_is_saved_as_png_svg_and_csv(chart, tmp_path):
    for name in ("loss.png", "loss.svg", "loss.csv"):
        chart.save(tmp_path / name)
    picture = QImage(str(tmp_path / "loss.png"))
    assert (picture.width(), picture.height()) == (888, 428)
    assert has_colour(picture, "#4c9aff") > 200
    text = (tmp_path / "loss.svg").read_text("utf-8")
    assert "<svg" in text
    assert "#f2a65a" in text
    assert "Loss" in text
    assert chart.slider.isVisible()
    rows = list(csv.reader((tmp_path / "loss.csv").read_text("utf-8").splitlines()))
    assert rows[0] == ["step", "training", "validation"]
    assert len(rows) == 401
    assert rows[400][0] == "400"
    assert float(rows[400][2]) == 0.366


def test_a_chart_that_cannot_be_saved_says_why(chart, tmp_path, qtbot):
    for name in ("a.png", "a.svg", "a.csv"):
        with qtbot.waitSignal(chart.failed) as caught:
            chart.save(tmp_path / "missing" / name)
        assert "not saved" in caught.args[0]


def test_the_menu_offers_every_action(chart):
    menu = chart.make_menu()
    titles = [action.text() for action in menu.actions() if action.text()]
    assert titles == [
        "Logarithmic scale",
        "Show all steps",
        "Save as PNG …",
        "Save as SVG …",
        "Save as CSV …",
    ]
    menu.deleteLater()


def test_a_single_validation_is_a_dot(chart):
    chart.clear()
    chart.add_curve("v", "validation", lambda: "#f2a65a")
    chart.extend("v", [10], [0.5])
    chart.refresh()
    assert has_colour(plot(chart).grab().toImage(), "#f2a65a") > 8


def test_a_part_of_a_curve_stands_in_the_legend_with_its_value_or_is_counted(qtbot):
    legend = Legend()
    qtbot.addWidget(legend)
    names = ("discriminator", "generator", "real_loss", "fake_loss")
    entries = [LegendEntry(name, lambda: "#888888", name, "1.387", is_part="_" in name) for name in names]
    legend.show_entries(entries)
    several = set()
    for width in range(120, 700, 20):
        legend.resize(width, 18)
        texts = [text for _, text in legend._layout()]
        assert all("1.387" in text for text in texts if "_" in text)
        several.add(len(texts))
        assert all("1.387" in text for text in texts[:2]) or len(texts) <= 2, (
            "no objective gives way to a part"
        )
    assert several >= {2, 3, 4}
