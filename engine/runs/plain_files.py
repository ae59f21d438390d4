"""Reading plain files of a folder that is not trusted."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec

from nodes.regular_file import NotRegularFileError, is_regular, open_regular
from nodes.shown_text import LINE, shown
from nodes.user_error import UserError

Decoded = TypeVar("Decoded")
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
"""A number of steps, epochs or bytes in a file."""
Seconds = Annotated[float, msgspec.Meta(ge=0.0, le=1e12)]


class ArchiveError(UserError, ValueError):
    """A run's folder cannot be read or changed. The message is a sentence for the user."""


def content(path: Path, most: int) -> bytes:
    """The bytes of a plain file, not of a link. Raises `ArchiveError`, FileNotFoundError."""
    try:
        with open_regular(path, follow_links=False) as file:
            size = os.fstat(file.fileno()).st_size
            if size > most:
                raise ArchiveError(f"{path.name}: Expected at most {most:,} bytes. Received {size:,}.")
            return file.read(most)
    except (FileNotFoundError, ArchiveError):
        raise
    except NotRegularFileError as error:
        kind = str(error).removeprefix("it is ")
        raise ArchiveError(f"{path.name}: Expected a plain file. Received {kind}.") from error
    except (OSError, ValueError) as error:
        raise ArchiveError(f"{path.name}: {reason(error)}") from error


def decoded(data: bytes | str, kind: type[Decoded]) -> Decoded:
    """The value in this JSON. Raises `ArchiveError` where it is not valid or has another type."""
    try:
        return msgspec.json.decode(data, type=kind)
    except RecursionError as error:
        raise ArchiveError("Expected JSON. Received lists in lists without end.") from error
    except ValueError as error:  # malformed, of another kind, or no text
        raise ArchiveError(reason(error)) from error


def is_folder(path: Path) -> bool:
    """Whether this is a folder and not a link."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except (OSError, ValueError):
        return False


def own_file(path: Path) -> bool:
    """Whether this is a plain file and not a link."""
    return is_regular(path, follow_links=False)


def reason(error: Exception) -> str:
    """The message of the error, on one line of a bounded length."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return shown(text, LINE)
