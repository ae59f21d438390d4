"""The leak watch itself: it must see each kind of thing left behind, and nothing where all is gone."""

from __future__ import annotations

import threading
from pathlib import Path

from PySide6.QtCore import QThread, QTimer, QVariantAnimation
from PySide6.QtWidgets import QWidget

from tests import ROOT
from tests.leaks import LeakWatch


def left_by(watch: LeakWatch) -> str:
    return "; ".join(watch.left(patience=0.05))


def test_a_thread_is_seen():
    gate = threading.Event()
    thread = threading.Thread(target=gate.wait, name="forgotten")
    with LeakWatch() as watch:
        thread.start()
    assert "thread forgotten" in left_by(watch)
    gate.set()
    thread.join()
    assert not left_by(watch)


def test_a_qt_thread_is_seen(qapp):
    thread = QThread()
    with LeakWatch() as watch:
        thread.start()
    assert "running QThread" in left_by(watch)
    thread.quit()
    thread.wait()
    assert not left_by(watch)


def test_a_timer_is_seen(qapp):
    timer = QTimer(interval=1000)
    with LeakWatch() as watch:
        timer.start()
    assert "running QTimer" in left_by(watch)
    timer.stop()
    assert not left_by(watch)


def test_an_animation_is_seen(qapp):
    animation = QVariantAnimation(duration=60_000, startValue=0.0, endValue=1.0)
    with LeakWatch() as watch:
        animation.start()
    assert "running QVariantAnimation" in left_by(watch)
    animation.stop()
    assert not left_by(watch)


def test_a_window_is_seen(qapp):
    with LeakWatch() as watch:
        widget = QWidget()
        widget.setObjectName("forgotten")
    assert "widget QWidget 'forgotten'" in left_by(watch)
    widget.deleteLater()
    assert not left_by(watch)


def test_an_open_file_is_seen(tmp_path: Path):
    path = tmp_path / "open.txt"
    path.write_text("x")
    with LeakWatch() as watch:
        file = path.open()
    assert f"open file {path}" in left_by(watch)
    file.close()
    assert not left_by(watch)


def test_what_went_is_not_counted(qapp, tmp_path: Path):
    with LeakWatch() as watch:
        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()
        timer = QTimer(interval=1)
        timer.start()
        timer.stop()
        (tmp_path / "closed.txt").write_text("x")
        widget = QWidget()
        widget.deleteLater()
        del widget
    assert not left_by(watch)


def test_a_test_that_leaks_fails(pytester, monkeypatch):
    """The whole way: a test run with this conftest fails its leaking test and names the leak."""
    root = ROOT
    monkeypatch.setenv("PYTHONPATH", str(root))
    pytester.makeconftest((root / "tests" / "conftest.py").read_text())
    pytester.makepyfile(
        """
        import threading
        gate = threading.Event()

        def test_leaks():
            threading.Thread(target=gate.wait, daemon=True, name="forgotten").start()
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*left behind*thread forgotten*"])
