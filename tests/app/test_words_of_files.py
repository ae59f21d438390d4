"""Words of files are shown as they are: no markup of theirs is read, and no file that it names is opened."""

from __future__ import annotations

import ast
import ctypes
import ctypes.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QToolTip, QWidget

from app.canvas.tooltips import tooltip_at
from app.problems.problems import ProblemsPopover
from app.state import settings
from app.widgets import dialogs
from app.widgets.menus import Menu
from app.widgets.text import SpanLabel, set_title
from engine.document.project import MAIN, Frame, Graph, Layout, Node, Note, Point, Project
from engine.document.storage.file import save
from tests import ROOT
from tests.drawings import mlp
from tests.stored_runs import noisy, store

MARKUP = "<img src='c.png'> & [*]"
"""Qt reads it as HTML where it may; `c.png` is in the folder in which the test runs."""
ONE_PLACE = {
    "app/widgets/text.py": {"QLabel", "setWindowTitle", "RichText"},
    "app/widgets/menus.py": {"QMenu"},
    "app/widgets/buttons.py": {"QPushButton"},
}
"""Where what Qt would read as markup or as marks of keys is used in the way that shows it as it is."""
FORBIDDEN = {
    *("QLabel", "QMenu", "QPushButton", "QCheckBox", "QRadioButton", "QGroupBox", "setWindowTitle"),
    *("QMessageBox", "QErrorMessage", "QInputDialog", "QWhatsThis", "QTextEdit", "QTextBrowser"),
    *("RichText", "MarkdownText", "AutoText", "setHtml", "insertHtml", "appendHtml", "setMarkdown"),
    *("fromHtml", "TextItem", "LabelItem", "LegendItem", "setWhatsThis", "QGraphicsTextItem"),
}


def used(path: Path) -> set[str]:
    """The names of calls, bases and attributes in a module; those of types alone do not count."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found.add(node.func.id)
        elif isinstance(node, ast.ClassDef):
            found |= {base.id for base in node.bases if isinstance(base, ast.Name)}
    return found


def test_text_that_qt_could_read_as_markup_is_made_in_one_place() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): used(path) & FORBIDDEN for path in (ROOT / "app").rglob("*.py")
    }
    wrong = {name: sorted(names - ONE_PLACE.get(name, set())) for name, names in found.items()}
    assert {name: names for name, names in wrong.items() if names} == {}


class Openings:
    """Counts how often a file is opened or read, by anybody (inotify)."""

    def __init__(self, path: Path) -> None:
        self._libc = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)
        self.handle = self._libc.inotify_init1(os.O_NONBLOCK)
        opened, read = 0x20, 0x1
        assert self._libc.inotify_add_watch(self.handle, os.fsencode(path), opened | read) >= 0

    def count(self) -> int:
        try:
            return len(os.read(self.handle, 1 << 16)) // 16
        except BlockingIOError:
            return 0


@contextmanager
def canary(folder: Path) -> Iterator[Openings]:
    picture = QImage(4, 4, QImage.Format.Format_RGB32)
    picture.fill(0)
    assert picture.save(str(folder / "c.png"))
    openings = Openings(folder / "c.png")
    yield openings
    os.close(openings.handle)


def hostile(folder: Path) -> Path:
    """A project and a run in whose every free word is markup."""
    (folder / MARKUP / "b").mkdir(parents=True)
    nodes = {
        "odd": Node("odd", MARKUP, {"text": MARKUP}),
        "data": Node(
            "data", "data", {"dataset": "csv-file", "path": f"{MARKUP}.csv", "input_columns": MARKUP}
        ),
        "pictures": Node("pictures", "data", {"dataset": "image-folder", "path": MARKUP}),
    }
    layout = Layout(
        positions={key: Point(0.0, 200.0 * at) for at, key in enumerate(nodes)},
        frames={"f": Frame(MARKUP, -100.0, -100.0, 400.0, 700.0)},
        notes={"n": Note(MARKUP, 300.0, 0.0, 200.0)},
    )
    path = folder / f"{MARKUP}.loom"
    save(Project(name=MARKUP, graphs={MAIN: Graph(nodes, layout=layout)}), path)
    run = folder / f"{MARKUP}.runs" / "2026-11-12_14-03-00"
    drawing = msgspec.structs.replace(mlp("digits", 8), name=MARKUP)
    store(run, drawing, losses={"objective": noisy(30)}, total=30, epochs=2, status="failed",
          message=MARKUP, name=MARKUP, note=MARKUP, tags=("<img",))  # fmt: skip
    return path


def show_tip(words: str, widget: QWidget) -> None:
    QToolTip.showText(QPoint(40, 40), words, widget)
    QApplication.processEvents()


def look_everywhere(window: QWidget) -> None:
    """Show every tooltip and every menu of the window, and paint it."""
    tips = {widget.toolTip() for widget in window.findChildren(QWidget)}
    for menu in window.findChildren(QMenu):
        menu.grab()
        tips |= {action.toolTip() for action in menu.actions()}
    for words in tips:
        if "<img" in words:
            show_tip(words, window)
    window.grab()


@pytest.mark.skipif(sys.platform != "linux", reason="inotify tells who opens a file")
def test_no_word_of_a_file_is_read_as_markup(window, qtbot, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = hostile(tmp_path)
    monkeypatch.setattr(dialogs.Dialog, "exec", lambda dialog: bool(dialog.show()) or bool(dialog.grab()))
    with canary(tmp_path) as openings:
        window.inference.start()
        assert window.files.open_path(path)
        session, workbench = window.session, window.workbench()
        qtbot.waitUntil(lambda: len(session.report.problems) >= 3, timeout=20_000)
        qtbot.waitUntil(lambda: workbench.training is not None, timeout=10_000)
        workbench.show_lower("runs")
        qtbot.waitUntil(lambda: len(workbench.runs_panel().model.shown) == 1, timeout=5_000)
        workbench.runs_panel().show_run(path.with_suffix(".runs") / "2026-11-12_14-03-00")
        model = workbench.runs_panel().model
        show_tip(model.data(model.index(0, 0), Qt.ItemDataRole.ToolTipRole), window)
        scene = workbench.canvas.drawing
        for key, item in scene.nodes.items():
            show_tip(tooltip_at(scene, QPointF(item.x() + 20.0, item.y() + 12.0)), window)
            session.select(frozenset({key}))
            look_everywhere(window)
        window.open_problems()
        session.notify(MARKUP, "bad")
        dialogs.tell(window, MARKUP, MARKUP, [MARKUP])
        look_everywhere(window)
        window.show_gallery()
        window._fill_recent()
        look_everywhere(window)
        assert openings.count() == 0
        assert "[*]" in dialogs_title(window)
        shown = [label.text() for label in window.findChild(ProblemsPopover).findChildren(QLabel)]
        assert any(words.startswith("Unknown layer") and "<img" in words for words in shown)
        assert [action.text().count("&&") for action in window.recent_menu.actions()] == [1]
        assert unread_labels() == []
        control = QLabel(MARKUP)
        control.grab()
        control.deleteLater()
        assert openings.count() > 0, "the test sees who opens the file"


def dialogs_title(window: QWidget) -> str:
    """The title of the message that was told last, as Qt keeps it."""
    return next(dialog.windowTitle() for dialog in window.findChildren(dialogs.Dialog))


def unread_labels() -> list[str]:
    """The labels of which Qt decides by their words what they are."""
    return [
        label.objectName() or label.text()
        for widget in QApplication.topLevelWidgets()
        for label in widget.findChildren(QLabel)
        if label.textFormat() is not Qt.TextFormat.PlainText and not isinstance(label, SpanLabel)
    ]


def test_words_on_one_line_have_no_characters_that_move_others(window, qtbot) -> None:
    path = Path("/there/a\n\u202eb\x1b.loom")
    settings.add_recent(path)
    window.gallery.recent._missing.clear()
    window.gallery._show_recent()
    (row,) = window.gallery.recent_rows()
    assert [label.text() for label in row.findChildren(QLabel)] == [r"a\n\u202eb\x1b", "/there"]
    window._fill_recent()
    assert [action.text() for action in window.recent_menu.actions()] == [r"a\n\u202eb\x1b"]
    set_title(window, path.name)
    assert window.windowTitle() == r"a\n\u202eb\x1b.loom"


def test_a_menu_shows_an_ampersand(qtbot) -> None:
    menu = Menu()
    qtbot.addWidget(menu)
    assert menu.add("cats & dogs").text() == "cats && dogs"
