"""Samples on demand, by mouse in a whole window: fresh weights, those of a run, and while one goes."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.state import sample_draws
from engine.document import edits
from engine.document.project import MAIN
from tests.app.shell.test_samples_window import drawing


@pytest.fixture
def drawn(window, qtbot):
    """A window with a small drawing whose sampler is selected."""
    window.session.open(drawing(), None)
    window.files.is_open = True
    window.files.may_leave = lambda: True
    window.show_drawing()
    qtbot.waitUntil(lambda: "cloud" in window.session.report.nodes, timeout=20_000)
    qtbot.waitUntil(lambda: window.workbench().samples is not None, timeout=10_000)
    window.session.select(frozenset({"cloud"}))
    qtbot.waitUntil(lambda: part_of(window) is not None, timeout=5_000)
    return window


def part_of(window):
    page = window.workbench().inspector.page
    return None if page is None else page.samples


def press(window, qtbot) -> None:
    """Press the button of the inspector, and wait for what comes."""
    draws = window.controller.draws
    before = {path: id(frame) for path, frame in draws.drawn.items()}
    kept = dict(draws.drawn)  # so that no number is given twice
    QTest.mouseClick(part_of(window).draw.button, Qt.MouseButton.LeftButton)
    assert draws.busy
    qtbot.waitUntil(lambda: not draws.busy, timeout=20_000)
    assert {path: id(frame) for path, frame in draws.drawn.items()} != before, (
        f"nothing came, as {list(kept)}"
    )


def set_param(window, name: str, value: object, node: str = "cloud") -> None:
    session = window.session
    session.apply(edits.set_param(session.project, MAIN, node, name, value), "Set")


def train(window, qtbot) -> None:
    window.commands.training.play()
    qtbot.waitUntil(lambda: window.controller.state == "finished", timeout=30_000)


def test_before_any_run_it_draws_with_fresh_weights(drawn, qtbot) -> None:
    part = part_of(drawn)
    assert part.draw.words.text() == "fresh weights"
    assert part.empty.isVisible()
    press(drawn, qtbot)
    assert part.view.isVisible()
    assert part.view.canvas.sampled.count == 100
    assert part.heading.note.text() == "drawn now · untrained"
    assert drawn.workbench().canvas.drawing.nodes["cloud"].sheet is not None
    assert drawn.controller.state == "idle"


def test_the_large_panel_says_that_it_draws(drawn, qtbot) -> None:
    drawn.commands.view.toggle_panel("samples")
    panel = drawn.workbench().samples
    assert panel.empty.title.text() == "No samples yet"
    QTest.mouseClick(panel.draw, Qt.MouseButton.LeftButton)
    assert panel.empty.title.text() == "Drawing"
    QTest.mouseClick(panel.draw, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not drawn.controller.draws.busy, timeout=20_000)
    assert panel.empty.title.text() == "No samples yet", "it was called off"


def test_other_parameters_draw_with_the_weights_that_were_learned(drawn, qtbot) -> None:
    press(drawn, qtbot)
    fresh = part_of(drawn).view.canvas.sampled.values.copy()
    train(drawn, qtbot)
    qtbot.waitUntil(lambda: len(part_of(drawn).view.kept.steps) == 5, timeout=5_000)
    learned = part_of(drawn).view.kept.at(part_of(drawn).view.kept.steps[-1]).values
    step = drawn.controller.finished.step
    assert part_of(drawn).draw.words.text() == f"weights of step {step:,}"
    press(drawn, qtbot)
    assert np.array_equal(part_of(drawn).view.canvas.sampled.values, learned)
    assert not np.array_equal(learned, fresh)
    set_param(drawn, "count", 37)
    press(drawn, qtbot)
    part = part_of(drawn)
    assert part.view.canvas.sampled.count == 37
    assert part.heading.note.text() == f"drawn now · step {step:,}"
    assert part.view.run_reel.timeline.count == 6, "what was drawn stands after what the run has kept"
    assert drawn.controller.state == "finished"


def test_weights_that_do_not_fit_are_named(drawn, qtbot) -> None:
    train(drawn, qtbot)
    told: list[str] = []
    drawn.session.notified.connect(lambda message, _kind: told.append(message))
    set_param(drawn, "bias", False, "fc")
    press(drawn, qtbot)
    assert told == [], "what the drawing does not need any more is no loss"
    drawn.session.undo()
    set_param(drawn, "shape", [3], "noise")
    press(drawn, qtbot)
    assert len(told) == 1
    assert "fc.weight" in told[0]


def test_a_run_that_goes_draws_with_the_weights_in_training(drawn, qtbot) -> None:
    drawn.session.apply(edits.set_settings(drawn.session.project, epochs=100_000), "Epochs")
    drawn.commands.training.play()
    qtbot.waitUntil(lambda: drawn.controller.state == "running", timeout=20_000)
    set_param(drawn, "count", 37)
    part = part_of(drawn)
    assert part.draw.words.text() == "weights in training"
    QTest.mouseClick(part.draw.button, Qt.MouseButton.LeftButton)
    canvas = part.view.canvas
    qtbot.waitUntil(lambda: canvas.sampled is not None and canvas.sampled.count == 37, timeout=10_000)
    drawn.commands.training.pause()
    qtbot.waitUntil(lambda: drawn.controller.state == "paused", timeout=10_000)
    set_param(drawn, "count", 12)
    QTest.mouseClick(part.draw.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: canvas.sampled.count == 12, timeout=10_000)
    assert drawn.controller.state == "paused"
    drawn.commands.training.stop()
    qtbot.waitUntil(lambda: drawn.controller.state == "finished", timeout=10_000)


def test_play_waits_for_the_drawing_and_cancel_ends_it(drawn, qtbot, monkeypatch) -> None:
    """Both use the one random state of the process."""
    real, ends = sample_draws._drawn, []

    def slow(question):
        assert question.called_off.wait(20)
        ends.append(drawn.controller.run)
        return real(question)

    monkeypatch.setattr(sample_draws, "_drawn", slow)
    button, controller = part_of(drawn).draw.button, drawn.controller
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert button.text() == "Cancel"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not controller.draws.busy, timeout=10_000)
    assert button.text() == "Draw now"
    assert part_of(drawn).empty.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    drawn.commands.training.play()
    assert controller.state == "compiling"
    assert controller.run is None
    qtbot.waitUntil(lambda: controller.state == "finished", timeout=30_000)
    assert ends == [None, None]


def test_the_key_draws_with_every_sampler_or_the_selected_one(drawn, qtbot) -> None:
    controller = drawn.controller
    drawn.session.select(frozenset())
    QTest.keyClick(drawn, Qt.Key.Key_F9)
    qtbot.waitUntil(lambda: ("samples", "cloud") in controller.frames, timeout=20_000)
    drawn.commands.view.toggle_panel("samples")
    panel = drawn.workbench().samples
    controller.frames.clear()
    QTest.mouseClick(panel.draw, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ("samples", "cloud") in controller.frames, timeout=20_000)
    assert panel.view.canvas.sampled.count == 100


def test_a_prompt_is_gone_on_with(window, qtbot) -> None:
    from tests.engine.sample.drawings import characters

    window.session.open(characters({"length": 30, "count": 2}), None)
    window.files.is_open = True
    window.show_drawing()
    name = next(iter(sample_draws.samplers_of(window.session.project)))
    qtbot.waitUntil(lambda: window.workbench().samples is not None, timeout=10_000)
    window.session.select(frozenset({name}))
    qtbot.waitUntil(lambda: part_of(window) is not None, timeout=5_000)
    set_param(window, "prompt", "Call me ", name)
    press(window, qtbot)
    texts = part_of(window).view.canvas.sampled.values
    assert len(texts) == 2
    assert all(str(text).startswith("Call me ") for text in texts)


def test_prompts_that_are_typed_are_drawn_and_unknown_words_told(window, qtbot) -> None:
    from tests.engine.sample.test_prompts import told

    window.session.open(told(), None)
    window.files.is_open = True
    window.show_drawing()
    qtbot.waitUntil(lambda: window.workbench().samples is not None, timeout=10_000)
    window.session.select(frozenset({"draw"}))
    qtbot.waitUntil(lambda: part_of(window) is not None, timeout=5_000)

    def ask(words: str) -> None:
        entry = window.workbench().inspector.page.form.rows["prompts"].field.entry
        QTest.mouseClick(entry, Qt.MouseButton.LeftButton)
        entry.selectAll()
        QTest.keyClicks(entry, words)
        QTest.keyClick(entry, Qt.Key.Key_Return)

    ask("a red boot; a blue bag")
    press(window, qtbot)
    assert part_of(window).view.canvas.sampled.labels == ("a red boot", "a blue bag") * 2
    heard: list[str] = []
    window.session.notified.connect(lambda message, _kind: heard.append(message))
    ask("a pink boot")
    QTest.mouseClick(part_of(window).draw.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(heard), timeout=20_000)
    assert "Expected prompts of words that the data have: a, bag, blue, boot" in heard[-1]
    assert heard[-1].endswith("Received 'pink'.")


def test_the_weights_are_those_of_the_checkpoint_that_is_chosen(drawn, qtbot) -> None:
    press(drawn, qtbot)
    fresh = part_of(drawn).view.canvas.sampled.values.copy()
    train(drawn, qtbot)
    qtbot.waitUntil(lambda: len(part_of(drawn).view.kept.steps) == 5, timeout=5_000)
    part = part_of(drawn)
    menu = part.actions_.make_menu(part)
    weights = next(a.menu() for a in menu.actions() if a.text() == "Draw with the weights of")
    first = next(action for action in weights.actions() if action.text() == "Before training")
    first.trigger()
    menu.close()
    qtbot.waitUntil(lambda: not drawn.controller.draws.busy, timeout=20_000)
    assert np.array_equal(part.view.canvas.sampled.values, fresh)
    assert part.heading.note.text() == "drawn now · untrained"
    assert "initial" in part.draw.words.text()
