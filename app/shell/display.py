"""Opens the window where there is a display, and says so in one sentence where there is none.

Qt itself ends the process where it finds no display; so this is asked before Qt is loaded. Loads neither the
command line's packages nor torch.
"""

from __future__ import annotations

import gc
import os
import socket
import sys
from pathlib import Path

NO_DISPLAY = (
    "layerloom: Expected a display for the window. Received none; without one, these work: layerloom new, "
    "templates, inspect, train, resume, runs, compare, follow, sample (see layerloom --help)."
)


def open_window(path: Path | None) -> int:
    """The window, on a project or on the gallery."""
    if not has_display():
        print(NO_DISPLAY, file=sys.stderr)  # noqa: T201 - the command's own output
        return 2
    hold_collector()
    from app.shell import startup

    return startup.run(path)


def hold_collector() -> None:
    """Collect no garbage until the window is there: a start makes what stays. `startup` goes on with it."""
    gc.disable()


def has_display() -> bool:
    """Whether a window could be shown: Qt itself ends the process without a word to catch where none can."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    wayland = os.environ.get("WAYLAND_DISPLAY", "")
    if wayland and (Path(os.environ.get("XDG_RUNTIME_DIR", "/nowhere")) / wayland).exists():
        return True
    return _x_answers(os.environ.get("DISPLAY", ""))


def _x_answers(display: str) -> bool:
    """Whether the X server of this name takes connections; one on another machine is taken at its word."""
    host, colon, screen = display.rpartition(":")
    number = screen.split(".")[0]
    if not colon or not number.isdigit():
        return False
    if host not in ("", "unix"):
        return True
    for address in (f"/tmp/.X11-unix/X{number}", f"\0/tmp/.X11-unix/X{number}"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(1.0)
            if client.connect_ex(address) == 0:
                return True
    return False
