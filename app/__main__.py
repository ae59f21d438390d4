"""The command `layerloom`: the window by default, and everything else on the command line.

The way to the window is kept short: it loads neither the command line's packages nor torch.
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


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit code: 0 well, 1 a run failed, 2 bad input or no display, 130 Ctrl+C."""
    given = sys.argv[1:] if arguments is None else arguments
    if not given:
        return open_window(None)
    if len(given) == 1 and given[0].endswith(".loom"):
        given = ["open", *given]
    try:
        from app import cli

        return cli.main(given)
    except KeyboardInterrupt:  # before any command began, or between two
        return 130


def open_window(path: Path | None) -> int:
    """The window, on a project or on the gallery."""
    if not has_display():
        print(NO_DISPLAY, file=sys.stderr)  # noqa: T201 - the command's own output
        return 2
    hold_collector()
    from app import gui

    return gui.run(path)


def hold_collector() -> None:
    """Collect no garbage until the window is there: a start makes what stays. `warmup` lets it go on."""
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


if __name__ == "__main__":
    sys.exit(main())
