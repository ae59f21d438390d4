"""What reading a data set raises where a user can do something about it."""

from __future__ import annotations

from typing import ClassVar

from nodes.user_error import UserError


class DataError(UserError, ValueError):
    """Data cannot be read. The message says what was expected, what was found, where, and what to do."""

    lasting: ClassVar[bool] = True
    """Whether the same files give the same error again, so that nobody needs to read them again."""


class NoRoomError(DataError):
    """There is not enough free memory for the data, now; later there may be."""

    lasting: ClassVar[bool] = False
