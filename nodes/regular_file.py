"""Opening files that somebody else may have made: regular files only, never a pipe, a device or a socket.

Reading a pipe may wait for ever, and what a device or a file of the system such as `/proc/self/pagemap`
gives may never end. Who reads a whole file asks its size first and reads no more than that.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

_KINDS = (
    (stat.S_ISDIR, "it is a folder"),
    (stat.S_ISFIFO, "it is a pipe"),
    (stat.S_ISCHR, "it is a device"),
    (stat.S_ISBLK, "it is a device"),
    (stat.S_ISSOCK, "it is a socket"),
)
_FLAGS = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


class NotRegularFileError(OSError):
    """What stands at a path is no regular file. `strerror` says what it is: "it is a pipe"."""

    def __init__(self, path: Path | str, sentence: str) -> None:
        super().__init__(0, sentence, str(path))

    def __str__(self) -> str:
        return str(self.strerror)


def open_regular(path: Path | str, *, follow_links: bool = True) -> BinaryIO:
    """A regular file, opened for reading. Does not wait for anything.

    Raises `NotRegularFileError` for anything else, for a file of the system that gives bytes though its
    size is 0, and for a link where links are not to be followed. Raises OSError as `open` does.
    """
    flags = os.O_RDONLY | _FLAGS | (0 if follow_links else getattr(os, "O_NOFOLLOW", 0))
    require_regular(path, follow_links=follow_links)  # opening a tape or a serial line may have effects
    handle = os.open(path, flags)
    try:
        found = os.fstat(handle)
        _check(path, found)
        file = os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise
    if found.st_size == 0 and file.peek(1):
        file.close()
        raise NotRegularFileError(path, "it is a file of the system that has no size")
    return file


def require_regular(path: Path | str, *, follow_links: bool = True) -> os.stat_result:
    """Size, times and more of a regular file. Raises `NotRegularFileError` for anything else, OSError."""
    found = Path(path).stat(follow_symlinks=follow_links)
    _check(path, found)
    return found


def is_regular(path: Path | str, *, follow_links: bool = True) -> bool:
    """Whether a regular file stands at this path."""
    try:
        require_regular(path, follow_links=follow_links)
    except (OSError, ValueError):  # ValueError: a path with a zero character
        return False
    return True


def _check(path: Path | str, found: os.stat_result) -> None:
    if stat.S_ISREG(found.st_mode):
        return
    if stat.S_ISLNK(found.st_mode):
        raise NotRegularFileError(path, "it is a link")
    sentence = next((words for is_kind, words in _KINDS if is_kind(found.st_mode)), "it is no regular file")
    raise NotRegularFileError(path, sentence)
