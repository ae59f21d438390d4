"""The tabs of definitions, by mouse and keys: opened, named, moved, closed; where one looks in each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTabBar

from app.canvas.editing import definition_edits
from app.canvas.tabs import GraphTabs
from app.canvas.view import CanvasView
from app.state.session import Session, View
from engine.document.project import MAIN
from tests.app.canvas.conftest import LEFT, MIDDLE, NO_KEY, name_it

_K = Qt.Key


@pytest.fixture
def tabs(session: Session, qapp: QApplication) -> Iterator[GraphTabs]:
    tabs = GraphTabs(session)
    tabs.resize(640, 34)
    tabs.show()
    tabs.activateWindow()
    QApplication.processEvents()
    yield tabs
    tabs.close()
    tabs.deleteLater()


def shown(tabs: GraphTabs) -> list[str]:
    return [tabs.bar.tabText(at) for at in range(tabs.bar.count())]


def on_tab(tabs: GraphTabs, name: str) -> QPoint:
    rect = tabs.bar.tabRect(tabs.bar.index_of(name))
    return QPoint(rect.left() + 22, rect.center().y())


def test_every_definition_has_a_tab_that_shows_it(gan: Session, tabs: GraphTabs) -> None:
    assert shown(tabs) == ["Main", "maker", "judge"]
    QTest.mouseClick(tabs.bar, LEFT, NO_KEY, on_tab(tabs, "judge"))
    assert gan.view == View("judge", "real")
    assert "one set of weights" in tabs.bar.tabToolTip(2)
    QTest.mouseClick(tabs.bar, LEFT, NO_KEY, on_tab(tabs, MAIN))
    assert gan.view == View()


def test_a_tab_comes_back_to_where_it_was_entered(gan: Session, view: CanvasView, tabs: GraphTabs) -> None:
    view.editor.enter("fake")
    QTest.mouseClick(tabs.bar, LEFT, NO_KEY, on_tab(tabs, MAIN))
    QTest.mouseClick(tabs.bar, LEFT, NO_KEY, on_tab(tabs, "judge"))
    assert gan.view == View("judge", "fake")


def test_tabs_close_by_their_sign_and_by_the_middle_button_and_open_again(
    gan: Session, tabs: GraphTabs
) -> None:
    gan.show_tab("judge")
    closer = tabs.bar.tabButton(tabs.bar.index_of("judge"), QTabBar.ButtonPosition.RightSide)
    QTest.mouseClick(closer, LEFT)
    assert shown(tabs) == ["Main", "maker"]
    assert gan.view.graph == "maker"
    QTest.mouseClick(tabs.bar, MIDDLE, NO_KEY, on_tab(tabs, "maker"))
    QTest.mouseClick(tabs.bar, MIDDLE, NO_KEY, on_tab(tabs, MAIN))
    assert shown(tabs) == ["Main"]
    assert set(gan.project.graphs) == {MAIN, "maker", "judge"}
    opening = tabs.make_menu()
    next(action for action in opening.actions() if action.text() == "Open judge").trigger()
    opening.deleteLater()
    assert shown(tabs) == ["Main", "judge"]
    assert gan.view.graph == "judge"


def test_tabs_are_put_in_another_order_by_dragging_but_main_stays_first(
    gan: Session, tabs: GraphTabs
) -> None:
    start, end = on_tab(tabs, "maker"), on_tab(tabs, "judge") + QPoint(70, 0)
    QTest.mousePress(tabs.bar, LEFT, NO_KEY, start)
    for share in (0.2, 0.4, 0.6, 0.8, 1.0):
        QTest.mouseMove(tabs.bar, start + (end - start) * share)
    QTest.mouseRelease(tabs.bar, LEFT, NO_KEY, end)
    assert gan.open_graphs == (MAIN, "judge", "maker")
    start = on_tab(tabs, MAIN)
    QTest.mousePress(tabs.bar, LEFT, NO_KEY, start)
    for share in (0.2, 0.4, 0.6, 0.8, 1.0):
        QTest.mouseMove(tabs.bar, start + (end - start) * share)
    QTest.mouseRelease(tabs.bar, LEFT, NO_KEY, end)
    QApplication.processEvents()
    assert gan.open_graphs[0] == MAIN
    assert shown(tabs)[0] == "Main"


def test_a_double_click_renames_a_definition_and_undo_keeps_its_tab(gan: Session, tabs: GraphTabs) -> None:
    gan.show_tab("judge")
    QTest.mouseDClick(tabs.bar, LEFT, NO_KEY, on_tab(tabs, "judge"))
    name_it(tabs, "critic")
    assert "critic" in gan.project.graphs
    assert gan.project.main.nodes["judging"].params["updates"] == "critic"
    assert shown(tabs) == ["Main", "maker", "critic"]
    assert gan.view.graph == "critic"
    gan.undo()
    assert shown(tabs) == ["Main", "maker", "judge"]
    assert gan.view.graph == "judge"


def test_a_name_that_cannot_be_is_refused_with_a_sentence(gan: Session, tabs: GraphTabs) -> None:
    said: list[str] = []
    gan.notified.connect(lambda message, _kind: said.append(message))
    before = gan.project
    tabs.rename("judge")
    name_it(tabs, "two words")
    assert gan.project is before
    assert said
    assert said[0].startswith("Expected a name of letters")


def test_plus_offers_an_empty_definition_and_parts_to_start_from(gan: Session, tabs: GraphTabs) -> None:
    QTest.mouseClick(tabs.more, LEFT)
    opened = QApplication.activePopupWidget()
    assert opened is not None
    QTest.keyClick(opened, _K.Key_Return)
    assert gan.view.graph == "Part"
    assert gan.graph.inputs == ("input",)
    offered = tabs.make_menu()
    next(action for action in offered.actions() if action.text() == "DCGAN generator").trigger()
    offered.deleteLater()
    assert gan.view.graph == "Generator"
    assert gan.graph.outputs == ("image",)
    assert shown(tabs)[-2:] == ["Part", "Generator"]
    gan.undo()
    assert "Generator" not in gan.project.graphs
    assert "Generator" not in shown(tabs)


def test_the_menu_of_a_tab_duplicates_and_deletes(gan: Session, tabs: GraphTabs) -> None:
    offered = tabs.tab_menu("judge")
    by_text = {action.text().partition("\t")[0]: action for action in offered.actions()}
    assert not by_text["Delete definition"].isEnabled()  # it is placed
    by_text["Duplicate definition"].trigger()
    offered.deleteLater()
    assert gan.view.graph == "judge2"
    copy = tabs.tab_menu("judge2")
    next(action for action in copy.actions() if action.text().startswith("Delete")).trigger()
    copy.deleteLater()
    assert "judge2" not in gan.project.graphs
    assert gan.view.graph in gan.project.graphs


def looked_at(view: CanvasView) -> tuple[float, float, float]:
    middle = view.mapToScene(view.viewport().rect().center())
    return round(view.camera.zoom, 3), round(middle.x()), round(middle.y())


def test_a_tab_is_looked_at_as_it_was_left(gan: Session, view: CanvasView) -> None:
    view.camera.reset()
    view.camera.zoom_to(1.5)
    view.camera.centre(QPointF(300.0, 40.0))
    main = looked_at(view)
    gan.show_tab("judge")
    assert looked_at(view) != main, "what is seen for the first time is seen whole"
    view.camera.zoom_to(0.8)
    judge = looked_at(view)
    gan.show_tab(MAIN)
    assert looked_at(view) == main
    gan.show_tab("judge")
    assert looked_at(view) == judge
    definition_edits.rename(gan, "judge", "critic")
    assert looked_at(view) == judge, "another name is no reason to look elsewhere"
    gan.undo()
    assert looked_at(view) == judge
