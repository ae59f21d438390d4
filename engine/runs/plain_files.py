"""Reading plain files of a folder that is not trusted."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TypeVar

import msgspec

from nodes.user_error import UserError

Decoded = TypeVar("Decoded")
LONGEST = 2000
"""The most characters of an error text."""


class ArchiveError(UserError, ValueError):
    """A run's folder cannot be read or changed. The message is a sentence for the user."""


def content(path: Path, most: int) -> bytes:
    """The bytes of a plain file, not of a link. Raises `ArchiveError`, FileNotFoundError."""
    flags = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode):
            raise ArchiveError(f"{path.name}: Expected a plain file. Received a link, a folder or a device.")
        if found.st_size > most:
            raise ArchiveError(f"{path.name}: Expected at most {most:,} bytes. Received {found.st_size:,}.")
        handle = os.open(path, os.O_RDONLY | flags)
        with os.fdopen(handle, "rb") as file:
            return file.read(most)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        if isinstance(error, ArchiveError):
            raise
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
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (OSError, ValueError):
        return False


def reason(error: Exception) -> str:
    """The message of the error, shortened to `LONGEST` characters."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text[:LONGEST]
