"""The words of the list of runs: times, tags, and what a search finds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from PySide6.QtGui import QFontMetrics

from app import theme
from app.panels.run_columns import columns, matches, tags_of, took, when
from engine import gallery
from engine.runs.archive import record_of
from tests.drawings import mlp
from tests.stored_runs import shelf_of_runs, store


def test_times_and_tags_are_read_and_written_as_people_do():
    now = datetime(2026, 11, 12, 18, 0).astimezone()
    assert when((now - timedelta(hours=2)).isoformat(), now) == "today 16:00"
    assert when((now - timedelta(days=1)).isoformat(), now) == "yesterday 18:00"
    assert when((now - timedelta(days=30)).isoformat(), now) == "13 Oct 18:00"
    assert when("nonsense") == ""
    assert (took(84), took(3700), took(0)) == ("1:24", "1:01:40", "")
    assert tags_of("#a, b #a  ") == ("a", "b")


def test_every_word_of_a_search_must_match(tmp_path):
    shelf_of_runs(tmp_path, mlp("digits", 8), "objective", "accuracy", datetime.now(UTC))
    record = record_of(next(iter(sorted(tmp_path.iterdir(), reverse=True))))
    assert matches(record, "WIDE switched")
    assert not matches(record, "wide slow")
    assert matches(record, "#wi")
    assert not matches(record, "#cosine")


def test_the_heading_of_a_figure_has_room(tmp_path, qapp):
    project = gallery.make("perceptron-xor")
    (accuracy,) = [node.id for node in project.main.nodes.values() if "accuracy" in node.layer]
    metrics = {accuracy: 0.5, "objective": 0.02}
    store(tmp_path / "one", project, losses={"objective": [0.1]}, metrics=metrics)
    made = {column.title: column.width for column in columns([record_of(tmp_path / "one")], project)}
    told = QFontMetrics(theme.sans(12))
    assert made["Binary accuracy"] >= told.horizontalAdvance("Binary accuracy") + 8
    assert made["Loss"] == 72
