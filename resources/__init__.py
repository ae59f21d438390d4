"""Files that come with Layerloom: fonts, icons, data sets and the projects of the gallery."""

from __future__ import annotations

from pathlib import Path

DATA = Path(__file__).parent / "data"
PROJECTS = Path(__file__).parent / "projects"
