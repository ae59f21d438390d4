"""What the window remembers between starts: geometry, panels, theme, recent files. One ini file per user.

Not part of a project: losing it loses no work.
"""

from __future__ import annotations

from pathlib import Path

import platformdirs
from PySide6.QtCore import QSettings

RECENT_LIMIT = 12


def folder() -> Path:
    """Where the settings live."""
    return Path(platformdirs.user_config_dir("layerloom", appauthor=False))


def state_folder() -> Path:
    """Where runs of unsaved projects and recovery files live."""
    return Path(platformdirs.user_state_dir("layerloom", appauthor=False))


def settings() -> QSettings:
    """The settings of this user."""
    return QSettings(str(folder() / "settings.ini"), QSettings.Format.IniFormat)


def text(key: str, default: str = "") -> str:
    """A setting that is text."""
    value = settings().value(key, default)
    return value if isinstance(value, str) else default


def recent_files() -> list[Path]:
    """Projects opened or saved before, newest first. Asks no disk whether they are still there."""
    value = settings().value("recent", [])
    names = value if isinstance(value, list) else [value] if value else []
    return [Path(str(name)) for name in names]


def add_recent(full: Path) -> None:
    """Put a project, named by its whole path, first among the recent ones."""
    others = [known for known in recent_files() if known != full]
    settings().setValue("recent", [str(entry) for entry in (full, *others)][:RECENT_LIMIT])


def drop_recent(path: Path) -> None:
    """Take a project off the list: it is not there any more."""
    settings().setValue("recent", [str(entry) for entry in recent_files() if entry != path])


def clear_recent() -> None:
    settings().setValue("recent", [])
