"""The tabs in the top bar use the room beside them, and scroll only where it does not suffice."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from app.canvas.editing import definition_edits


def scrollers(window) -> list[QToolButton]:
    buttons = window.topbar.tabs.bar.findChildren(QToolButton)
    return [button for button in buttons if "Scroll" in button.objectName() and button.isVisible()]


@pytest.mark.parametrize("name", ["dcgan-fashion", "cyclegan-digits"])
def test_all_tabs_of_a_project_show_at_once_where_there_is_room(window, name) -> None:
    window.resize(1600, 900)
    window.files.open_template("lenet5-fashion")
    QApplication.processEvents()
    window.files.open_template(name)
    bar = window.topbar.tabs.bar
    for _ in range(3):
        assert scrollers(window) == []
        area = bar.rect()
        assert all(QRect.contains(area, bar.tabRect(at)) for at in range(bar.count()))
        QApplication.processEvents()


def test_tabs_without_room_scroll_by_buttons_of_the_product(window) -> None:
    window.resize(1100, 800)
    window.files.open_template("cyclegan-digits")
    for _ in range(8):
        definition_edits.new_definition(window.session)
    QApplication.processEvents()
    bar, (left, right) = window.topbar.tabs.bar, scrollers(window)
    for button in (left, right):
        assert button.arrowType() == Qt.ArrowType.NoArrow
        assert not button.icon().isNull()
        assert button.toolTip()
    free = window.topbar.play.x() - window.topbar.tabs.geometry().right()
    assert free < 40, "no room is left unused"
    before = bar.tabRect(bar.count() - 1).x()
    QTest.mouseClick(left, Qt.MouseButton.LeftButton)
    assert bar.tabRect(bar.count() - 1).x() > before
