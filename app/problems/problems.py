"""The list of problems: what is wrong, where, the arithmetic, and a button for each fix.

Reads the session's report; a click selects the node, a fix is one undoable edit. Does not find problems.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.state.session import Session
from app.style import theme
from app.widgets.buttons import QuietButton
from app.widgets.lines import hairline
from app.widgets.popover import Popover
from app.widgets.text import ElidedLabel, EmptyState, Label, body, caption, heading, mono_label
from engine.document.project import Project
from engine.report import Fix, Problem, Report
from nodes.registry import REGISTRY

ROWS_AT_ONCE, MOST_ROWS = 12, 120
"""Rows that are made at once, and the most that are made: making one takes milliseconds."""


def summary(count: int) -> str:
    """ "2 problems", "1 problem", "No problems"."""
    return "No problems" if count == 0 else f"{count:,} problem{'s' if count > 1 else ''}"


def node_title(project: Project, problem: Problem) -> str:
    """The name on the card of the node that a problem is about."""
    graph = project.graphs.get(problem.graph)
    node = graph.nodes.get(problem.node) if graph is not None else None
    if node is None:
        return problem.node or "Drawing"
    return REGISTRY.title_of(node.layer)


class ProblemRow(QFrame):
    """One problem."""

    chosen = Signal(object)  # Problem
    fix_clicked = Signal(object)  # Fix

    def __init__(self, problem: Problem, title: str) -> None:
        super().__init__()
        self.problem = problem
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setProperty("role", "row")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 10, 16, 12)
        layout.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(8)
        dot = Label()
        dot.setFixedSize(8, 8)
        tint = theme.current().bad if problem.severity == "error" else theme.current().warn
        dot.setStyleSheet(f"background: {tint}; border-radius: 4px;")
        name = Label(title)
        name.setProperty("role", "strong")
        where = ElidedLabel(problem.path, "caption", Qt.TextElideMode.ElideMiddle)
        head.addWidget(dot)
        head.addWidget(name)
        head.addWidget(where, 1)
        layout.addLayout(head)
        text = body(problem.below(title))
        text.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(text)
        if problem.arithmetic:
            sums = mono_label(problem.arithmetic)
            sums.setWordWrap(True)
            layout.addWidget(sums)
        if problem.fixes:
            layout.addSpacing(4)
            buttons = QHBoxLayout()
            buttons.setSpacing(8)
            for fix in problem.fixes:
                button = QuietButton(fix.title, "auto-fix")
                button.clicked.connect(lambda _=False, chosen=fix: self.fix_clicked.emit(chosen))
                buttons.addWidget(button)
            buttons.addStretch(1)
            layout.addLayout(buttons)
        layout.addStretch(1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit(self.problem)


class ProblemList(QWidget):
    """The problems of the present drawing: the first, more as one scrolls, and how many are not listed.

    The report is looked at while the list is on show; `refresh` looks at it before that.
    """

    chosen = Signal(object)  # Problem: show it on the canvas

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._problems: list[Problem] = []
        self._report: Report | None = None
        self._rows: list[QWidget] = []
        self._more: QWidget | None = None
        session.report_changed.connect(self._on_report)
        theme.changed.connect(self.rebuild)
        self.refresh()

    @property
    def rows(self) -> list[ProblemRow]:
        return [row for row in self._rows if isinstance(row, ProblemRow)]

    def refresh(self) -> None:
        """Show what the report says now."""
        if self._report is not self._session.report:
            self._report = self._session.report
            self.rebuild()

    def rebuild(self) -> None:
        """The first rows, made anew."""
        self._clear_more()
        for old in self._rows:
            self._take(old)
        self._rows = []
        problems = self._session.report.problems
        errors = [problem for problem in problems if problem.severity == "error"]
        self._problems = [*errors, *(problem for problem in problems if problem.severity != "error")]
        if problems:
            self.show_more()
        else:
            self._add(EmptyState("No problems", "Every layer fits the ones before it. Press Play to train."))

    def show_more(self) -> None:
        """A few rows more, up to `MOST_ROWS`; below them, how many problems are not listed."""
        before = len(self.rows)
        after = min(before + ROWS_AT_ONCE, MOST_ROWS, len(self._problems))
        if before == after:
            return
        self._clear_more()
        for problem in self._problems[before:after]:
            if self._rows:
                self._add(hairline())
            row = ProblemRow(problem, node_title(self._session.project, problem))
            row.chosen.connect(self.chosen)
            row.fix_clicked.connect(self._apply_fix)
            self._add(row)
        left = self._session.report.problem_count - after
        if left:
            self._more = caption(f"and {left:,} more")
            self._more.setContentsMargins(16, 10, 16, 12)
            self._layout.addWidget(self._more)

    def _on_report(self) -> None:
        if self.isVisible():
            self.refresh()

    def _clear_more(self) -> None:
        if self._more is not None:
            self._take(self._more)
            self._more = None

    def _take(self, widget: QWidget) -> None:
        self._layout.removeWidget(widget)
        widget.hide()
        widget.deleteLater()

    def fit(self) -> None:
        """Lay the rows out now, so that the height is known."""
        self._layout.activate()

    def _add(self, widget: QWidget) -> None:
        self._rows.append(widget)
        self._layout.addWidget(widget)

    def _apply_fix(self, fix: Fix) -> None:
        self._session.attempt(fix.edit, fix.title)


class ProblemsPopover(Popover):
    """The list below the chip in the top bar."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window, 440)
        self._session = session
        self.title = heading("")
        self.hint = caption("click one to see it on the canvas")
        head = QHBoxLayout()
        head.setContentsMargins(16, 12, 16, 10)
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.hint)
        self.body.addLayout(head)
        self.body.addWidget(hairline())
        self.list = ProblemList(session)
        self.list.setProperty("role", "scrolled")
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.list)
        self._area = area
        self.body.addWidget(area, 1)
        area.verticalScrollBar().valueChanged.connect(self._scrolled)
        session.report_changed.connect(self._on_report)

    def pop_up(self, anchor: QWidget, gap: int = 6) -> None:
        self._show_report()
        super().pop_up(anchor, gap)

    def _scrolled(self, value: int) -> None:
        """Near the end of the rows, more of them are made."""
        if self._area.verticalScrollBar().maximum() - value < self._area.height():
            self.list.show_more()
            self.list.fit()
            self.list.resize(self.list.width(), self.list.heightForWidth(self.list.width()))

    def _on_report(self) -> None:
        if self.isVisible():
            self._show_report()

    def _show_report(self) -> None:
        self.list.refresh()
        count = self._session.report.problem_count
        self.title.setText(summary(count) if count else "Problems")
        self.hint.setVisible(count > 0)
        self.list.fit()
        height = self.list.heightForWidth(self.width() - 12) if count else 150
        self._area.setMinimumHeight(min(max(height, self.list.sizeHint().height(), 90), 460))
        home = self.parentWidget()
        if self.isVisible() and home is not None:
            self._fit_height(home)
