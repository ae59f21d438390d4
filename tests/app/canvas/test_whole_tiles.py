"""Pictures in nodes are painted whole: a picture with fewer tiles than its node has places is not cut."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPointF

from app.canvas.items import node_paint
from app.canvas.items.node_item import NodeItem
from app.canvas.view import CanvasView
from app.state.run_controller import RunController
from app.state.session import Session
from engine.document import edits
from engine.document.project import MAIN, Node, Point
from engine.infer import infer
from engine.messages.events import LensFrame
from engine.report import NodeReport, Report
from nodes.spec import N, TensorSpec


def widen(session: Session, channels: int, *, known: bool = True) -> None:
    """Give conv1 so many channels; `known`: inference has said what comes of it."""
    session.apply(edits.set_param(session.project, MAIN, "conv1", "out_channels", channels), "Set channels")
    if known:
        report(session, channels)


def report(session: Session, channels: int) -> None:
    outputs = {"output": TensorSpec((N, channels, 8, 8))}
    session.set_report(Report(nodes={"conv1": NodeReport(outputs=outputs)}))


@pytest.fixture
def six_maps(session: Session, view: CanvasView, controller: RunController) -> NodeItem:
    """conv1 with six maps of a run; each is positive above and negative below."""
    widen(session, 6)
    maps = np.ones((6, 8, 8), np.float32)
    maps[:, 4:] = -1.0
    controller.show_frame(LensFrame(3, "feature_maps", "conv1", {"output": maps}), session.project)
    return view.drawing.nodes["conv1"]


def halves(view: CanvasView, item: NodeItem, column: int = -1) -> list[int]:
    """Heights of the stretches of one colour down a column of tiles, at the right in it, in pixels."""
    room = item.card.picture
    assert room is not None
    boxes = [box for box, at, _ in node_paint._places(room) if at == column % room.columns]
    top = view.mapFromScene(item.pos() + boxes[0].topRight() - QPointF(4.0, 0.0))
    end = view.mapFromScene(item.pos() + boxes[-1].bottomRight())
    shown, heights, last = view.grab().toImage(), [], 0
    for y in range(top.y(), end.y()):
        colour = shown.pixelColor(top.x(), y)
        cool = colour.blue() - colour.red()
        sign = (cool > 12) - (cool < -12)
        if sign and sign == last:
            heights[-1] += 1
        elif sign:
            heights.append(1)
        last = sign
    return heights


def are_whole(heights: list[int]) -> bool:
    return len(heights) >= 2 and len(heights) % 2 == 0 and max(heights) - min(heights) <= 2


def test_the_maps_of_a_run_fill_their_places(view: CanvasView, six_maps: NodeItem) -> None:
    assert len(halves(view, six_maps)) == 4
    assert are_whole(halves(view, six_maps))


def test_six_maps_stay_whole_where_the_drawing_has_twelve_now(
    view: CanvasView, session: Session, six_maps: NodeItem, qtbot
) -> None:
    widen(session, 12)
    qtbot.waitUntil(lambda: bool(six_maps.stale), timeout=2_000)
    room = six_maps.card.picture
    assert room is not None
    assert room.count == 12
    assert are_whole(halves(view, six_maps))


def test_the_maps_are_whole_between_undo_and_what_inference_says_of_it(
    view: CanvasView, session: Session, six_maps: NodeItem, qtbot
) -> None:
    widen(session, 12)
    qtbot.waitUntil(lambda: bool(six_maps.stale), timeout=2_000)
    session.undo()
    qtbot.waitUntil(lambda: not six_maps.stale, timeout=2_000)
    assert six_maps.card.picture.count == 12
    assert are_whole(halves(view, six_maps))
    report(session, 6)
    assert are_whole(halves(view, six_maps))


@pytest.mark.parametrize("count", [2, 4, 5, 12])
def test_the_samples_of_a_small_data_set_are_whole(
    view: CanvasView, session: Session, tmp_path: Path, qtbot, count: int
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[:4, :, 2], pixels[4:, :, 0] = 255, 255
    for at in range(count):
        Image.fromarray(pixels).save(folder / f"{at}.png")
    node = Node("pictures", "data", {"dataset": "image-folder", "path": str(folder)})
    session.apply(edits.add_node(session.project, MAIN, node, Point(200.0, 320.0)), "Add layer")
    session.set_report(infer(session.project))
    item = view.drawing.nodes["pictures"]
    qtbot.waitUntil(lambda: item.sheet is not None, timeout=10_000)
    room = item.card.picture
    assert room is not None
    assert (room.count, room.columns) == (9, 3)
    assert are_whole(halves(view, item, column=0))
    assert are_whole(halves(view, item, column=2)) == (count > 2)
