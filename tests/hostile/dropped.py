"""Cases of data that somebody drops: asked as `layerloom data PATH` does, whichever set reads them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.hostile.case import Case


def dropped(kind: str, name: str, make: Callable[[Path], Path], answer: str, **bounds: Any) -> Case:
    """A file or folder that is opened by drop alone; it is refused unless `exits` says otherwise."""
    return Case(kind, name, make, answer, command=("data", "{}"), **bounds)


def of_bytes(name: str, data: bytes | Callable[[], bytes]) -> Callable[[Path], Path]:
    """Writes a file of these bytes."""

    def make(folder: Path) -> Path:
        (folder / name).write_bytes(data() if callable(data) else data)
        return folder / name

    return make
