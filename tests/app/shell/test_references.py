"""None and True must not lose references by painting or by signals: some releases of PySide6 abort so."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

TIMES = 10_000


class Painted(QWidget):
    paints = 0

    def paintEvent(self, event):
        painter = QPainter(self)
        painter.drawLine(0, 0, 4, 4)
        painter.end()
        self.paints += 1


class Talker(QObject):
    said = Signal(object)
    nothing = Signal()


def test_paints_and_signals_keep_the_references_of_none_and_true(qtbot):
    widget, talker = Painted(), Talker()
    widget.resize(8, 8)
    qtbot.addWidget(widget)
    heard = []
    talker.said.connect(lambda value: heard.append(value is None) if len(heard) < 3 else None)
    talker.nothing.connect(lambda: None)
    target = QImage(8, 8, QImage.Format.Format_ARGB32)
    before = sys.getrefcount(None), sys.getrefcount(True)
    for _ in range(TIMES):
        widget.render(target)
        talker.said.emit(None)
        talker.nothing.emit()
        widget.isVisible()
    after = sys.getrefcount(None), sys.getrefcount(True)
    assert widget.paints == TIMES
    assert heard == [True] * 3
    assert after[0] >= before[0] - 500, "None lost references"
    assert after[1] >= before[1] - 500, "True lost references"
