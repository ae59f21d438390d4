"""Notes what a piece of code does to the world: processes, sockets, and files written outside a folder.

Python's audit events are the source: https://docs.python.org/3/library/audit_events.html. A hook cannot be
taken away again, so there is one, which notes something only inside `watched`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

APART = ("-P", "-m", "nodes.reading.tables.formats.read_apart")
"""The product's own process that reads old workbooks, which is all that a damaged one may end."""
_PROCESSES = (
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "os.fork",
)
_CODE = ("pickle.find_class", "webbrowser.open")
_CHANGES = (
    "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.symlink", "os.link", "os.truncate", "os.chmod",
    "os.chown", "shutil.move", "shutil.rmtree",
)  # fmt: skip
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class _Watch:
    """What is being watched now; nothing where `folders` is None."""

    folders: tuple[str, ...] | None = None
    seen: list[str]


_watch = _Watch()
_installed = False


@contextmanager
def watched(*folders: Path) -> Iterator[list[str]]:
    """Events that a stranger's file must never cause; writing inside these folders is none."""
    _install()
    _watch.seen = seen = []
    _watch.folders = tuple(os.path.realpath(folder) for folder in folders)
    try:
        yield seen
    finally:
        _watch.folders = None


def _install() -> None:
    global _installed  # noqa: PLW0603 - an audit hook stays for the life of the process
    if not _installed:
        _installed = True
        sys.addaudithook(_noted)


def _noted(event: str, values: tuple[Any, ...]) -> None:
    folders = _watch.folders
    if folders is None:
        return
    if event == "subprocess.Popen" and tuple(values[1][:4]) == (sys.executable, *APART):
        return
    if event in _PROCESSES or event in _CODE or event.startswith("socket.connect"):
        _watch.seen.append(f"{event} {values!r}"[:300])
    elif (event == "open" and (values[2] or 0) & _WRITES) or event in _CHANGES:
        _written(event, values[0], folders)


def _written(event: str, path: Any, folders: tuple[str, ...]) -> None:
    """Note what is changed at a path, but for these folders, files without a name and byte code."""
    if isinstance(path, int) or path is None:
        return
    name = os.path.realpath(os.fsdecode(path))
    if name == os.devnull or name.endswith(".pyc") or "__pycache__" in name:
        return
    if not any(name == folder or name.startswith(folder + os.sep) for folder in folders):
        _watch.seen.append(f"{event} {name}"[:300])
