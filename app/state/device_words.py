"""Words for the device on which a run goes, and the menu to choose it.

Asks torch only once it is loaded; before that it speaks of the CPU, which is always there.
"""

from __future__ import annotations

import os

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QWidget

from app.state import warmup
from app.state.session import Session
from app.widgets.menus import Menu
from engine.messages.events import Started


def cores() -> int:
    """CPU cores that this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed is not None else os.cpu_count() or 1


def device_words(setting: str, started: Started | None = None) -> str:
    """For instance "CPU · 2 cores", "CUDA:1"; on a menu "CUDA:1 · NVIDIA H200"."""
    name = setting
    if setting == "auto":
        name = started.device if started is not None else available()[0]
    kind = name.split(":")[0].lower()
    if kind == "cpu":
        count = cores()
        return f"CPU · {count} core{'s' if count > 1 else ''}"
    return name.upper() if kind in ("cuda", "mps") else name


def available() -> list[str]:
    """Devices of this machine, the fastest first."""
    if not warmup.is_loaded():
        return ["cpu"]
    from engine.system import device

    return device.devices()


def _title(name: str) -> str:
    """The device as the menu shows it: several of one kind are told apart by number and model."""
    words = device_words(name)
    if not name.startswith("cuda"):
        return words
    import torch

    from engine.system import device

    return f"{words} · {device.title(torch.device(name))}"


def device_menu(session: Session, parent: QWidget) -> Menu:
    """Automatic, or one of the devices of this machine."""
    from engine.document import edits

    menu = Menu(parent)
    group = QActionGroup(menu)
    present = session.project.settings.device
    for name in ("auto", *available()):
        words = f"Automatic ({device_words('auto')})" if name == "auto" else _title(name)
        action = menu.add(words)
        action.setCheckable(True)
        action.setChecked(name == present)
        group.addAction(action)
        action.triggered.connect(
            lambda _=False, chosen=name: session.apply(
                edits.set_settings(session.project, device=chosen), "Choose device"
            )
        )
    return menu
