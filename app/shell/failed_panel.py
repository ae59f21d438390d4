"""What is shown in place of a plug-in's panel that could not be made."""

from __future__ import annotations

from PySide6.QtCore import Qt

from app.widgets.text import Label

_MARGIN = 16


class FailedPanel(Label):
    """The sentence that says what is wrong, as plain text: its words are a stranger's."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.setWordWrap(True)
        self.setMargin(_MARGIN)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
