"""Pictures of a report as they stand in a page: the drawing as SVG, what lenses and samplers show as PNG."""

from __future__ import annotations

import base64
from contextlib import suppress

import networkx as nx
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRectF, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from app.canvas.items.pictures import preview_sheet
from app.canvas.items.scene import CanvasScene
from app.lenses.registry import PAINTERS
from app.state.session import Session
from app.style import theme
from app.style.svg import drawn_svg
from app.training.run_words import lens_context
from engine.data import shown
from engine.data.pairing import data_of
from engine.document import query
from engine.document.project import MAIN, Project
from engine.messages.events import LensFrame
from engine.report import Report
from nodes.data.source import DataSource
from nodes.reading.error import DataError

MARGIN = 24.0
DENSITY = 2.0


class LaidOut:
    """A drawing as the canvas lays it out, without a window."""

    def __init__(self, project: Project, report: Report) -> None:
        self.project = project
        self._session = Session(project)
        self._session.set_report(report)
        self.scene = CanvasScene(self._session)
        self.scene.look.shadows = False  # they are pictures, which a file of lines cannot stretch

    def lenses(self) -> dict[str, str]:
        """The kind of lens that each node shows, by node."""
        return {key: item.card.lens for key, item in self.scene.nodes.items() if item.card.lens}

    def show(self, frames: list[LensFrame]) -> None:
        """Nodes show what their lens saw in these frames, and data nodes their first samples."""
        context, look = lens_context(self.project), theme.current()
        seen = {(frame.lens, frame.target): frame for frame in frames}
        sources = query.layers_of(self.project.main, DataSource)
        for key, item in self.scene.nodes.items():
            frame, room = seen.get((item.card.lens, key)), item.card.picture
            if frame is not None and room is not None:
                item.set_sheet(PAINTERS[item.card.lens].thumbnail(frame.arrays, room, context, look))
            elif key in sources and room is not None:
                with suppress(DataError):  # inference names the problem on the node
                    preview = shown.preview(data_of(sources, key, self.project.settings.seed))
                    item.set_sheet(preview_sheet(preview, room, look))

    def close(self) -> None:
        self.scene.deleteLater()
        self._session.deleteLater()


def drawing_svg(drawing: LaidOut) -> str:
    """The whole drawing as it is shown."""
    scene, area = drawing.scene, QRectF()
    for held in (scene.nodes, scene.wires, scene.frames, scene.notes):
        for one in held.values():
            area = area.united(one.sceneBoundingRect())
    area.adjust(-MARGIN, -MARGIN, MARGIN, MARGIN)
    size = QSize(round(area.width()), round(area.height()))
    room = QRectF(0, 0, area.width(), area.height())
    text = drawn_svg(size, lambda pen: scene.render(pen, room, area)).decode("utf-8")
    return text[text.index("<svg") :]


def lens_png(frame: LensFrame, project: Project, width: int = 420) -> tuple[str, str] | None:
    """A frame as its view shows it: a picture for the page, and the note beside it; None: nothing to show."""
    painter = PAINTERS.get(frame.lens)
    if painter is None:
        return None
    context = lens_context(project)
    view = painter.view()
    view.resize(width, max(view.sizeHint().height(), 120))
    if not painter.show(view, frame.arrays, context):
        view.deleteLater()
        return None
    view.resize(width, max(view.sizeHint().height(), view.minimumHeight(), 120))
    uri = png_uri(_grabbed(view))
    note = painter.note(view, "", context)
    view.deleteLater()
    return uri, note.strip(" ·")


def _grabbed(view: QWidget) -> QImage:
    image = QImage(view.size() * DENSITY, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(DENSITY)
    image.fill(theme.colour(theme.current().panel))
    painter = QPainter(image)
    view.render(painter, QPoint(), renderFlags=QWidget.RenderFlag.DrawChildren)
    painter.end()
    return image


def png_uri(image: QImage) -> str:
    """A picture as text that a page can hold."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return "data:image/png;base64," + base64.b64encode(bytes(data.data())).decode("ascii")


def main_nodes(project: Project) -> list[str]:
    """The nodes of the main drawing, those that make a value before those that read it."""
    nodes = project.graphs[MAIN].nodes
    graph = nx.DiGraph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from((wire.source.node, wire.target.node) for wire in project.main.wires)
    return (
        list(nx.lexicographical_topological_sort(graph)) if nx.is_directed_acyclic_graph(graph) else [*nodes]
    )
