"""A pupil at the window: does by mouse and keys what the steps of a lesson ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QWidget

from app.canvas import menu
from app.lessons.lesson_panel import LessonPanel
from app.shell.window import Window
from app.widgets.menus import Menu
from tests.app.canvas.conftest import Hand

LEFT = Qt.MouseButton.LeftButton
_OF_RUNS = ("run", "result")
"""Kinds of checks that look at a run."""


class Pupil:
    """One lesson in a real window. `wait` runs the event loop until something is so.

    `trains`: Play is pressed. Without it the steps that look at a run are skipped by their button.
    """

    def __init__(
        self, window: Window, wait: Callable[..., None], lesson: str, *, trains: bool = True
    ) -> None:
        self.window, self.wait, self.trains = window, wait, trains
        window.files.open_template(lesson)
        wait(lambda: window.workbench().training is not None, timeout=20_000)
        wait(lambda: bool(window.session.report.nodes), timeout=20_000)
        dock = window.workbench().docks["lesson"]
        assert not dock.isHidden(), "a project with a lesson shows it"
        self.panel = cast(LessonPanel, dock.widget())
        self.hand = Hand(window.workbench().canvas)

    # The lesson ------------------------------------------------------------------------------

    @property
    def step(self) -> int:
        return self.panel.state.place

    def sentences(self) -> list[str]:
        """What the rows of the step say, as they are on the screen."""
        assert self.panel.view is not None
        return [row.words.text() for row in self.panel.view.rows]

    def is_done(self) -> bool:
        return self.step in self.panel.state.done

    def wait_done(self, seconds: float = 60.0) -> None:
        """Until the step is done, or all of it that needs no run; fails with what the checks say."""
        step, state = self.panel.state.step, self.panel.state
        assert step is not None
        kinds = [check.kind for check in step.checks]

        def is_done() -> bool:
            met = [outcome.is_met for outcome in state.outcomes]
            pairs = zip(kinds, met, strict=True)
            return self.is_done() or (
                not self.trains and all(one for kind, one in pairs if kind not in _OF_RUNS)
            )

        try:
            self.wait(is_done, timeout=int(seconds * 1000))
        except Exception as error:
            raise AssertionError(f"step {self.step + 1} is not done: {self.sentences()}") from error

    def go_on(self) -> None:
        """The button Next, or Skip where the step is not done."""
        button = self.panel.next if self.panel.next.isVisible() else self.panel.skip
        assert button.isEnabled(), "the way on is never blocked"
        QTest.mouseClick(button, LEFT)

    def answer(self, place: int, words: str) -> None:
        """Type an answer and press Return, or click the choice with these words."""
        assert self.panel.view is not None
        row = self.panel.view.rows[place]
        if row.field is not None:
            _retype(row.field, words)
            return
        chip = next(chip for chip in row.choices if chip.text() == words)
        QTest.mouseClick(chip, LEFT)

    # The drawing -----------------------------------------------------------------------------

    def select(self, node: str) -> None:
        self.window.workbench().canvas.setFocus()
        self.hand.click(self.hand.middle(node))
        assert self.window.session.selection == {node}

    def delete(self, node: str, *, heal: bool = False) -> None:
        """Press Delete on a node; `heal` joins what was before it to what was behind it."""
        self.select(node)
        keys = Qt.KeyboardModifier.ControlModifier if heal else Qt.KeyboardModifier.NoModifier
        self.hand.key(Qt.Key.Key_Delete, keys)

    def drop_between(self, layer: str, source: str, target: str) -> None:
        """Drop a layer of the palette on the wire between two nodes, and leave it selected."""
        view = self.window.workbench().canvas
        wire = next(
            item
            for key, item in view.drawing.wires.items()
            if (key.source.node, key.target.node) == (source, target)
        )
        self.hand.drop(layer, QPointF(wire.path.pointAtPercent(0.5)))

    def enter(self, placement: str) -> None:
        """Double-click a placement: its definition is on show."""
        view = self.window.workbench().canvas
        if self.window.session.view.graph != "main":
            self.window.session.show_tab("main")
        view.camera.fit()
        self.hand.double_click(self.hand.middle(placement))
        assert self.window.session.view.graph != "main"
        view.camera.fit()

    def show_in_node(self, node: str) -> None:
        """Choose the first lens of "Show in node" in the menu of a node."""
        view = self.window.workbench().canvas
        opened = menu.open_menu(view, self.hand.middle(node), QPoint(10, 10))
        found = [action.menu() for action in opened.actions() if action.text() == "Show in node"]
        assert isinstance(found[0], QMenu)
        found[0].actions()[0].trigger()
        opened.close()

    def set(self, name: str, *words: str) -> None:
        """Give a field of the selected node another value, as one types or chooses it."""
        inspector = self.window.workbench().inspector
        assert inspector is not None
        assert inspector.page is not None
        self._fill(inspector.page.form.rows[name].field, words)

    def set_run(self, name: str, *words: str) -> None:
        """The same for a setting of the run, which the inspector shows where nothing is selected."""
        inspector = self.window.workbench().inspector
        assert inspector is not None
        self.window.session.select(frozenset())
        self._fill(inspector.summary.settings.form.rows[name].field, words)

    def _fill(self, field: Any, words: tuple[str, ...]) -> None:
        if hasattr(field, "open_menu"):
            QTest.mousePress(field.box, LEFT)
            offered = QApplication.activePopupWidget()
            assert isinstance(offered, Menu)
            chosen = next(action for action in offered.actions() if action.text() == words[0])
            QTest.mouseClick(offered, LEFT, pos=offered.actionGeometry(chosen).center())
        elif hasattr(field, "toggle"):
            QTest.mouseClick(field.box, LEFT)
        elif hasattr(field, "entries"):
            for entry, word in zip(field.entries, words * 2, strict=False):
                _retype(entry, word)
        else:
            _retype(field.entry, words[0])

    # The run ---------------------------------------------------------------------------------

    def play(self, seconds: float = 120.0, until: Callable[[], object] | None = None) -> None:
        """Press Play, and Stop once `until` holds; without it wait for the end of the run."""
        if not self.trains:
            return
        bar, controller = self.window.topbar, self.window.controller
        self.wait(bar.play.isEnabled, timeout=20_000)
        QTest.mouseClick(bar.play, LEFT)
        self.wait(lambda: controller.is_active, timeout=20_000)
        if until is not None:
            self.wait(lambda: bool(until()), timeout=int(seconds * 1000))
            QTest.mouseClick(bar.stop, LEFT)
        self.wait(lambda: controller.state == "finished", timeout=int(seconds * 1000))


def _retype(entry: QWidget, words: str) -> None:
    assert isinstance(entry, QLineEdit)
    QTest.mouseClick(entry, LEFT)
    entry.selectAll()
    QTest.keyClicks(entry, words)
    QTest.keyClick(entry, Qt.Key.Key_Return)
