"""Names of files and folders that systems and programs leave among pictures, and that are none of them.

The same rule holds at every depth: in the folder itself, beside classes, inside a class.
"""

from __future__ import annotations

_FOLDERS = frozenset(
    {"@eadir", "@tmp", "@recycle", "@recently-snapshot", "#recycle", "#snapshot", "__macosx", "__pycache__"}
    | {"$recycle.bin", "system volume information", "lost+found", "recycler", "node_modules"}
)
"""Of Synology and QNAP, macOS, Python, Windows, Linux."""
_FILES = frozenset({"thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "icon\r", "folder.htt"})


def is_foreign(name: str) -> bool:
    """Whether a file or folder of this name is hidden or belongs to a system or another program."""
    low = name.lower()
    return low.startswith((".", "@__thumb")) or low in _FOLDERS or low in _FILES
