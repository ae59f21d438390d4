"""What "About Layerloom" says."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version

from engine.system.version import version as layerloom_version


def about_text() -> str:
    """Version, what it stands on, and its licence."""
    parts = [f"Python {sys.version.split()[0]}"]
    for name in ("torch", "PySide6_Essentials", "numpy"):
        try:
            parts.append(f"{name.removesuffix('_Essentials')} {version(name)}")
        except PackageNotFoundError:
            continue
    return (
        f"Layerloom {layerloom_version()} – draw a network; the drawing is the program.\n\n"
        f"{' · '.join(parts)}\n\n"
        "Apache License 2.0. Inter and JetBrains Mono under the SIL Open Font License."
    )
