"""Texts with labels, pairs and sounds, read as a data node reads them: described, loaded, samples fetched."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import numpy as np
import soundfile

from tests.hostile.fuzz import Reader
from tests.hostile.readers.data_files import reading


def _texts(folder: Path) -> list[Path]:
    said = [(f"Größe {i}, 数 \U0001f40b words", "ab"[i % 2]) for i in range(12)]
    lines = "".join(json.dumps({"t": t, "k": k, "n": None}, ensure_ascii=False) + "\n" for t, k in said)
    made = {
        "a.tsv": "".join(f"{k}\t{t}\r\n" for t, k in said).encode(),
        "b.csv": ("k,t\n" + "".join(f'{k},"{t}\n"\n' for t, k in said)).encode("utf-16"),
        "c.jsonl": lines.encode(),
        "d.txt": "".join(f"{t}\n\n" for t, _ in said).encode("utf-8-sig"),
        "e.txt.gz": gzip.compress("".join(f"__label__{k} {t}\n" for t, k in said).encode(), mtime=0),
    }
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in made]


def _pairs(folder: Path) -> list[Path]:
    (folder / "a.tsv").write_text("".join(f"one {i} more\tuno {i}\n" for i in range(12)), "utf-8")
    (folder / "b.txt").write_bytes("".join(f'"one {i}"\t"uno"\tx\r' for i in range(12)).encode("utf-16-le"))
    return [folder / "a.tsv", folder / "b.txt"]


def _sounds(folder: Path) -> list[Path]:
    tone = 0.5 * np.sin(np.arange(400) / 9)
    made = {}
    for name, options in {
        "a.wav": {"subtype": "PCM_16"},
        "b.wav": {"subtype": "FLOAT"},
        "c.flac": {"format": "FLAC"},
        "d.ogg": {"format": "OGG"},
        "e.aiff": {"format": "AIFF"},
    }.items():
        file = io.BytesIO()
        soundfile.write(file, tone, 8000, **{"format": "WAV", **options})
        made[name] = file.getvalue()
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in made]


def _of_folder(path: Path) -> object:
    """The folder of the file, where the other sounds are whole."""
    return reading("sounds", seconds=0.05, mels=8)(path.parent)


READERS = (
    Reader("texts", _texts, reading("texts", length=4)),
    Reader("text pairs", _pairs, reading("text-pairs", length=4, tokens="byte-pair")),
    Reader("sounds", _sounds, _of_folder, beside=True),
)
