"""The window as a person uses it: panels, menus, search, problems, themes, narrow windows."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtWidgets import QLineEdit, QMenu, QPushButton, QWidget
from shiboken6 import delete

from app.commands.action_list import actions
from app.commands.command_palette import CommandPalette
from app.problems.problems import ProblemsPopover
from app.shell.toast import Toast
from app.state import settings
from app.state.actions import ACTIONS
from app.style import theme
from engine.document import edits
from engine.document.project import MAIN
from engine.messages.events import FRESH


def click(qtbot, widget) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def break_it(window) -> None:
    """A kernel larger than its image."""
    project = window.session.project
    conv = next(node for node in project.main.nodes.values() if node.layer == "conv2d")
    window.session.apply(edits.set_param(project, MAIN, conv.id, "kernel_size", 200), "Set kernel size")


def test_every_action_stands_in_a_menu(window):
    whole = window.topbar.menu_button.menu()
    found = set()

    def walk(menu: QMenu) -> None:
        for action in menu.actions():
            found.add(action.objectName())
            if action.menu() is not None:
                walk(action.menu())

    walk(whole)
    assert {action.id for action in actions()} <= found


def test_another_project_shows_no_pictures_of_the_last_one(lenet, qtbot):
    nodes = lenet.workbench().canvas.drawing.nodes
    click(qtbot, lenet.topbar.play)

    def seen_at() -> int | None:
        """The step of the picture of conv1."""
        frame = lenet.controller.drawing.seen(nodes["conv1"].card.lens, "conv1").frame
        return None if frame is None else frame.step

    qtbot.waitUntil(lambda: (seen_at() or 0) > 0, timeout=20_000)
    lenet.controller.shutdown()
    lenet.files.open_template("lenet5-fashion")
    qtbot.wait(100)
    assert nodes["conv1"].sheet is None or seen_at() == FRESH, "the weights of nobody's run"


def test_a_list_that_goes_gives_the_keys_to_nobody_who_is_gone(lenet, qtbot):
    """The field that had the keys is gone when the list closes: the inspector shows another node by then."""
    lenet.session.select(frozenset({"conv1"}))
    qtbot.waitUntil(lambda: bool(lenet.workbench().inspector.findChildren(QLineEdit)))
    field = next(field for field in lenet.workbench().inspector.findChildren(QLineEdit) if field.isVisible())
    click(qtbot, field)
    qtbot.keyClick(lenet, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = lenet.findChild(CommandPalette)
    qtbot.waitUntil(palette.isVisible)
    delete(field)
    qtbot.mouseClick(lenet.workbench().canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, 400))
    assert not palette.isVisible()


def test_undo_says_what_it_takes_back(lenet, qtbot):
    node = next(iter(lenet.session.graph.nodes))
    lenet.session.apply(edits.remove_nodes(lenet.session.project, MAIN, [node]), "Delete Data set")
    qtbot.waitUntil(lambda: lenet.actions_["undo"].text() == "Undo delete Data set")
    qtbot.keyClick(lenet, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert node in lenet.session.graph.nodes
    qtbot.waitUntil(lambda: lenet.actions_["redo"].text() == "Redo delete Data set")
    assert not lenet.actions_["undo"].isEnabled()
    qtbot.keyClick(lenet, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert node not in lenet.session.graph.nodes


def test_keys_hide_and_show_the_panels(lenet, qtbot):
    for name, key in (("palette", Qt.Key.Key_1), ("inspector", Qt.Key.Key_2), ("training", Qt.Key.Key_3)):
        dock = lenet.workbench().docks[name]
        assert dock.isVisible()
        qtbot.keyClick(lenet, key, Qt.KeyboardModifier.ControlModifier)
        assert not dock.isVisible()
        qtbot.keyClick(lenet, key, Qt.KeyboardModifier.ControlModifier)
        assert dock.isVisible()


def test_panels_have_the_widths_of_the_design_and_keep_them(lenet, qtbot):
    docks = lenet.workbench().docks
    sizes = docks["palette"].width(), docks["inspector"].width(), docks["training"].height()
    assert sizes == (208, 300, 272)
    lenet.resize(1000, 700)
    qtbot.wait(20)
    lenet.resize(1440, 900)
    qtbot.wait(20)
    assert sizes == (docks["palette"].width(), docks["inspector"].width(), docks["training"].height())


def test_a_panel_floats_and_comes_back(lenet, qtbot):
    lenet.commands.view.float_panel("inspector")
    dock = lenet.workbench().docks["inspector"]
    assert dock.isFloating()
    assert dock.titleBarWidget().isVisible()
    lenet.commands.view.float_panel("inspector")
    assert not dock.isFloating()
    assert dock.isVisible()


def test_the_layout_is_remembered(lenet, qtbot, qapp):
    from app.shell.workbench import Workbench

    lenet.commands.view.toggle_panel("training")
    lenet.workbench().remember()
    again = Workbench(lenet.session, lenet.controller, lenet.run_list)
    qtbot.addWidget(again)
    again.resize(1440, 800)
    again.show()
    assert not again.docks["training"].isVisible()
    assert again.docks["palette"].isVisible()


def test_in_a_narrow_window_the_inspector_lies_over_the_canvas(lenet, qtbot):
    bench = lenet.workbench()
    lenet.resize(1000, 700)
    qtbot.waitUntil(lambda: bench.is_narrow)
    assert not bench.inspector.isVisible()
    lenet.session.select(frozenset({next(iter(lenet.session.graph.nodes))}))
    assert bench.inspector.isVisible()
    over = bench.inspector.mapTo(bench, QPoint(0, 0)).x()
    assert bench.canvas.geometry().left() < over < bench.canvas.geometry().right()
    bench.canvas.camera.fit()
    content = bench.canvas.mapFromScene(bench.canvas.drawing.hit_testing.content_rect()).boundingRect()
    assert content.right() < bench.canvas.mapFrom(bench, QPoint(over, 0)).x()
    lenet.resize(1440, 900)
    qtbot.waitUntil(lambda: not bench.is_narrow)
    assert bench.docks["inspector"].widget() is bench.inspector
    assert bench.inspector.isVisible()


def test_the_theme_changes_at_once_and_is_remembered(window, qtbot):
    before = window.grab().toImage().pixelColor(700, 600)
    window.commands.view.choose_theme("light")
    assert theme.current().name == "light"
    after = window.grab().toImage().pixelColor(700, 600)
    assert after.lightness() > before.lightness() + 100
    assert settings.text("theme") == "light"
    window.commands.view.choose_theme("dark")


def test_search_runs_an_action(lenet, qtbot):
    qtbot.keyClick(lenet, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = lenet.findChild(CommandPalette)
    assert palette.isVisible()
    qtbot.keyClicks(palette.line, "light theme")
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert theme.current().name == "light"
    assert not palette.isVisible()
    lenet.commands.view.choose_theme("dark")


def test_search_adds_a_layer_and_goes_to_a_node(lenet, qtbot):
    lenet.commands.view.command_palette()
    palette = lenet.findChild(CommandPalette)
    count = len(lenet.session.graph.nodes)
    qtbot.keyClicks(palette.line, "add dropout")
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert len(lenet.session.graph.nodes) == count + 1
    lenet.commands.view.command_palette()
    qtbot.keyClicks(palette.line, "go to conv1")
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert lenet.session.selection == {"conv1"}


def test_escape_closes_the_search(lenet, qtbot):
    lenet.commands.view.command_palette()
    palette = lenet.findChild(CommandPalette)
    qtbot.keyClick(palette.line, Qt.Key.Key_Escape)
    assert not palette.isVisible()


def test_a_problem_is_listed_shown_and_fixed(lenet, qtbot):
    chip = lenet.topbar.problems
    assert not chip.isVisible()
    break_it(lenet)
    qtbot.waitUntil(chip.isVisible, timeout=5_000)
    assert "problem" in chip.text()
    click(qtbot, chip)
    popover = lenet.findChild(ProblemsPopover)
    assert popover.isVisible()
    row = popover.list.rows[0]
    click(qtbot, row)
    assert lenet.session.selection == {row.problem.node}
    lenet.session.undo()
    qtbot.waitUntil(lambda: not chip.isVisible(), timeout=5_000)
    assert not popover.list.rows


def test_a_fix_is_one_undoable_click(lenet, qtbot):
    session = lenet.session
    wire = next(wire for wire in session.project.main.wires if wire.target.node == "linear1")
    session.apply(edits.disconnect(session.project, MAIN, wire), "Remove wire")
    qtbot.waitUntil(lambda: bool(session.report.errors), timeout=5_000)
    lenet.commands.training.problems()
    popover = lenet.findChild(ProblemsPopover)
    rows = [row for row in popover.list.rows if row.problem.fixes]
    assert rows
    before = session.project
    click(qtbot, rows[0].findChild(QPushButton))
    assert session.project is not before
    qtbot.waitUntil(lambda: not session.report.errors, timeout=5_000)
    session.undo()
    assert session.project is before


def test_play_with_errors_shows_them_instead(lenet, qtbot):
    break_it(lenet)
    qtbot.waitUntil(lambda: bool(lenet.session.report.errors), timeout=5_000)
    click(qtbot, lenet.topbar.play)
    assert lenet.controller.state == "idle"
    assert lenet.findChild(ProblemsPopover).isVisible()
    assert lenet.toasts.messages


def test_play_pause_resume_stop_from_the_bar(lenet, qtbot):
    bar = lenet.topbar
    click(qtbot, bar.play)
    assert bar.play.text() == "Pause"
    qtbot.waitUntil(lambda: bool(lenet.controller.losses), timeout=20_000)
    click(qtbot, bar.play)
    qtbot.waitUntil(lambda: bar.play.text() == "Resume", timeout=5_000)
    click(qtbot, bar.step)
    click(qtbot, bar.play)
    qtbot.waitUntil(lambda: bar.play.text() == "Pause", timeout=5_000)
    click(qtbot, bar.stop)
    qtbot.waitUntil(lambda: bar.play.text() == "Play", timeout=5_000)
    assert not bar.stop.isEnabled()


def test_the_first_loss_is_there_within_a_third_of_a_second(lenet, qtbot):
    """With the engine loaded; the bound leaves room for a machine that does other things too."""
    from time import perf_counter

    begin = perf_counter()
    click(qtbot, lenet.topbar.play)
    qtbot.waitUntil(lambda: bool(lenet.controller.losses), timeout=20_000)
    assert perf_counter() - begin < 3.0


def test_toasts_tell_and_go(window, qtbot):
    window.session.notify("Saved a.loom", "good")
    assert window.toasts.isVisible()
    assert window.toasts.messages == ["Saved a.loom"]
    window.session.notify("Saved a.loom", "good")
    assert window.toasts.messages == ["Saved a.loom"]
    click(qtbot, window.toasts.findChild(Toast))
    qtbot.waitUntil(lambda: not window.toasts.messages, timeout=2_000)
    qtbot.waitUntil(lambda: not window.toasts.isVisible(), timeout=2_000)


@pytest.mark.parametrize("action", [a for a in ACTIONS if "drawing" in a.when and "selection" in a.when])
def test_what_needs_a_selection_cannot_be_done_without(lenet, qtbot, action):
    lenet.session.select(frozenset())
    lenet.actions_.refresh()
    assert not lenet.actions_[action.id].isEnabled()


def test_the_gallery_offers_the_way_back(lenet, qtbot):
    lenet.commands.file.gallery()
    assert window_shows_gallery(lenet)
    click(qtbot, lenet.gallery.back)
    assert lenet.shows_drawing
    assert lenet.session.project.name == "lenet5-fashion"


def window_shows_gallery(window) -> bool:
    return window.gallery.isVisible() and not window.shows_drawing


def test_no_other_window_flashes_up_while_a_drawing_opens(window, qtbot, qapp):
    """A widget that is shown before it has a parent is a window for a moment, and takes the keyboard."""
    shown = []

    class Watch(QObject):
        def eventFilter(self, watched, event):
            if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
                shown.append(type(watched).__name__)
            return False

    watch = Watch()
    qapp.installEventFilter(watch)
    window.files.open_template("lenet5-fashion")
    qtbot.waitUntil(lambda: window.workbench().training is not None, timeout=10_000)
    window.session.select(frozenset({"conv1"}))
    qtbot.wait(50)
    qapp.removeEventFilter(watch)
    assert shown == []
    assert window.isActiveWindow()


def test_a_step_through_a_broken_drawing_shows_its_problems(lenet, qtbot):
    break_it(lenet)
    qtbot.waitUntil(lambda: bool(lenet.session.report.errors), timeout=10_000)
    click(qtbot, lenet.topbar.step)
    assert lenet.findChild(ProblemsPopover).isVisible()
    assert lenet.controller.state == "idle"


def test_what_is_told_while_a_project_opens_stands_in_the_drawing(window, qtbot):
    """At a start with a file the sentence comes before the panels have their places."""
    window.workbench()
    window.show_drawing()
    window.session.notify("spiral.loom is open in another Layerloom.", "warn")
    toast = window.findChild(Toast)
    qtbot.waitUntil(lambda: window.workbench().training is not None, timeout=10_000)
    canvas = window.workbench().canvas

    def stands_in_the_canvas() -> bool:
        at = canvas.mapFromGlobal(toast.mapToGlobal(QPoint(0, 0)))
        return canvas.rect().contains(QRect(at, toast.size()))

    qtbot.waitUntil(stands_in_the_canvas, timeout=3_000)
