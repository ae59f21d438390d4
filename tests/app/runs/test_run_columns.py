"""The words of the list of runs: times, tags, and what a search finds."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtGui import QFontMetrics

from app.runs.compare_words import parts
from app.runs.overlay_chart import OverlayChart, ShownRun
from app.runs.run_columns import columns, matches, tags_of, took, when
from app.style import theme
from engine.document.storage import gallery
from engine.runs.archive import compare, curves_of, record_of
from tests.drawings import gan, mlp
from tests.stored_runs import example_runs, store


def test_times_and_tags_are_read_and_written_as_people_do():
    now = datetime(2026, 11, 12, 18, 0).astimezone()
    assert when((now - timedelta(hours=2)).isoformat(), now) == "today 16:00"
    assert when((now - timedelta(days=1)).isoformat(), now) == "yesterday 18:00"
    assert when((now - timedelta(days=30)).isoformat(), now) == "13 Oct 18:00"
    assert when("nonsense") == ""
    assert (took(84), took(3700), took(0)) == ("1:24", "1:01:40", "")
    assert tags_of("#a, b #a  ") == ("a", "b")


def test_every_word_of_a_search_must_match(tmp_path):
    example_runs(tmp_path, mlp("digits", 8), "objective", "accuracy", datetime.now(UTC))
    record = record_of(next(iter(sorted(tmp_path.iterdir(), reverse=True))))
    assert matches(record, "WIDE switched")
    assert not matches(record, "wide slow")
    assert matches(record, "#wi")
    assert not matches(record, "#cosine")


def test_objectives_that_are_not_validated_show_their_training_losses(tmp_path):
    losses = {"making": [0.9] * 120, "judging": [1.4] * 120}
    store(tmp_path / "one", gan(), losses=losses)
    store(tmp_path / "two", mlp("digits", 8), losses={"objective": [0.1] * 9}, metrics={"objective": 0.2})
    record = record_of(tmp_path / "one")
    made = {column.title: column for column in columns([record], gan())}
    told = {title: made[title].text(record) for title in made if title.startswith("Training")}
    assert told == {"Training loss making": "0.900", "Training loss judging": "1.400"}
    other = record_of(tmp_path / "two")
    assert other.training
    assert not [c.title for c in columns([other], mlp("digits", 8)) if c.title.startswith("Training")]
    label = "Training loss making, mean of the last tenth of the steps"
    rows = {row.name: row for row in compared_rows(tmp_path / "one", tmp_path / "one")}
    assert rows[label] == (label, "0.900", "0.900", None, False)


def compared_rows(first, second):
    return [row for part in parts(compare(first, second), gan()) for row in part.rows]


def test_the_heading_of_a_figure_has_room(tmp_path, qapp):
    project = gallery.make("perceptron-xor")
    (accuracy,) = [node.id for node in project.main.nodes.values() if "accuracy" in node.layer]
    metrics = {accuracy: 0.5, "objective": 0.02}
    store(tmp_path / "one", project, losses={"objective": [0.1]}, metrics=metrics)
    made = {column.title: column.width for column in columns([record_of(tmp_path / "one")], project)}
    told = QFontMetrics(theme.sans(12))
    assert made["Binary accuracy"] >= told.horizontalAdvance("Binary accuracy") + 8
    assert made["Loss"] == 72


def test_the_comparison_its_chart_and_the_list_give_one_training_loss(tmp_path, qtbot):
    falling = [2.0 / step for step in range(1, 61)]
    store(tmp_path / "one", gan(), losses={"making": falling, "judging": falling})
    about = tmp_path / "one" / "run.json"
    record = record_of(tmp_path / "one")
    expected = sum(falling[-6:]) / 6
    assert record.training["making"] == pytest.approx(expected)
    told = json.loads(about.read_text())
    told["result"]["training"]["making"] = sum(falling) / 60  # as an older version kept it
    about.write_text(json.dumps(told))
    rows = {row.name: row for row in compared_rows(tmp_path / "one", tmp_path / "one")}
    shown = rows["Training loss making, mean of the last tenth of the steps"].first
    assert float(shown) == pytest.approx(expected, abs=1e-3)
    chart = OverlayChart()
    qtbot.addWidget(chart)
    chart.show()
    folder = tmp_path / "one"
    chart.show_runs({folder: ShownRun("one", "#123456", curves_of(folder))}, gan())
    assert chart.quantity.path in ("judging", "making")
    assert chart.legend.text() == f"one {shown}"
    assert "mean of the last tenth of the steps" in chart.chooser.toolTip()
