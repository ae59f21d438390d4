"""What was understood of data: questions, warnings, samples and parts, and beside them how it was read.

In a narrow window the second column is below the first. Shows a look and tells what a person wants otherwise.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QScrollArea, QVBoxLayout, QWidget

from app.data.class_balance import ClassBalance, summary
from app.data.facts import BigFigures, Facts
from app.data.notices import Doubts, RefusedNotice, Warnings
from app.data.parts_list import PartsList
from app.data.reading import Understood
from app.data.rows_view import RowsView
from app.data.settings_part import SettingsPart
from app.lenses.samples import SampleView
from app.widgets.file_drops import LineField
from app.widgets.lines import hairline
from app.widgets.numbers import grouped
from app.widgets.section import Heading, Section
from app.widgets.text import body
from nodes.reading.look import DataLook, DataPart
from nodes.shared.card_label import by

SIDE = 320
NARROW = 1080
"""Below this width the columns stand one below the other."""
_MANY = {"input": "inputs", "target": "targets", "ignore": "ignored"}
SEARCHED = 12
"""Of more parts than these some can be looked for."""


class FoundView(QScrollArea):
    """The body of the page."""

    answered = Signal(object)  # Answer
    role_chosen = Signal(str, str)
    edited = Signal(str, object)
    take_back = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.look: DataLook | None = None
        self._blocks: list[QWidget] = []
        self._told: tuple[str, ...] = ()
        self._make_parts()
        inner = QWidget()
        inner.setProperty("role", "scrolled")
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight, inner)
        self._columns.setContentsMargins(0, 0, 0, 0)
        self._columns.setSpacing(0)
        self._line = hairline(Qt.Orientation.Vertical)
        self._columns.addWidget(self._make_main(), 1)
        self._columns.addWidget(self._line)
        self._columns.addWidget(self._make_side())
        self.setWidget(inner)
        self._connect()

    def _make_parts(self) -> None:
        self.figures, self.refused = BigFigures(), RefusedNotice()
        self.doubts, self.doubts_heading = Doubts(), Heading("Please check")
        self.warnings, self.warnings_heading = Warnings(), Heading("Worth knowing")
        self.samples, self.samples_heading = SampleView(tile_width=78), Heading("First samples")
        self.rows, self.nothing = RowsView(), body("There is nothing to show of these data.")
        self.parts, self.parts_heading = PartsList(), Heading("Columns")
        self.search = LineField()
        self.search.setPlaceholderText("Search columns")
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(200)
        self.search.setAccessibleName("Search columns")
        self.parts_heading.row.setSpacing(12)
        self.parts_heading.row.addWidget(self.search)
        self.balance, self.balance_heading = ClassBalance(), Heading("Classes")
        self.facts, self.settings = Facts(), SettingsPart()

    def _make_main(self) -> QWidget:
        main = QWidget()
        column = QVBoxLayout(main)
        column.setContentsMargins(24, 20, 24, 24)
        column.setSpacing(10)
        groups: tuple[tuple[QWidget, ...], ...] = (
            (self.figures,),
            (self.refused,),
            (self.doubts_heading, self.doubts),
            (self.warnings_heading, self.warnings),
            (self.samples_heading, self.samples, self.rows, self.nothing),
            (self.parts_heading, self.parts),
        )
        for group in groups:
            block = QWidget()
            inner = QVBoxLayout(block)
            inner.setContentsMargins(0, 0, 0, 8)
            inner.setSpacing(8)
            for widget in group:
                inner.addWidget(widget)
            column.addWidget(block)
            self._blocks.append(block)
        column.addStretch(1)
        return main

    def _make_side(self) -> QWidget:
        self._side = QFrame()
        self._side.setProperty("role", "panel")
        column = QVBoxLayout(self._side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        facts = Section(line=False)
        facts.add(Heading("How it was read"))
        facts.add(self.facts)
        self._balance = Section()
        self._balance.add(self.balance_heading)
        self._balance.add(self.balance)
        for widget in (facts, self._balance, self.settings):
            column.addWidget(widget)
        column.addStretch(1)
        self._side.setFixedWidth(SIDE)
        return self._side

    def _connect(self) -> None:
        self.doubts.answered.connect(self.answered)
        self.parts.role_chosen.connect(self.role_chosen)
        self.parts.reached.connect(self._show_row)
        self.settings.edited.connect(self.edited)
        self.refused.take_back.connect(self.take_back)
        self.search.textChanged.connect(self._filter)
        self.samples.pointed.connect(self._pointed)

    # Showing -----------------------------------------------------------------------------------------------

    def show_understood(self, found: Understood) -> None:
        """Show this look; the place to which was scrolled stays where the same data are read otherwise."""
        look = self.look = found.look
        self.refused.show_message("")
        self.figures.show_figures(figures_of(look))
        self.doubts_heading.note.setText(_count(len(look.doubts), "question"))
        self.doubts.show_doubts(look.doubts)
        self._told = (found.note, *look.warnings) if found.note else look.warnings
        self.warnings.show_warnings(self._told)
        self._show_samples(look)
        self._name_parts(look.parts_are)
        self._filter(self.search.text() if len(look.parts) > SEARCHED else "")
        self.search.setVisible(len(look.parts) > SEARCHED)
        self.balance.show_balance(look.balance)
        self.balance_heading.title.setText("Labels" if look.info.labels else "Classes")
        self.balance_heading.note.setText(summary(look.balance))
        self.facts.show_facts(look.facts)
        self.settings.show_source(found.source, look)
        self._balance.setVisible(bool(look.balance))
        self._arrange()

    def show_refused(self, message: str) -> None:
        """The last choice could not be read: say why over what was understood before."""
        self.refused.show_message(message)
        self._arrange()
        self.verticalScrollBar().setValue(0)

    def _arrange(self) -> None:
        """What has nothing to show takes no room."""
        look = self.look
        assert look is not None
        shown = (
            True,
            bool(self.refused.words.text()),
            bool(look.doubts),
            bool(self._told),
            True,
            bool(look.parts),
        )
        for block, is_shown in zip(self._blocks, shown, strict=True):
            block.setVisible(is_shown)

    def _show_samples(self, look: DataLook) -> None:
        preview = look.samples
        as_rows = preview is not None and bool(preview.rows) and preview.images is None
        as_rows = as_rows and preview is not None and preview.points is None and preview.values is None
        has_words = preview is not None and bool(preview.text)
        self.samples.setVisible(preview is not None and not (as_rows and not has_words))
        self.rows.setVisible(as_rows and not has_words)
        self.nothing.setVisible(preview is None)
        self._pointed("")
        if preview is None:
            return
        if as_rows and not has_words:
            targets = [part.name for part in look.parts if part.role == "target"]
            self.rows.show_rows(preview, targets[0] if len(targets) == 1 else "target")
        else:
            self.samples.show_samples(preview)

    def _pointed(self, label: str) -> None:
        look = self.look
        self.samples_heading.note.setText(label or (_size_of(look) if look is not None else ""))

    def _name_parts(self, called: str) -> None:
        """Call parts what they are: columns, arrays."""
        self.parts_heading.title.setText(called.capitalize())
        self.parts.setAccessibleName(called.capitalize())
        self.search.setPlaceholderText(f"Search {called}")
        self.search.setAccessibleName(f"Search {called}")

    def _filter(self, text: str) -> None:
        """The parts whose names have these letters."""
        assert self.look is not None
        every, sought = self.look.parts, text.strip().lower()
        found = tuple(part for part in every if sought in part.name.lower()) if sought else every
        self.parts.show_parts(found)
        self.parts_heading.note.setText(_roles(every) if len(found) == len(every) else _found(found, every))

    def _show_row(self, row: QRect) -> None:
        inner = self.widget()
        assert inner is not None
        corner = self.parts.mapTo(inner, row.topLeft())
        self.ensureVisible(corner.x(), corner.y() + row.height() // 2, 0, row.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        way = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._columns.direction() is not way:
            self._columns.setDirection(way)
            self._line.setVisible(not narrow)
            if narrow:
                self._side.setMinimumWidth(0)
                self._side.setMaximumWidth(16_777_215)
            else:
                self._side.setFixedWidth(SIDE)


def figures_of(look: DataLook) -> dict[str, str]:
    """The numbers that stand above all."""
    figures = {"samples": grouped(look.training + look.validation), "to train": grouped(look.training),
               "to validate": grouped(look.validation)}  # fmt: skip
    if look.info.classes:
        figures["tokens" if look.info.kind == "text" else "classes"] = grouped(len(look.info.classes))
    if look.info.labels:
        figures["labels"] = grouped(len(look.info.labels))
    if look.parts:
        figures[look.parts_are] = grouped(len(look.parts))
    return figures


def _size_of(look: DataLook) -> str:
    """How large a sample is: `3×16×16 each`, `13 numbers each`."""
    features = look.info.input.features
    if look.info.kind == "sounds" and len(features) == 3:
        return f"{features[1]} bands × {features[2]} frames each"
    if look.info.kind == "sounds" and len(features) == 2:
        return f"{features[1]:,} samples of sound each"
    if len(features) == 1:
        noun = "number" if look.info.input.is_float else "token"
        return f"{features[0]} {noun}{'' if features[0] == 1 else 's'} each"
    return f"{by(features)} each" if features else ""


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"


def _roles(parts: tuple[DataPart, ...]) -> str:
    """`13 inputs · 1 target · 2 ignored`."""
    counts: dict[str, int] = {}
    for part in parts:
        counts[part.role] = counts.get(part.role, 0) + 1
    return " · ".join(
        f"{count:,} {_MANY.get(role, role) if count > 1 or role == 'ignore' else role}"
        for role, count in counts.items()
    )


def _found(found: tuple[DataPart, ...], every: tuple[DataPart, ...]) -> str:
    return f"{len(found):,} of {len(every):,}"
