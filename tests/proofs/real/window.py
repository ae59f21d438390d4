"""The whole first path in a real window: a process on a virtual screen, worked by a pointer and a keyboard.

Where things are is asked of a twin of the window in this process, which never touches the real one; what
happened is read off the screen and off the disk.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QWidget

from app.style import theme
from engine.document import edits
from engine.document.project import MAIN, End, Point, Project
from engine.document.storage import gallery
from engine.document.storage.file import load, save
from engine.runs import archive
from tests.app.canvas.conftest import Hand
from tests.app.screen import Program, Screen, is_painted, like, missing, wait_until

LAYER = "layer_norm"
GAP = 260.0


def with_a_gap() -> Project:
    """The spiral's network without the wire into its last layer, and room for another layer there."""
    project = gallery.make("mlp-spiral")
    wire = next(wire for wire in project.main.wires if wire.target == End("linear3", "input"))
    project = edits.disconnect(project, MAIN, wire)
    places = project.main.layout.positions
    right = {name: Point(at.x + GAP, at.y) for name, at in places.items() if at.x >= places["linear3"].x}
    project = edits.move(project, MAIN, right)
    return edits.set_settings(project, epochs=60)


class Twin:
    """The same window in this process: it says where on the screen something stands."""

    def __init__(self, window, path: Path, qtbot) -> None:
        self.window, self.qtbot = window, qtbot
        window.files.open_path(path)
        qtbot.waitUntil(lambda: window.workbench().training is not None, timeout=20_000)
        qtbot.wait(200)
        self.canvas = window.workbench().canvas

    def middle(self, widget: QWidget) -> tuple[float, float]:
        at = widget.mapTo(self.window, widget.rect().center())
        return at.x(), at.y()

    def on_screen(self, place: QPointF) -> tuple[float, float]:
        at = self.canvas.viewport().mapTo(self.window, self.canvas.mapFromScene(place))
        return at.x(), at.y()

    def row(self, layer: str) -> tuple[float, float]:
        """The layer in the palette, once its name is typed into the search."""
        panel = self.window.workbench().palette_panel
        panel.search.setText(layer)
        rows = panel.list
        at = rows.viewport().mapTo(self.window, rows.visualRect(rows.row_of(layer)).center())
        return min(at.x(), 90), at.y()

    def gap(self) -> QPointF:
        rects = [self.canvas.drawing.nodes[name].sceneBoundingRect() for name in ("linear2", "linear3")]
        return (rects[0].center() + rects[1].center()) / 2

    def drop(self, layer: str, place: QPointF) -> str:
        """The same drop here; the new node's name."""
        before = set(self.window.session.graph.nodes)
        Hand(self.canvas).drop(layer, place)
        (new,) = set(self.window.session.graph.nodes) - before
        return new

    def port(self, node: str, port: str, *, output: bool) -> tuple[float, float]:
        found = self.canvas.port_on_show(node, port, output=output)
        assert found is not None
        return self.on_screen(found.place)

    def rect_of(self, widget: QWidget) -> tuple[int, int, int, int]:
        at = widget.mapTo(self.window, QPoint(0, 0))
        return at.x(), at.y(), at.x() + widget.width(), at.y() + widget.height()


def heights_of_the_curve(picture: np.ndarray) -> tuple[float, float]:
    """Where the training curve stands at its left and at its right end: pixels from the top."""
    hits = like(picture, theme.DARK.accent)
    columns = np.flatnonzero(hits.sum(axis=0) > 0)
    assert len(columns) > 40, "no curve is on the screen"

    def height(part: np.ndarray) -> float:
        return float(np.mean([np.flatnonzero(hits[:, column]).mean() for column in part]))

    count = max(4, len(columns) // 12)
    return height(columns[:count]), height(columns[-count:])


def losses_on_disk(path: Path) -> list[float]:
    runs = sorted(path.with_suffix(".runs").glob("*/metrics.sqlite"))
    if not runs:
        return []
    try:
        losses = archive.curves_of(runs[-1].parent).losses
    except archive.ArchiveError:  # the run is just making its tables
        return []
    return next(iter(losses.values()))[1].tolist() if losses else []


@pytest.fixture
def screen():
    lack = missing()
    if lack:
        pytest.fail(lack)
    with Screen() as screen:
        yield screen


def test_the_first_path_in_a_real_window(window, qtbot, screen, tmp_path):
    path = tmp_path / "spiral.loom"
    save(msgspec.structs.replace(with_a_gap(), name="spiral"), path)
    twin = Twin(window, path, qtbot)
    home = tmp_path / "home"
    home.mkdir()
    with Program(screen, home, "open", str(path)) as program:
        wait_until(lambda: is_painted(screen), 60, f"the window\n{program.output}")
        node = drag_a_layer(screen, twin)
        wire_it(screen, twin, node)
        screen.keys("ctrl+s")
        wait_until(lambda: node in load(path).main.nodes, 15, f"the saved file\n{program.output}")
        assert wires_of(load(path), node) == {("linear2", node), (node, "linear3")}
        watch_it_learn(screen, twin, path)
        assert load(path).main.nodes.keys() == twin.window.session.graph.nodes.keys()
        before = screen.grab()
        screen.keys("ctrl+q")
        wait_until(lambda: program.process.poll() is not None, 30, "the end of the program")
        assert program.process.returncode == 0, program.output
    saved = path.read_bytes()
    with Program(screen, home, "open", str(path)) as program:
        wait_until(lambda: is_painted(screen), 60, f"the window\n{program.output}")
        wait_until(lambda: same_cards(before, screen.grab(), twin), 30, "the same drawing")
        assert path.read_bytes() == saved


def drag_a_layer(screen: Screen, twin: Twin) -> str:
    row, gap = twin.row(LAYER), twin.gap()
    target = twin.on_screen(gap)
    screen.click(*twin.middle(twin.window.workbench().palette_panel.search))
    screen.type(LAYER)
    screen.drag(row, target)
    return twin.drop(LAYER, gap)


def wire_it(screen: Screen, twin: Twin, node: str) -> None:
    screen.drag(twin.port("linear2", "output", output=True), twin.port(node, "input", output=False))
    screen.drag(twin.port(node, "output", output=True), twin.port("linear3", "input", output=False))


def wires_of(project: Project, node: str) -> set[tuple[str, str]]:
    return {
        (w.source.node, w.target.node) for w in project.main.wires if node in (w.source.node, w.target.node)
    }


def watch_it_learn(screen: Screen, twin: Twin, path: Path) -> None:
    screen.click(*twin.middle(twin.window.topbar.play))
    wait_until(lambda: fell(losses_on_disk(path)), 120, "losses that fall")
    wait_until(lambda: status_on_disk(path) == "completed", 120, "the end of the run")
    left, top, right, bottom = twin.rect_of(twin.window.workbench().training)
    plot = screen.grab()[top + 84 : bottom - 24, left + 60 : left + (right - left) * 2 // 5]
    begin, end = heights_of_the_curve(plot)
    assert end > begin + 15, "the curve on the screen does not fall"


def fell(losses: list[float]) -> bool:
    return len(losses) > 300 and float(np.mean(losses[-30:])) < 0.6 * float(np.mean(losses[:30]))


def status_on_disk(path: Path) -> str:
    runs = sorted(path.with_suffix(".runs").glob("*/run.json"))
    return str(msgspec.json.decode(runs[-1].read_bytes())["status"]) if runs else ""


def same_cards(before: np.ndarray, after: np.ndarray, twin: Twin) -> bool:
    """Whether the coloured edges of the cards stand in the same places from left to right."""
    left, top, right, bottom = twin.rect_of(twin.canvas)

    def edges(picture: np.ndarray, family: str) -> list[int]:
        part = picture[top:bottom, left : right - 8]
        columns = np.flatnonzero(like(part, theme.FAMILY_COLOURS[family], 16).sum(axis=0) > 16)
        return [int(column) for at, column in enumerate(columns) if at == 0 or column - columns[at - 1] > 4]

    for family in ("dense", "loss", "objective"):
        old, new = edges(before, family), edges(after, family)
        if not old or len(old) != len(new) or max(abs(a - b) for a, b in zip(old, new, strict=True)) > 4:
            return False
    return True
