"""The window as a tour drives it: by keys and mouse, with a picture and a sentence for what is to be seen.

Knows no network and no lens by itself; waits for what the program computes in other threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

if TYPE_CHECKING:
    from app.lens_cards.card import LensCard
    from app.lens_cards.cards_panel import LensCardsPanel
    from app.lens_pins.pin_strip import PinStrip

SIZE = (1440, 900)
_LEFT = Qt.MouseButton.LeftButton


class Studio:
    """One window in one theme. `facts` are what the tour has checked, as sentences."""

    def __init__(self, out: Path, name: str, theme: str) -> None:
        from app.shell import startup
        from app.shell.window import Window
        from app.state import warmup
        from app.state.appearance import Appearance

        self.out, self.name, self.theme = out, name, theme
        self.count = 0
        out.mkdir(parents=True, exist_ok=True)
        self._log = (out / f"{name}-{theme}.txt").open("w", encoding="utf-8")
        self.app = startup.make_application()
        self.appearance = Appearance(self.app)
        self.appearance.choose(theme)
        warmup.load_panels()
        warmup.load_engine()
        self.window = Window(self.appearance)
        self.window.resize(*SIZE)
        self.window.show()
        self.window.activateWindow()
        self.told: list[str] = []
        self.window.session.notified.connect(lambda words, _kind="": self.told.append(words))

    # Waiting ------------------------------------------------------------------------------

    def wait(self, until: Callable[[], object], longest: float = 120.0, what: str = "") -> None:
        """Let the program work until something is so."""
        end = perf_counter() + longest
        while not until():
            if perf_counter() > end:
                raise TimeoutError(f"waited {longest:g} s for {what or 'the window'}")
            self.app.processEvents()
            sleep(0.003)
        self.settle(0.1)

    def settle(self, seconds: float = 0.4) -> None:
        """Let the window paint, and timers go off."""
        end = perf_counter() + seconds
        while perf_counter() < end:
            self.app.processEvents()
            sleep(0.003)

    # Pictures -----------------------------------------------------------------------------

    def take(self, slug: str, sentence: str, widget: QWidget | None = None) -> QImage:
        """A numbered picture of the window (or of a window of its own), and what is to be seen in it."""
        self.settle()
        self.count += 1
        file = f"{self.name}-{self.count:02}-{slug}-{self.theme}.png"
        picture = (widget or self.window).grab().toImage()
        picture.save(str(self.out / file))
        self._tell(f"{file}: {sentence}")
        return picture

    def check(self, so: object, sentence: str) -> None:
        """A fact of this tour: told where it is so, and the end of the tour where it is not."""
        if not so:
            self.take("failed", f"NOT SO: {sentence}")
            raise AssertionError(f"{self.name}: expected that {sentence}")
        self._tell(f"  checked: {sentence}")

    def _tell(self, line: str) -> None:
        print(line, flush=True)
        print(line, file=self._log, flush=True)

    # A person's hands ---------------------------------------------------------------------

    @property
    def canvas(self) -> Any:
        return self.window.workbench().canvas

    def open_gallery(self, name: str) -> None:
        """A project of the gallery, its shapes known, its panels there, the whole drawing in sight."""
        window = self.window
        window.files.open_template(name)
        self.wait(lambda: window.session.report.nodes, what="shapes")
        self.wait(lambda: window.workbench().training is not None, what="panels")
        self.settle()
        self.canvas.setFocus()
        self.press("F")

    def press(self, *keys: str, on: QWidget | None = None) -> None:
        """Press keys in turn, each as "Ctrl+L", on the widget that has the focus, or the canvas."""
        for key in keys:
            widget = on or QApplication.focusWidget() or self.canvas
            if widget.window() is self.window and not self.window.isActiveWindow():
                self.window.activateWindow()  # a window of a card had the keyboard
                self.settle(0.1)
            QTest.keySequence(widget, QKeySequence(key))
            self.settle(0.05)

    def type(self, text: str, on: QWidget | None = None) -> None:
        QTest.keyClicks(on or QApplication.focusWidget(), text)
        self.settle(0.05)

    def click(self, widget: QWidget, at: QPointF | QPoint | None = None, *, double: bool = False) -> None:
        """Click a widget in its middle, or at a point of it."""
        place = at.toPoint() if isinstance(at, QPointF) else at or widget.rect().center()
        QTest.mouseMove(widget, place)
        (QTest.mouseDClick if double else QTest.mouseClick)(widget, _LEFT, pos=place)
        self.settle(0.1)

    def hover(self, widget: QWidget, at: QPointF | QPoint) -> None:
        """Move the mouse there; by the window, which may reach beyond the offscreen display."""
        place = at.toPoint() if isinstance(at, QPointF) else at
        window = widget.window()
        for point in (place + QPoint(1, 1), place):
            QTest.mouseMove(window.windowHandle(), widget.mapTo(window, point))
            self.app.processEvents()
        self.settle(0.2)

    def drag(self, widget: QWidget, way: Iterable[QPoint]) -> None:
        """Press at the first point, move through the others, let go at the last."""
        first, *others = way
        QTest.mousePress(widget, _LEFT, pos=first)
        for point in others:
            QTest.mouseMove(widget, point)
            self.settle(0.02)
        QTest.mouseRelease(widget, _LEFT, pos=others[-1] if others else first)
        self.settle(0.1)

    def node_at(self, name: str) -> QPoint:
        """The middle of a node of the graph on show, in the canvas."""
        place: QPoint = self.canvas.mapFromScene(self.canvas.drawing.nodes[name].rect.center())
        return place

    def select(self, name: str) -> None:
        """Click a node."""
        self.click(self.canvas.viewport(), self.node_at(name))
        assert self.window.session.selection == {name}, f"the click did not select {name}"

    def look(self, name: str, words: str) -> LensCard:
        """Click a node, press L, type words of a lens' title, Enter; its card in the Lenses panel."""
        self.select(name)
        self.canvas.setFocus()
        self.press("L", on=self.canvas)
        box = self.canvas.looking.box
        assert box is not None, f"no list of lenses at {name}"
        self.type(words, on=box.field)
        assert box.kinds, f"no lens of {name} has the words {words}"
        kind = box.kinds[0]
        self.press("Return", on=box.field)
        self.settle()
        target = self.window.session.path_of(name)
        return next(card for card in self.lenses.cards if (card.pin.kind, card.pin.target) == (kind, target))

    @property
    def lenses(self) -> LensCardsPanel:
        from app.lens_cards.panel import LensCardsDeclaration

        panel = self.window.workbench().made(LensCardsDeclaration)
        assert panel is not None
        return panel

    def shown(self, card: LensCard, longest: float = 60.0) -> None:
        """Wait until a card shows a picture, and bring it into sight."""
        self.lenses.reveal(card.pin)
        self.wait(lambda: card.frame is not None, longest, f"{card.pin.kind} of {card.pin.target}")

    @property
    def try_it(self) -> PinStrip:
        """The strip of the page "Try it", which is on show."""
        from app.lens_pins.panel import PinsDeclaration

        panel = self.window.workbench().made(PinsDeclaration)
        assert panel is not None
        return panel.strip

    # Training -----------------------------------------------------------------------------

    @property
    def step(self) -> int:
        progress = self.window.controller.progress
        return progress.step if progress is not None else 0

    def train(self, until: Callable[[], object], longest: float = 240.0) -> None:
        """Play by the key, and let the run go until something is so."""
        self.canvas.setFocus()
        self.press("Ctrl+Return", on=self.canvas)
        self.wait(until, longest, "training")

    def pause(self) -> None:
        self.canvas.setFocus()
        self.press("Ctrl+.", on=self.canvas)
        controller = self.window.controller
        self.wait(lambda: controller.state in ("paused", "finished"), what="the run to pause")
        self.settle(1.0)

    def close(self) -> None:
        """End the run and the window without a question."""
        self.window.controller.shutdown()
        self.window.files.close()
        self.window.close()
        self._log.close()
