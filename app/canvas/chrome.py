"""What lies over the canvas: breadcrumb, zoom and fit chips, and what an empty canvas says."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.canvas.flow.chip import FlowChip
from app.canvas.items.drawn_part import told
from app.canvas.items.objective_marks import Mark
from app.canvas.minimap import Minimap
from app.canvas.parts import CanvasParts
from app.style import theme
from app.widgets.buttons import Chip, IconButton, LinkButton
from app.widgets.text import EmptyState, Label, caption
from engine.document.project import MAIN

_INSET = 14


class Breadcrumb(QWidget):
    """From the main graph to the definition on show; each step leads back."""

    def __init__(self, view: CanvasParts) -> None:
        super().__init__(view.widget)
        self._view = view
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        view.session.view_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        while (taken := self._row.takeAt(0)) is not None:
            if (widget := taken.widget()) is not None:
                widget.setParent(None)
                widget.deleteLater()
        stack = self._view.session.view_stack
        for index, view in enumerate(stack):
            title = "Main" if view.graph == MAIN else view.graph
            if index:
                self._row.addWidget(caption("›"))
            if index == len(stack) - 1:
                label = Label(title)
                label.setProperty("role", "muted")
                self._row.addWidget(label)
            else:
                button = LinkButton(title)
                button.clicked.connect(
                    lambda _=False, to=stack[: index + 1]: self._view.session.show_graph(*to)
                )
                self._row.addWidget(button)
        self._add_copies()
        for index in range(self._row.count()):
            entry = self._row.itemAt(index)
            if entry is not None and (held := entry.widget()) is not None:
                held.show()  # a layout shows its widgets later, and would measure nothing until then
        self._row.activate()
        self.adjustSize()

    def _add_copies(self) -> None:
        """Of a placement that is repeated: which copy this is, and arrows to those before and after it."""
        session = self._view.session
        number, count = session.copy_on_show()
        if count < 2:
            return
        self._row.addSpacing(6)
        for icon, words, to in (
            ("chevron-left", "Show the copy before", number - 1),
            ("chevron-right", "Show the next copy", number + 1),
        ):
            button = IconButton(icon, words)
            button.setFixedSize(20, 20)
            button.setIconSize(QSize(14, 14))
            button.setEnabled(0 <= to < count)
            button.clicked.connect(lambda _=False, to=to: session.show_copy(to))
            self._row.addWidget(button)
        self._row.addWidget(caption(f"{session.view.path} · {number + 1:,} of {count:,}"))


class LightChip(Chip):
    """Whose doings the canvas shows, and what the rings mean; a click puts the light out."""

    def __init__(self, view: CanvasParts) -> None:
        super().__init__("", "", view.widget)
        self._view = view
        self.setStyleSheet("padding-left: 22px;")
        self.clicked.connect(lambda: view.session.set_spotlight(""))
        self.setToolTip("Stop showing what the objective does (Esc)")
        theme.changed.connect(self.update)
        self.hide()

    def refresh(self) -> None:
        objective, marks = self._view.drawing.spotlight.objective, self._view.drawing.look.marks
        held = marks is not None and any(mark is Mark.CONSTANT for mark in marks.values())
        self.setText(f"updated by {objective}" + (" · dashed: held constant" if held else ""))
        self.setVisible(marks is not None)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter, tint = QPainter(self), theme.current().family("objective")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour(tint), 2.0))
        painter.setBrush(theme.colour(tint, 0.2))
        painter.drawRoundedRect(QRectF(9.0, self.height() / 2 - 4.0, 8.0, 8.0), 2.5, 2.5)
        painter.end()


class Chrome(QObject):
    """Places the overlays of one view."""

    chips_end = Signal(int)  # the first pixel right of the chips at the lower left

    def __init__(self, view: CanvasParts) -> None:
        super().__init__(view.widget)
        self._view = view
        self.breadcrumb = Breadcrumb(view)
        self.zoom_chip = Chip("100 %", parent=view.widget)
        self.zoom_chip.setToolTip("Zoom to 100 %")
        self.zoom_chip.clicked.connect(lambda: view.camera.zoom_to(1.0))
        self.fit_chip = Chip("Fit", parent=view.widget)
        self.fit_chip.setToolTip("Show the whole drawing")
        self.fit_chip.clicked.connect(view.camera.fit)
        self.light = LightChip(view)
        self.flow = FlowChip(view)
        self.flow.resized.connect(self.place)
        self.minimap = Minimap(view)
        self.minimap.hide()
        self.empty = EmptyState(
            "Nothing here yet",
            "Drag a layer from the palette, or double-click to search for one.",
            parent=view.widget,
        )
        self.empty.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.partly = caption("")
        self.partly.setParent(view.widget)
        self.partly.hide()
        view.camera.zoom_changed.connect(self._show_zoom)
        view.drawing.nodes_changed.connect(self.refresh)
        view.drawing.marks_changed.connect(self._show_light)
        self.refresh()

    def leave_bare(self) -> None:
        """Show the drawing alone: nothing here can be pressed."""
        for overlay in (self.breadcrumb, self.zoom_chip, self.fit_chip):
            overlay.hide()

    def refresh(self) -> None:
        graph = self._view.session.graph
        self.empty.setVisible(not graph.nodes and not graph.layout.notes and not graph.layout.frames)
        self.partly.setText(told(graph))
        self.partly.setVisible(bool(self.partly.text()))
        self.partly.adjustSize()
        self.minimap.refresh()

    def place(self) -> None:
        """The view has another size."""
        view = self._view.widget
        self.breadcrumb.adjustSize()
        self.breadcrumb.move(_INSET, 10)
        self.partly.move(_INSET, 40)
        x = _INSET
        for chip in (self.zoom_chip, self.fit_chip, self.light, self.flow):
            chip.adjustSize()
            chip.move(x, view.height() - chip.height() - 12)
            x += chip.width() + 6 if chip.isVisibleTo(view) else 0
        self.chips_end.emit(x)
        self.minimap.move(
            view.width() - self.minimap.width() - _INSET, view.height() - self.minimap.height() - 12
        )
        self.empty.setGeometry(0, 40, view.width(), max(0, view.height() - 100))

    def _show_light(self) -> None:
        self.light.refresh()
        self.place()

    def _show_zoom(self, zoom: float) -> None:
        self.zoom_chip.setText(f"{round(zoom * 100)} %")
        self.place()
