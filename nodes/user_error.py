"""The base of every error whose message is made for the user."""

from __future__ import annotations


class UserError(Exception):
    """Something that a user asked for or gave cannot be used. `str(error)` is the sentence that is shown.

    Whoever tells errors tells these by their sentence alone; any other error is a mistake of the program.
    """
