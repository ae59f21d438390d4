"""The strip of pinned samples, and the place where one is tried: drawn, moved, typed or dropped.

What is tried is what all pictures show, at once; "Pin" keeps it.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.lens_pins.pin_row import PinRow
from app.lens_pins.point_pad import PointPad
from app.lens_pins.sample_reading import SampleAnswer, SampleQuestion, Thumbnail, read, thumbnail
from app.lens_pins.stroke_pad import StrokePad
from app.state.last_question import LastQuestion
from app.state.looks.pins import MOST
from app.state.run_controller import RunController
from app.state.session import Session
from app.training.run_words import data_info
from app.widgets.buttons import Chip
from app.widgets.file_drops import LineField
from app.widgets.section import Heading
from app.widgets.text import body
from engine.document.changes import same_meaning
from engine.document.project import Project
from engine.messages.pinned import GivenSample, HeldSample, Pinned
from nodes.reading.dataset import DataInfo

TRY_MS = 30
"""Between two samples that are tried while somebody draws."""
_TYPE_MS = 250


class Way(Enum):
    """How a sample of the data can be made by hand."""

    DRAW = "draw"
    PLACE = "place"
    TYPE = "type"
    DROP = "drop"


def way_of(info: DataInfo | None) -> Way:
    """How samples of these data are made: pictures are drawn, points placed, texts typed, others dropped."""
    if info is None:
        return Way.DROP
    sizes = info.input.features
    if info.kind == "images" and len(sizes) == 3 and sizes[0] in (1, 3):
        return Way.DRAW if all(isinstance(size, int) for size in sizes) else Way.DROP
    if tuple(sizes) == (2,) and info.input.is_float:
        return Way.PLACE
    return Way.TYPE if info.kind in ("text", "texts") else Way.DROP


class PinStrip(QWidget):
    """Reads the session's data; changes `controller.pins`, which everything that shows samples follows.

    `wide`: a page of its own: the pad is beside the tiles, not below them, and always there.
    """

    def __init__(self, session: Session, controller: RunController, *, wide: bool = False) -> None:
        super().__init__()
        self._session, self._controller, self._pins = session, controller, controller.pins
        self._thumbnails: dict[Pinned, Thumbnail] = {}
        self._has_points, self._is_page = False, wide
        self.reading = LastQuestion(
            "pinned samples", read, lambda words: SampleAnswer(failed=words), controller, self
        )
        self.heading = Heading("Pinned samples")
        self.row = PinRow()
        self.none = body("Pin samples in the Data tab, or try one here. Click one to show it everywhere.")
        self.tries = Chip("Try it")
        self.tries.setCheckable(True)
        if wide:
            self.tries.hide()
        self.tries.setToolTip("Draw, place or type a sample: pictures answer while you do")
        self.pin = Chip("Pin")
        self.pin.setToolTip("Keep the sample that is shown")
        self.clear = Chip("Clear")
        self.strokes, self.points, self.text = StrokePad(), PointPad(), LineField()
        self.text.setPlaceholderText("Type a text")
        self.text.setMinimumWidth(220)
        self.text.setAccessibleName("Text to try")
        self.hint = body("Drop a file here: its first sample is read as the data are.")
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._try_now)
        self._lay_out(wide=wide)
        self._listen()
        self.setAcceptDrops(True)
        self.refresh()

    def _lay_out(self, *, wide: bool) -> None:
        self._outer = outer = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.set_wide(wide)
        chips = QHBoxLayout()
        chips.setSpacing(6)
        for chip in (self.tries, self.pin, self.clear):
            chips.addWidget(chip)
        chips.addStretch(1)
        column, pads = QVBoxLayout(), QVBoxLayout()
        above: tuple[QWidget, ...] = (self.heading, self.row, self.none)
        for widget in above:
            column.addWidget(widget)
        column.addLayout(chips)
        for widget in (self.strokes, self.points, self.text, self.hint):
            pads.addWidget(widget)
        for part in (column, pads):
            part.setSpacing(6)
            if wide:
                part.addStretch(1)
            outer.addLayout(part)

    def set_wide(self, wide: bool) -> None:
        """The pad beside the tiles, or below them."""
        ways = QBoxLayout.Direction
        self._outer.setDirection(ways.LeftToRight if wide else ways.TopToBottom)
        self._outer.setSpacing(24 if wide else 6)

    def _listen(self) -> None:
        self._pins.changed.connect(self.refresh)
        self._session.project_changed.connect(self._project_changed)
        self._session.report_changed.connect(self.refresh)
        self.row.chosen.connect(self._pins.show)
        self.row.removed.connect(self._pins.remove)
        self.row.pointed.connect(self._write_note)
        self.tries.clicked.connect(self._toggled)
        self.pin.clicked.connect(lambda: self.add((self._pins.shown,)))
        self.clear.clicked.connect(self._leave if self._is_page else self.strokes.clear)
        for pad in (self.strokes, self.points):
            pad.changed.connect(self._try_soon)
        self.text.textEdited.connect(lambda _text: self._soon.start(_TYPE_MS))
        self.reading.answered.connect(self._answered)

    # Showing --------------------------------------------------------------------------------------

    @property
    def way(self) -> Way:
        """How samples of the data on show are made by hand."""
        return way_of(data_info(self._session.project))

    def refresh(self) -> None:
        """Tiles, and the pad that suits the data."""
        pins, info = self._pins, data_info(self._session.project)
        self.row.show_samples(pins.samples, pins.shown, self._thumbnails)
        self.none.setVisible(not pins.samples)
        self.pin.setEnabled(pins.shown not in pins.samples)
        way, is_tried = way_of(info), self._is_page or self.tries.isChecked()
        if way is Way.DRAW and info is not None:
            _, height, width = (int(str(size)) for size in info.input.features)
            self.strokes.set_size(height, width)
        pads = {Way.DRAW: self.strokes, Way.PLACE: self.points, Way.TYPE: self.text, Way.DROP: self.hint}
        for one, pad in pads.items():
            pad.setVisible(is_tried and one is way)
        self.clear.setVisible(self._is_own if self._is_page else is_tried and way is Way.DRAW)
        self._write_note("")
        self._read_lacking()

    def _write_note(self, pointed: str) -> None:
        self.heading.note.setText(pointed or self._pins.shown.words)

    def _read_lacking(self) -> None:
        """Thumbnails of what has none; points of the data, once they are needed."""
        wanted = tuple(one for one in self._pins.samples if one not in self._thumbnails)
        needs_points = self.points.isVisibleTo(self) and not self._has_points
        if self.isVisible() and (wanted or needs_points) and not self.reading.is_busy:
            self._has_points = self._has_points or needs_points
            self.reading.ask(SampleQuestion(self._session.project, wanted), uses_torch=False)

    def _project_changed(self, old: Project, new: Project) -> None:
        if not same_meaning(old, new):
            self._thumbnails.clear()
            self._has_points = False

    # Trying ---------------------------------------------------------------------------------------

    def _toggled(self) -> None:
        self.refresh()
        if self.tries.isChecked():
            pads = {Way.DRAW: self.strokes, Way.PLACE: self.points, Way.TYPE: self.text}
            pads.get(self.way, self).setFocus()
            if self.way is Way.PLACE:
                self._try_now()
        elif self._is_own:
            self._show_pinned()

    @property
    def _is_own(self) -> bool:
        """Whether the sample on show was made by hand and is not pinned."""
        return isinstance(self._pins.shown, GivenSample) and self._pins.shown not in self._pins.samples

    def _show_pinned(self) -> None:
        """The last of the pinned samples, or one of the data, instead of what was made by hand."""
        self._pins.show(self._pins.samples[-1] if self._pins.samples else HeldSample())

    def _leave(self) -> None:
        """Take away what was made by hand."""
        with QSignalBlocker(self.strokes):
            self.strokes.clear()
        self.text.clear()
        self._soon.stop()
        self._show_pinned()

    def _try_soon(self) -> None:
        if not self._soon.isActive():
            self._soon.start(TRY_MS)

    def _try_now(self) -> None:
        """Let all pictures show what is drawn, placed or typed now."""
        from engine.lens.given import drawn, placed

        info = data_info(self._session.project)
        if info is None:
            return
        if self.way is Way.DRAW:
            self._pins.show(drawn(self.strokes.picture(), info.input))
        elif self.way is Way.PLACE:
            self._pins.show(placed((float(self.points.point[0]), float(self.points.point[1]))))
        elif self.text.text():
            self.reading.ask(SampleQuestion(self._session.project, text=self.text.text()), uses_torch=False)

    def add(self, samples: tuple[Pinned, ...]) -> None:
        """Pin these, and say where there was no room."""
        for sample in samples:
            if isinstance(sample, GivenSample):
                from engine.lens.given import stored

                self._thumbnails[sample] = thumbnail(stored(sample)[0])
        left = self._pins.add(samples)
        if left:
            self._session.notify(f"{left:,} not pinned: {MOST} samples can be pinned at a time.", "warn")

    def take(self, path: Path) -> None:
        """Pin the first sample of a file, read as the data of the drawing are."""
        self.reading.ask(SampleQuestion(self._session.project, path=path), uses_torch=False)

    def _answered(self, question: object, answer: object) -> None:
        assert isinstance(question, SampleQuestion)
        assert isinstance(answer, SampleAnswer)
        if question.project is not self._session.project and not same_meaning(
            question.project, self._session.project
        ):
            return
        if answer.failed:
            self._session.notify(answer.failed, "warn")
            self._thumbnails |= {sample: sample.words for sample in question.samples}
        self._thumbnails |= answer.thumbnails
        if answer.points is not None:
            self.points.show_data(answer.points)
        if answer.given is not None:
            if question.path is not None:
                self._pins.add((answer.given,))
            else:
                self._pins.show(answer.given)
        self.refresh()

    # Files ----------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _paths(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for path in _paths(event)[:1]:
            event.acceptProposedAction()
            QTimer.singleShot(0, self, lambda path=path: self.take(path))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._soon.stop()
        self.reading.cancel()


def _paths(event: QDropEvent) -> list[Path]:
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
