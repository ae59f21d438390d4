"""A view that paints one picture in whatever size it is given, and says what is under the mouse."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style import theme
from app.style.theme import Theme


class PlaneView(QWidget):
    """Subclasses paint, read and measure. It is at least as high as its picture needs at its width."""

    pointed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.mouse: QPointF | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        self.setMouseTracking(True)
        theme.changed.connect(self.update)
        self.fit()

    # What a subclass says --------------------------------------------------------------------------

    def wished_height(self, width: int) -> int:
        """The height at which the picture is well seen."""
        return width

    def paint(self, painter: QPainter, area: QRectF, tokens: Theme) -> None:
        """Paint everything."""

    def words_at(self, place: QPointF, area: QRectF) -> str:
        """What is at a place, in words."""
        return ""

    def hover(self, place: QPointF | None, area: QRectF) -> None:
        """The mouse is here now, or gone."""

    # What Qt asks ----------------------------------------------------------------------------------

    def fit(self) -> None:
        """Take the height for the present picture."""
        self.setMinimumHeight(max(1, self.wished_height(max(self.width(), 120))))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(268, self.wished_height(max(self.width(), 120)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.fit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.mouse = event.position()
        self.hover(self.mouse, QRectF(self.rect()))
        self.tell()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.mouse = None
        self.hover(None, QRectF(self.rect()))
        self.pointed.emit("")

    def tell(self) -> None:
        """Say anew what is under the mouse."""
        if self.mouse is not None:
            self.pointed.emit(self.words_at(self.mouse, QRectF(self.rect())))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint(painter, QRectF(self.rect()), theme.current())
        painter.end()
