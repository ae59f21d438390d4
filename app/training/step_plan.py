"""The step plan as a list to read: one entry per objective step, what it computes, reuses and updates.

A click on an entry goes to its objective and lights what it updates. Shows values; knows not how they are
found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.state.session import Session
from app.style import theme
from app.widgets.section import Heading, Section
from app.widgets.text import ElidedLabel, body, mono_label
from engine.document import node_paths
from engine.document.project import MAIN

if TYPE_CHECKING:
    from engine.compile.step_plan import ObjectiveStepPlan

_EDGE = 3.0


class TurnEntry(QWidget):
    """One objective step: its number, the objective, how often, and the sentence."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.objective = ""
        self._hovered = self._lit = False
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.title, self.often, self.sentence = ElidedLabel("", role="strong"), mono_label(""), body("")
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.title, 1)
        line.addWidget(self.often)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 8, 7)
        column.setSpacing(3)
        column.addLayout(line)
        column.addWidget(self.sentence)
        theme.changed.connect(self.update)

    def show_step(self, number: int, step: ObjectiveStepPlan, cycle: int, *, alone: bool) -> None:
        """`alone`: its objective has no other step in the cycle."""
        self.objective = step.objective
        self.title.setText(f"{number}  {step.objective}" if number else step.objective)
        self.often.setText(often(step, cycle, alone=alone))
        text = step.sentence.partition(": ")[2] or step.sentence
        self.sentence.setText(text[:1].upper() + text[1:])
        self.setAccessibleName(step.sentence)

    def set_lit(self, lit: bool) -> None:
        if lit != self._lit:
            self._lit = lit
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        now, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        focused = self.hasFocus()
        if self._lit or self._hovered or focused:
            painter.setPen(QPen(theme.colour(now.accent), 1.0) if focused else Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(now.raised))
            painter.drawRoundedRect(box, 6.0, 6.0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(now.family("objective"), 1.0 if self._lit else 0.55))
        painter.drawRoundedRect(QRectF(0.0, 7.0, _EDGE, self.height() - 14.0), 1.5, 1.5)
        painter.end()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._hovered = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hovered = False
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit(self.objective)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self.objective)
        else:
            super().keyPressEvent(event)


def often(step: ObjectiveStepPlan, cycle: int, *, alone: bool) -> str:
    """How often an objective acts: `5× per cycle`, or at which steps where an objective has several."""
    if cycle <= 1:
        return ""
    steps = step.steps
    if alone:
        return f"{len(steps)}× per cycle of {cycle:,}" if len(steps) < cycle else "every step"
    if len(steps) == 1:
        return f"step {steps[0] + 1:,} of {cycle:,}"
    if steps[-1] - steps[0] == len(steps) - 1:
        return f"steps {steps[0] + 1:,}–{steps[-1] + 1:,} of {cycle:,}"
    return f"{len(steps):,} of {cycle:,} steps"


class StepPlanPart(Section):
    """All objective steps, or those of one objective."""

    def __init__(self, session: Session, title: str = "Training step") -> None:
        super().__init__()
        self._session = session
        self.objective: str | None = None
        """Only the steps of this objective, by its path; None: all."""
        self.heading = Heading(title)
        self.add(self.heading)
        self.entries: list[TurnEntry] = []
        session.step_plan_changed.connect(self.refresh)
        session.spotlight_changed.connect(self._light)
        self.hide()  # until it is asked to show what is known, by then in its panel

    def show_objective(self, path: str) -> None:
        self.objective = path
        self.refresh()

    def refresh(self) -> None:
        """Show the session's plan as it is now."""
        if self.parentWidget() is None:
            return
        plan = self._session.step_plan
        steps = list(plan.objective_steps) if plan is not None else []
        count = {step.objective: 0 for step in steps}
        for step in steps:
            count[step.objective] += 1
        own = [t for t in steps if self.objective is None or t.objective == self.objective]
        while len(self.entries) > len(own):
            entry = self.entries.pop()
            self.column.removeWidget(entry)
            entry.hide()
            entry.deleteLater()
        while len(self.entries) < len(own):
            entry = TurnEntry()
            entry.chosen.connect(self._choose)
            self.entries.append(entry)
            self.column.addWidget(entry)
        cycle = plan.cycle if plan is not None else 0
        for place, (entry, step) in enumerate(zip(self.entries, own, strict=True), 1):
            number = place if self.objective is None and len(own) > 1 else 0
            entry.show_step(number, step, cycle, alone=count[step.objective] == 1)
        self.heading.note.setText(f"a cycle of {cycle:,} steps" if cycle > 1 else "")
        if self.parentWidget() is not None or not own:  # shown without a parent it would be a window
            self.setVisible(bool(own))
        self._light()

    def _light(self) -> None:
        for entry in self.entries:
            entry.set_lit(entry.objective == self._session.spotlight)

    def _choose(self, objective: str) -> None:
        """Go to the objective; choosing it lights what it updates."""
        session = self._session
        steps = list(node_paths.segments(session.project, MAIN, objective))
        if not steps:
            return
        if steps[-1].graph != session.view.graph:
            session.show_tab(steps[-1].graph)
        session.select(frozenset({steps[-1].node}))
        session.set_spotlight(objective)
        session.reveal_wanted.emit(steps[-1].node)
