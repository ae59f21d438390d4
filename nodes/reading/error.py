"""What reading a data set raises where a user can do something about it."""

from __future__ import annotations

from nodes.user_error import UserError


class DataError(UserError, ValueError):
    """Data cannot be read. The message says what was expected, what was found, where, and what to do."""
