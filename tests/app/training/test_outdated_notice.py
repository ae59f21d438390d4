"""The notice of an older drawing is readable in narrow places too."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.state.run_controller import RunController
from app.training.outdated_notice import OutdatedNotice


@pytest.mark.parametrize(("width", "rows"), [(230, 3), (300, 2), (800, 1)])
def test_its_words_are_whole_at_every_width(controller: RunController, qtbot, width: int, rows: int) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    column = QVBoxLayout(holder)
    notice = OutdatedNotice(controller.drawing)
    column.addWidget(notice)
    column.addStretch(1)
    holder.resize(width, 200)
    holder.show()
    controller.state = "running"
    notice.show_for(True)
    qtbot.waitUntil(notice.isVisible)
    qtbot.waitUntil(lambda: notice.height() >= notice.heightForWidth(notice.width()))
    words = (notice.text, notice.restart, notice.show_drawing)
    assert all(each.isVisible() for each in words)
    assert all(each.width() >= each.sizeHint().width() for each in words)
    assert all(notice.rect().contains(each.geometry()) for each in words)
    assert len({each.geometry().center().y() for each in words}) == rows
