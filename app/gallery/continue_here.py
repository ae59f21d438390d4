"""Where the course goes on: the next project of the gallery, over all cards."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from app.gallery import course_progress
from app.widgets.buttons import QuietButton
from app.widgets.text import ElidedLabel, caption
from engine.document.storage.gallery import Template


class ContinueHere(QFrame):
    """Names the next project, says how far the course was taken, and opens it; hidden at its end."""

    chosen = Signal(str)

    def __init__(self, templates: Sequence[Template]) -> None:
        super().__init__()
        self._templates = {template.name: template for template in templates}
        self.name = ""
        self.setProperty("role", "notice")
        self.heading = caption("")
        self.title = ElidedLabel("", "heading")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.heading)
        words.addWidget(self.title)
        self.open = QuietButton("Open")
        self.open.clicked.connect(lambda: self.chosen.emit(self.name))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 10, 16, 10)
        layout.setSpacing(12)
        layout.addLayout(words, 1)
        layout.addWidget(self.open)
        self.refresh()

    def refresh(self) -> None:
        """Read again what was opened."""
        names = tuple(self._templates)
        opened = sum(name in self._templates for name in course_progress.progress().opened)
        following = course_progress.next_of(names)
        self.setVisible(following is not None)
        if following is None:
            return
        self.name, found = following, self._templates[following]
        begun = f"Continue here · {opened} of {len(names)} opened" if opened else "Begin here"
        self.heading.setText(begun)
        self.title.setText(f"{found.section}: {found.title}")
        self.open.setAccessibleName(f"{begun.partition(' ·')[0]}: open {found.title}")
