"""A hand that knows nothing: random clicks, drags, wheels and keys all over the window while a run is going.

Nothing is raised, Qt warns of nothing, the window goes on answering, and all that was edited can be undone.
"""

from __future__ import annotations

import os
import random

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from app.palette.palette import Palette
from app.widgets import dialogs
from engine.document.storage.file import to_bytes

ACTS = int(os.environ.get("LAYERLOOM_MONKEY_ACTS", "100"))
"""A sample; the heavy form is `python -m tests.proofs monkey`."""
SEEDS = range(1, 1 + int(os.environ.get("LAYERLOOM_MONKEY_SEEDS", "1")))
_K, _M = Qt.Key, Qt.KeyboardModifier
KEYS = (
    *((key, _M.NoModifier) for key in (_K.Key_Delete, _K.Key_Tab, _K.Key_Escape, _K.Key_Return, _K.Key_F2)),
    *((key, _M.NoModifier) for key in (_K.Key_Left, _K.Key_Down, _K.Key_1, _K.Key_A, _K.Key_F10, _K.Key_F8)),
    *((key, _M.ControlModifier) for key in (_K.Key_Z, _K.Key_Y, _K.Key_A, _K.Key_C, _K.Key_V, _K.Key_D)),
    *((key, _M.ControlModifier) for key in (_K.Key_K, _K.Key_B, _K.Key_M, _K.Key_Return, _K.Key_Period)),
    *((key, _M.ControlModifier | _M.AltModifier) for key in (_K.Key_G, _K.Key_N, _K.Key_L, _K.Key_D)),
)


def target(window: QWidget, hand: random.Random) -> tuple[QWidget, QPoint] | None:
    """A place in the window, or in the list that hangs open over it."""
    home = QApplication.activePopupWidget() or window
    at = QPoint(hand.randrange(home.width()), hand.randrange(home.height()))
    found = home.childAt(at) or home
    part: QWidget | None = found
    while part is not None and not isinstance(part, Palette):
        part = part.parentWidget()
    # a drag out of the palette runs a loop of its own that only a real pointer ends
    return None if isinstance(part, Palette) else (found, found.mapFrom(home, at))


def act(window: QWidget, hand: random.Random) -> None:
    kind, place = hand.random(), target(window, hand)
    if kind > 0.6 or place is None:
        key, modifiers = hand.choice(KEYS)
        QTest.keyPress(QApplication.focusWidget() or window, key, modifiers)
        return
    widget, at = place
    if kind < 0.25:
        QTest.mousePress(widget, hand.choice([Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton]), pos=at)
    elif kind < 0.3:
        QTest.mouseDClick(widget, Qt.MouseButton.LeftButton, pos=at)
    elif kind < 0.5:
        QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=at)
        for share in (1, 2, 3):
            shift = QPoint(hand.randint(-300, 300), hand.randint(-200, 200)) * share / 3
            QTest.mouseMove(widget, at + shift)
    else:
        turn = QPoint(0, hand.choice([-120, 120, 240]))
        where, none = QPointF(at), Qt.MouseButton.NoButton
        keys = hand.choice([_M.NoModifier, _M.ControlModifier])
        on_screen, phase = QPointF(widget.mapToGlobal(at)), Qt.ScrollPhase.NoScrollPhase
        wheel = QWheelEvent(where, on_screen, QPoint(), turn, none, keys, phase, False)
        QApplication.sendEvent(widget, wheel)
        return
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=at)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_that_a_hand_does_upsets_the_window(lenet, qtbot, monkeypatch, seed):
    monkeypatch.setattr(dialogs, "ask", lambda *_: "cancel")
    monkeypatch.setattr(dialogs, "ask_text", lambda *_: "")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    monkeypatch.setattr(dialogs.Dialog, "exec", lambda *_: 0)
    session, first = lenet.session, to_bytes(lenet.session.project)
    lenet.controller.play()
    hand = random.Random(seed)
    for number in range(ACTS):
        act(lenet, hand)
        if number % 5 == 0:
            qtbot.wait(1)
    while QApplication.activePopupWidget() is not None:
        QApplication.activePopupWidget().close()
    lenet.controller.stop()
    qtbot.waitUntil(lambda: not lenet.controller.is_active, timeout=10_000)
    while session.undo_label is not None:
        session.undo()
    assert to_bytes(session.project) == first
    assert lenet.isVisible()
