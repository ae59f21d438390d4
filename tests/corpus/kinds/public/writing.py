"""Writers of the files that are found in public, as short as they can be called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.corpus.kinds.tables_values import ROWS, text

N = ROWS
Make = Callable[[Path], Path]


def lines(rows: Sequence[Sequence[object]], separator: str = ",", name: str = "t.csv") -> Make:
    """Writes rows as they are."""
    return text("\n".join(separator.join(map(str, row)) for row in rows) + "\n", name)


def columns(named: Mapping[str, Sequence[object]], separator: str = ",", name: str = "t.csv") -> Make:
    """Writes columns below their names."""
    return lines([[*named], *zip(*named.values(), strict=True)], separator, name)


def coded(content: str, name: str = "t.txt", codec: str = "utf-8") -> Make:
    """Writes a text in an encoding."""
    return text(content.encode(codec), name)


def tree(files: Mapping[str, str | bytes]) -> Make:
    """Writes files below a folder."""

    def make(folder: Path) -> Path:
        for name, what in files.items():
            path = folder / "set" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(what if isinstance(what, bytes) else what.encode())
        return folder / "set"

    return make


def cycle(words: Sequence[object], count: int = N, step: int = 1) -> list[object]:
    """The words in turn."""
    return [words[i * step % len(words)] for i in range(count)]


def comma(value: float, digits: int = 3) -> str:
    """A number with a decimal comma."""
    return f"{value:.{digits}f}".replace(".", ",")


AGES = [20 + (7 * i) % 61 for i in range(N)]
