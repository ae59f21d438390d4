"""Tables in formats with machinery, texts with labels, sounds and lists of pictures, as a drop opens them."""

from __future__ import annotations

import json
import random
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from nodes.data_sets.registry import data_sets
from nodes.reading import kept
from tests.corpus import written
from tests.corpus.kinds.signals import tone, write_wav
from tests.hostile.fuzz import Reader, mutated

_COLUMNS: written.Columns = {
    "x": [i * 0.37 for i in range(30)],
    "word": [f"word{i % 3}" for i in range(30)],
    "day": [f"2024-01-{i + 1:02}" for i in range(30)],
    "y": [i % 4 if i % 7 else None for i in range(30)],
}


def opened(path: Path) -> object:
    """What the surest set makes of it, without the guard that the engine puts before all readers."""
    kept.forget()  # files change faster here than the clock of the file system goes
    found = [(one, one.recognise(path)) for one in data_sets().values()]
    known = [(one, match) for one, match in found if match is not None]
    if not known:
        return None
    one, match = max(known, key=lambda pair: pair[1].sureness)
    chosen = one(match.values)
    look, data = chosen.look(0), chosen.load(0)
    for part in (data.train, data.validation):
        first = np.arange(min(4, len(part)))
        assert part.input.fetch(first).shape[1:] == data.info.input.features
        if part.target is not None:
            part.target.fetch(first)
    return look


def _tables(folder: Path) -> list[Path]:
    written.excel(folder / "a.xlsx", {"Sheet1": written.sheet(written.rows_of(_COLUMNS))})
    written.database(folder / "b.sqlite", {"houses": _COLUMNS, "notes": {"a": [1, 2], "b": ["x", "y"]}})
    written.json_lines(folder / "c.jsonl", _COLUMNS)
    rows = [dict(zip(_COLUMNS, row, strict=True)) for row in written.rows_of(_COLUMNS)[1:]]
    (folder / "d.json").write_text(json.dumps(rows), encoding="utf-8")
    return sorted(folder.iterdir())


def _columnar(folder: Path) -> list[Path]:
    for name in ("a.parquet", "b.arrow"):
        written.columnar(folder / name, _COLUMNS)
    return sorted(folder.iterdir())


def _texts(folder: Path) -> list[Path]:
    words = [f"it was {'good' if i % 2 else 'bad'} number {i}" for i in range(30)]
    labels = ["pos" if i % 2 else "neg" for i in range(30)]
    made = {
        "a.jsonl": "\n".join(json.dumps({"text": w, "label": n}) for w, n in zip(words, labels, strict=True)),
        "b.csv": "text,label\n" + "\n".join(f'"{w}, said",{n}' for w, n in zip(words, labels, strict=True)),
        "c.txt": "".join(f"{w}\tfue {w}\n" for w in words),
    }
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in made]


def _sounds(folder: Path) -> list[Path]:
    for name in ("high", "low"):
        for i in range(3):
            write_wav(
                folder / "set" / name / f"{i}.wav", tone(200 + 900 * (name == "high"), i, 300), 2 + i % 2
            )
    return [folder / "set" / name / "1.wav" for name in ("high", "low")]


def _listed(folder: Path) -> list[Path]:
    lines = ["file,label"]
    for i in range(8):
        Image.new("L", (6, 5), 20 * i).save(folder / f"{i}.png")
        lines.append(f"{i}.png,{'cat' if i % 2 else 'dog'}")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    return [folder / "labels.csv"]


def _above(levels: int) -> Callable[[Path], object]:
    """Opens a folder above the file."""
    return lambda path: opened(path.parents[levels])


def _unzipped(data: bytes, chance: random.Random) -> bytes:
    """Accidents of a file, or of a part of a workbook that is then packed again."""
    if not data.startswith(b"PK") or chance.random() < 0.3:
        return mutated(data, chance)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(sorted(parts))
    parts[name] = mutated(parts[name], chance)
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, content in parts.items():
            archive.writestr(one, content)
    return packed.getvalue()


READERS = (
    Reader("tables of other formats", _tables, opened, mutate=_unzipped),
    Reader("columnar tables", _columnar, opened),
    Reader("texts with labels", _texts, opened),
    Reader("sounds", _sounds, _above(1), beside=True),
    Reader("lists of pictures", _listed, opened, beside=True),
)
