"""Paints pictures side by side: the truth and what was made in the node; tiles, differences, a divider."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.painters.sequences.sheet import PaintedSheet, draw_sharp
from app.lenses.painters.sequences.sheet_canvas import SheetCanvas
from app.lenses.painters.sequences.side_by_side_sheets import LaidPictures, Swipe, Tiles, read_pictures
from app.lenses.room import Room
from app.style.theme import Theme
from app.widgets.buttons import Segments

TILES, SWIPE, DIFFERENCE = "tiles", "swipe", "difference"
_ROOM = Room(1, 1, 184.0, 90.0)


class SideBySideView(QWidget):
    """What to show the pictures as, and the sheet of that."""

    pointed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.laid: LaidPictures | None = None
        self.modes = Segments({TILES: "Beside", SWIPE: "Swipe", DIFFERENCE: "Difference"})
        self.canvas = SheetCanvas()
        self._index = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for widget in (self.modes, self.canvas):
            column.addWidget(widget)
        column.addStretch(1)
        for button in self.modes.buttons.values():
            button.clicked.connect(self._show)
        self.canvas.pointed.connect(self.pointed)
        self.canvas.chosen.connect(self._choose)

    def show_pictures(self, laid: LaidPictures) -> None:
        """Show these; what was chosen stays."""
        self.laid = laid
        self.modes.setVisible(bool(laid.made))
        if not laid.made:
            self.modes.buttons[TILES].setChecked(True)
        self._show()

    def sheet(self) -> PaintedSheet | None:
        """What is chosen, as something to paint."""
        if self.laid is None:
            return None
        if self.modes.chosen == SWIPE:
            held = self.canvas.sheet
            return Swipe(self.laid, self._index, held.share if isinstance(held, Swipe) else 0.5)
        return Tiles(self.laid, differences=self.modes.chosen == DIFFERENCE)

    def _choose(self, index: int) -> None:
        self._index = index
        self._show()

    def _show(self) -> None:
        sheet = self.sheet()
        if sheet is not None:
            self.canvas.show_sheet(sheet)


class SideBySidePainter(Painter[SideBySideView]):
    """The same pictures in the node, without words."""

    kind = "side_by_side"
    empty = "Press Play to see what the network makes of a sample, beside it."

    def room(self, subject: Subject) -> Room | None:
        return _ROOM

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        laid = read_pictures(arrays)
        if laid is None:
            return None
        return picture(room, theme, lambda painter, area, _now: _small(painter, area, laid))

    def view(self) -> SideBySideView:
        return SideBySideView()

    def show(self, view: SideBySideView, arrays: Arrays, context: Context) -> bool:
        laid = read_pictures(arrays)
        if laid is not None:
            view.show_pictures(laid)
        return laid is not None


def _small(painter: QPainter, area: QRectF, laid: LaidPictures) -> None:
    """The truth, or else the first one, and what was made last."""
    shown = [laid.truth or laid.pictures[0], laid.made[0] if laid.made else laid.pictures[-1]]
    wide = (area.width() - 4.0) / 2
    for index, one in enumerate(shown):
        _, height, width = one.size
        scale = min(wide / width, area.height() / height)
        left = area.left() + index * (wide + 4.0) + (wide - width * scale) / 2
        top = area.top() + (area.height() - height * scale) / 2
        draw_sharp(painter, QRectF(left, top, width * scale, height * scale), laid.image(one))
