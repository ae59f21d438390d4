"""A virtual screen with the real program on it, worked by a real pointer and keyboard (Xvfb and xdotool)."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import ImageGrab
from PySide6.QtGui import QColor

from app.style import theme
from tests import ROOT

SIZE = (1440, 900)
NEEDED = ("Xvfb", "xdotool")


def missing() -> str:
    """A sentence where the tools are not there; "" where all is well."""
    absent = [name for name in NEEDED if shutil.which(name) is None]
    if not absent:
        return ""
    return (
        f"Expected Xvfb and xdotool for a real window. Missing: {', '.join(absent)}; .ci/run installs them."
    )


class Screen:
    """A display of its own. Use as a context manager."""

    def __enter__(self) -> Screen:
        reading, writing = os.pipe()
        picture = f"{SIZE[0]}x{SIZE[1]}x24"
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", picture, "-nolisten", "tcp"],
            pass_fds=[writing],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        with os.fdopen(reading) as told:
            self.display = f":{told.readline().strip()}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.terminate()
        self._server.wait(10)

    def grab(self) -> np.ndarray:
        """What is on the screen, (height, width, 3)."""
        with ImageGrab.grab(xdisplay=self.display) as picture:
            return np.asarray(picture.convert("RGB")).astype(int)

    def do(self, *words: object) -> str:
        """One xdotool command."""
        done = subprocess.run(
            ["xdotool", *map(str, words)],
            env={**os.environ, "DISPLAY": self.display},
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
        return done.stdout.strip()

    def click(self, x: float, y: float) -> None:
        self.do("mousemove", round(x), round(y), "sleep", 0.05, "click", 1)

    def drag(self, start: tuple[float, float], end: tuple[float, float], steps: int = 12) -> None:
        """Press, move in steps as a hand does, let go."""
        self.do("mousemove", round(start[0]), round(start[1]), "sleep", 0.1, "mousedown", 1)
        for step in range(1, steps + 1):
            x, y = (a + (b - a) * step / steps for a, b in zip(start, end, strict=True))
            self.do("mousemove", round(x), round(y), "sleep", 0.03)
        self.do("sleep", 0.2, "mouseup", 1, "sleep", 0.2)

    def keys(self, *names: str) -> None:
        for name in names:
            self.do("key", "--delay", 40, name)

    def type(self, text: str) -> None:
        self.do("type", "--delay", 40, text)


class Program:
    """The product, started on a screen as a user starts it. Use as a context manager."""

    def __init__(self, screen: Screen, home: Path, *arguments: str) -> None:
        self._screen, self._home, self._arguments = screen, home, arguments

    def __enter__(self) -> Program:
        folders = {
            f"XDG_{kind}_HOME": str(self._home / kind) for kind in ("CONFIG", "DATA", "STATE", "CACHE")
        }
        environment = {**os.environ, **folders, "DISPLAY": self._screen.display, "QT_QPA_PLATFORM": "xcb"}
        environment.pop("WAYLAND_DISPLAY", None)
        self._log = (self._home / "output.txt").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app", *self._arguments],
            cwd=ROOT,
            env=environment,
            stdout=self._log,
            stderr=self._log,
        )
        found = self._screen.do("search", "--sync", "--onlyvisible", "--name", "Layerloom").splitlines()
        self._screen.do("windowmove", found[-1], 0, 0)
        self._screen.do("windowfocus", found[-1])
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        self._log.close()

    @property
    def output(self) -> str:
        return (self._home / "output.txt").read_text("utf-8", "replace")


def wait_until(so: Callable[[], object], seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < end, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.1)


def like(picture: np.ndarray, colour: str, within: int = 24) -> np.ndarray:
    tint = QColor(colour)
    return np.abs(picture - np.array([tint.red(), tint.green(), tint.blue()])).max(axis=2) <= within


def is_painted(screen: Screen) -> bool:
    """Whether the accent of the Play button is there."""
    return bool(like(screen.grab()[:44, 900:], theme.DARK.accent).sum() > 400)
