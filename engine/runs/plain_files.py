"""Plain files of a folder that may come from elsewhere: read where they are as they should be.

Knows nothing of what lies in them; does not import torch.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TypeVar

import msgspec

Decoded = TypeVar("Decoded")
LONGEST = 2000
"""Characters of a text that is shown."""


class ArchiveError(ValueError):
    """A run's folder cannot be read or changed as asked. The message is the sentence."""


def content(path: Path, most: int) -> bytes:
    """The bytes of a plain file that is no link. Raises `ArchiveError`, FileNotFoundError."""
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
    """What this JSON holds. Raises `ArchiveError` where it is none, or of another kind."""
    try:
        return msgspec.json.decode(data, type=kind)
    except RecursionError as error:
        raise ArchiveError("Expected JSON. Received lists in lists without end.") from error
    except ValueError as error:  # malformed, of another kind, or no text
        raise ArchiveError(reason(error)) from error


def is_folder(path: Path) -> bool:
    """Whether this is a folder itself, not a link to one."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except (OSError, ValueError):
        return False


def own_file(path: Path) -> bool:
    """Whether this is a plain file itself, not a link to one."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (OSError, ValueError):
        return False


def reason(error: Exception) -> str:
    """What went wrong, short enough to be shown."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text[:LONGEST]
