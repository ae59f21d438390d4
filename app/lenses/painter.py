"""What a painter is: it turns the arrays of one kind of lens into what nodes, the inspector and panels show.

A painter is declared in a file of its own in `app.lenses.painters` and registered for the kind of its lens.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.lenses.room import Room
from app.style import theme
from app.style.theme import Theme
from engine.messages.events import LensFrame
from engine.report import NodeReport
from nodes.reading.dataset import DataInfo
from nodes.spec import Layer

_WRITTEN_OUT = 12
"""Most values that are written out one by one."""
_NO_LIMIT = (1 << 24) - 1
"""The greatest height that Qt gives a widget."""
DENSITY = 2
"""Pixels of a picture per pixel of a node at 100 %, of pictures that are not made of tiles."""
Arrays = Mapping[str, NDArray[np.generic]]
Draw = Callable[[QPainter, QRectF, Theme], None]
TextAt = Callable[[QPointF, QRectF], str]
V = TypeVar("V", bound=QWidget)


@dataclass(frozen=True)
class Subject:
    """A node that may be looked at: its layer (None where its parameters do not hold) and its report."""

    layer: Layer | None
    report: NodeReport | None


@dataclass(frozen=True)
class Context:
    """What is known of the run besides the arrays: its data, and what its output is made of."""

    info: DataInfo | None = None
    of_data: bool = True
    """Whether the output of the network is made of data; else of noise alone."""
    taught: bool = True
    """Whether the targets of the data are learned from."""
    prompt: str = ""
    """The beginning that a sampler of texts was given."""
    target: str = ""
    """The path that the arrays are of."""
    step: int = 0
    """After how many training steps they were seen."""

    def of(self, frame: LensFrame) -> Context:
        """The same with the path and the step of this frame."""
        return replace(self, target=frame.target, step=frame.step)


class Painter(ABC, Generic[V]):
    """A declaration for one kind of lens.

    A view is a widget with a signal `pointed(str)`: what is under the mouse, in words; empty when it leaves.
    It may have a signal `options_chosen(dict)`: options of its lens that a person chose in the picture;
    and `weights_given(str, object)`: path of a layer, and its tensors by name, of which a number was typed.
    """

    kind: ClassVar[str]
    empty: ClassVar[str] = "Press Play to see this."
    """Shown where nothing has been seen yet."""

    def is_default(self, subject: Subject) -> bool:
        """Whether this node shows it without being told to, where there is room for it."""
        return False

    @abstractmethod
    def room(self, subject: Subject) -> Room | None:
        """The room that the picture takes inside a node; None: it cannot be shown there."""

    @abstractmethod
    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        """The picture inside a node: tiles in rows and columns without gaps; None: nothing to show."""

    @abstractmethod
    def view(self) -> V:
        """A widget for the inspector and for panels, as wide as it is given room."""

    @abstractmethod
    def show(self, view: V, arrays: Arrays, context: Context) -> bool:
        """Show these arrays; whether there was anything to show."""

    def title(self, title: str, context: Context) -> str:
        """The heading over a view, where that of the lens does not fit what is shown."""
        return title

    def note(self, view: V, moment: str, context: Context) -> str:
        """What stands beside the heading; `moment` says which sample, or which step."""
        return moment

    def words(self, arrays: Arrays, context: Context) -> str:
        """What is to be seen as text, for a screen reader and for the clipboard: by default, each array's
        shape, range and mean.
        """
        return "\n".join(array_words(name, array) for name, array in arrays.items())


def array_words(name: str, array: NDArray[np.generic]) -> str:
    """As in `output: 6 × 28 × 28, from -1.2 to 3.4, mean 0.17`; texts and short rows are written out."""
    title = name.replace("_", " ")
    if array.size == 0:
        return f"{title}: no values"
    if array.dtype.kind not in "biuf" or array.size <= _WRITTEN_OUT:
        shown = ", ".join(_written(value) for value in array.ravel()[:_WRITTEN_OUT].tolist())
        rest = array.size - _WRITTEN_OUT
        return f"{title}: {shown}{f' and {rest:,} more' if rest > 0 else ''}"
    values = array.astype(np.float64)
    known = values[np.isfinite(values)]
    words = f"{title}: {' × '.join(f'{side:,}' for side in array.shape)}"
    if known.size:
        words += f", from {known.min():.4g} to {known.max():.4g}, mean {known.mean():.4g}"
    lost = values.size - known.size
    return f"{words}, {lost:,} not finite" if lost else words


def _written(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def picture(room: Room, theme: Theme, draw: Draw) -> QImage:
    """One picture in the whole room, on the raised ground of a node."""
    size = (round(room.total_width * DENSITY), round(room.total_height * DENSITY))
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(QColor(theme.raised))
    image.setDevicePixelRatio(DENSITY)
    painter = QPainter(image)
    try:
        draw(painter, QRectF(0, 0, room.total_width, room.total_height), theme)
    finally:
        painter.end()  # Qt ends the process where an image goes while it is painted
    image.setDevicePixelRatio(1.0)
    return image


class PaintedView(QWidget):
    """A view that is painted by one function, in the present theme."""

    pointed = Signal(str)

    def __init__(self, height: int) -> None:
        super().__init__()
        self.shown: Any = None
        """What is painted; whoever draws decides what that is."""
        self._draw: Draw | None = None
        self._text_at: TextAt = lambda _place, _area: ""
        self._height = height
        self.fills = False
        """Whether it takes all the room that there is."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(height)
        self.setMouseTracking(True)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(268, self._height)

    def show_drawn(
        self, shown: object, draw: Draw, height: int = 0, text_at: TextAt = lambda _place, _area: ""
    ) -> None:
        """Paint this from now on, in another height where one is given; `text_at` reads a place."""
        self.shown, self._draw, self._text_at = shown, draw, text_at
        if height and height != self._height:
            self._height = height
            self.fit_height()
        self.update()

    def fill(self) -> None:
        """From now on be as high as there is room, and no lower than in the inspector."""
        self.fills = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.fit_height()

    def fit_height(self) -> None:
        """As high as is painted, or at least so."""
        if self.fills:
            self.setMinimumHeight(self._height)
            self.setMaximumHeight(_NO_LIMIT)
        else:
            self.setFixedHeight(self._height)
        self.updateGeometry()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointed.emit(self._text_at(event.position(), QRectF(self.rect())))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointed.emit("")

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._draw is None:
            return
        painter = QPainter(self)
        try:
            self._draw(painter, QRectF(self.rect()), theme.current())
        finally:
            painter.end()
