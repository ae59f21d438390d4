"""The base of every error whose message is made for the user."""

from __future__ import annotations

from nodes.shown_text import shown_lines


class UserError(Exception):
    """Something that a user asked for or gave cannot be used. `str(error)` is the sentence that is shown.

    Whoever tells errors tells these by their sentence alone; any other error is a mistake of the program. The
    sentence may quote a stranger's words: its lines are bounded in number and length and have no characters
    that move or hide others (see `shown_lines`).
    """

    def __str__(self) -> str:
        return shown_lines(str(self.args[0]) if len(self.args) == 1 else super().__str__())
