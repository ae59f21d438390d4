"""The process with the window: `python -m tests.hostile.window.process WAY PATH` prints an answer as JSON.

It opens the path as a person does, looks at what the window says, edits, hovers, opens the problems, then
opens a project of the gallery and closes; a timer of the window's thread tells how long it stood still.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QToolTip

from app.canvas.tooltips import tooltip_at
from app.canvas.view import CanvasView
from app.shell.startup import UnexpectedErrors, make_application
from app.shell.window import Window
from app.state import settings
from app.state.appearance import Appearance
from app.widgets.dialogs import Dialog

WAYS = ("open", "drop", "recent")
SETTLED = 1.5
"""Seconds without a new report or sentence after which the window has said what it has to say."""
LONGEST = 12.0


@dataclass
class Answer:
    """What the window did. Seconds are of the wall; `block` is the longest stand-still of its thread."""

    block: float = 0.0
    where: str = ""
    blocks: dict[str, float] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    problems: int = 0
    first_problem: str = ""
    closing: float = 0.0
    next_is_inferred: bool = False
    mistakes: list[str] = field(default_factory=list)


def _waited_for_the_machine() -> float:
    """Seconds in which this thread could have run and other programs had the machine (Linux; else 0)."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


class Pulse:
    """Beats in the thread of the window; a watching thread notes where it stands still."""

    def __init__(self) -> None:
        self.longest, self.where, self.doing = 0.0, "", "start"
        self.blocks: dict[str, float] = {}
        self._last, self._waited = time.monotonic(), _waited_for_the_machine()
        self._stack = ""
        self._timer = QTimer(interval=10)
        self._timer.timeout.connect(self.beat)
        self._timer.start()
        self._main = threading.main_thread().ident
        threading.Thread(target=self._watch, daemon=True).start()

    def beat(self) -> None:
        now, waited = time.monotonic(), _waited_for_the_machine()
        gap = max(0.0, now - self._last - (waited - self._waited))
        self.blocks[self.doing] = max(self.blocks.get(self.doing, 0.0), round(gap, 2))
        if gap > self.longest:
            self.longest, self.where = gap, f"{self.doing}: {self._stack}"
        self._last, self._waited, self._stack = now, waited, ""

    def stop(self) -> None:
        self.beat()
        self._timer.stop()

    def _watch(self) -> None:
        while True:
            time.sleep(0.05)
            if time.monotonic() - self._last > 0.15:
                frame, names = sys._current_frames().get(self._main or 0), []
                while frame is not None and len(names) < 8:
                    names.append(f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_name}")
                    frame = frame.f_back
                self._stack = " < ".join(names)


def main(way: str, path: Path) -> Answer:
    """Ask, and leave the window closed."""
    answer, app = Answer(), make_application()
    _listen(answer)
    window = Window(Appearance(app))
    window.resize(1440, 900)
    window.show()
    UnexpectedErrors(window).install()
    window.session.notified.connect(lambda text, _kind: answer.said.append(text))
    ready: list[bool] = []
    window.inference.engine_ready.connect(lambda: ready.append(True))
    _until(lambda: bool(ready), 60)
    pulse = Pulse()
    for what, act in (
        ("opening", lambda: _open(window, way, path)),
        ("editing", lambda: _edit(window)),
        ("looking", lambda: _look(window)),
    ):
        pulse.doing = what
        act()
        _settle(window, answer)
    report = window.session.report
    answer.problems = len(report.problems)
    answer.first_problem = report.problems[0].message if report.problems else ""
    pulse.doing = "opening the next"
    window.files.open_template("lenet5-fashion")
    answer.next_is_inferred = _until(lambda: window.session.report.parameters == 61_706, 20)
    pulse.stop()
    answer.block, answer.where, answer.blocks = round(pulse.longest, 2), pulse.where, pulse.blocks
    started = time.monotonic()
    window.close()
    answer.closing = round(time.monotonic() - started, 2)
    return answer


def _listen(answer: Answer) -> None:
    """Dialogs are noted and closed; errors that nobody caught are mistakes."""

    def note(dialog: Dialog) -> int:
        details = [box.toPlainText() for box in dialog.findChildren(QPlainTextEdit)]
        answer.said.append("\n".join((dialog.windowTitle(), dialog.words.text(), *details)))
        return 0

    Dialog.exec = note  # type: ignore[method-assign]
    sys.__excepthook__ = lambda kind, error, _trace: answer.mistakes.append(f"{kind.__name__}: {error}")
    threading.__excepthook__ = lambda args: answer.mistakes.append(  # type: ignore[misc]
        f"{args.exc_type.__name__}: {args.exc_value}"
    )


def _open(window: Window, way: str, path: Path) -> None:
    if way == "open":
        window.files.open_path(path)
    elif way == "recent":
        settings.settings().setValue("recent", [str(path)])
        window.show_gallery()
        window._fill_recent()
        for action in window.recent_menu.actions():
            if action.isEnabled():
                action.trigger()
    else:
        carried = QMimeData()
        carried.setUrls([QUrl.fromLocalFile(str(path))])
        held = (carried, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        entering = QDragEnterEvent(QPoint(400, 400), Qt.DropAction.CopyAction, *held)
        QApplication.sendEvent(window, entering)
        dropping = QDropEvent(QPointF(400, 400), Qt.DropAction.CopyAction, *held, QEvent.Type.Drop)
        QApplication.sendEvent(window, dropping)


def _edit(window: Window) -> None:
    """Change a parameter of a data node, if there is one, and back."""
    from engine.document import edits
    from engine.document.project import MAIN

    session = window.session
    node = next((node for node in session.project.main.nodes.values() if node.layer == "data"), None)
    if node is not None:
        session.attempt(lambda project: edits.set_param(project, MAIN, node.id, "samples", 77), "Set samples")
        QApplication.processEvents()
        session.undo()


def _look(window: Window) -> None:
    """Rest the mouse on the first nodes, select one, and open the problems."""
    for view in window.findChildren(CanvasView):
        for item in list(view.drawing.nodes.values())[:5]:
            box = item.box
            at = QPointF((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
            QToolTip.showText(QPoint(100, 100), tooltip_at(view.drawing, at), view)
            QApplication.processEvents()
    node = next(iter(window.session.project.main.nodes), None)
    if node is not None and window.shows_drawing:
        window.session.select({node})
        QApplication.processEvents()
        window.open_problems()


def _settle(window: Window, answer: Answer) -> None:
    """Until nothing new has been said and found for a while."""
    state: list[object] = []
    since = started = time.monotonic()

    def is_settled() -> bool:
        nonlocal state, since
        now: list[object] = [len(answer.said), id(window.session.report), id(window.session.project)]
        if now != state:
            state, since = now, time.monotonic()
        return time.monotonic() - since > SETTLED

    _until(is_settled, LONGEST - (time.monotonic() - started))


def _until(so: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not so():
        if time.monotonic() > end:
            return False
        QApplication.processEvents()
        time.sleep(0.003)
    return True


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(main(sys.argv[1], Path(sys.argv[2])))) + "\n")
    sys.stdout.flush()
    os._exit(0)
