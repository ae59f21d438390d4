"""Structures of MATLAB: their fields are arrays, whatever lies within what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tests.corpus.case import Case, Expected, chance

N = 24
X = chance("structures").normal(size=(N, 5)).astype("f4")
LABELS = np.arange(N) % 3


def _saved(
    values: Mapping[str, Any], *, packed: bool = False, cut: int | None = None
) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        from scipy.io import savemat

        path = folder / "a.mat"
        savemat(path, dict(values), do_compression=packed)
        path.write_bytes(path.read_bytes()[:cut])
        return path

    return make


def _lying(folder: Path) -> Path:
    """A field that says it is longer than its structure."""
    path = _saved({"data": {"x": X, "y": LABELS}})(folder)
    raw = bytearray(path.read_bytes())
    at = raw.index(b"x\0\0\0") if b"x\0\0\0" in raw else 200
    first = raw.index((14).to_bytes(4, "little"), at)
    raw[first + 4 : first + 8] = (1 << 30).to_bytes(4, "little")
    path.write_bytes(bytes(raw))
    return path


def _all() -> list[Case]:
    wanted = Expected(samples=N, shape=(5,), classes=["0", "1", "2"], inputs=X, targets=LABELS)
    y = LABELS[:, None].astype("i4")
    deep: dict[str, Any] = {"x": X, "y": y}
    for name in "abcdefghij":
        deep = {name: deep}
    several = np.array([(1, 2.0), (3, 4.0)], dtype=[("a", "i4"), ("b", "f8")])
    told = Expected(samples=N, inputs=X, told=["records.*structure of several"], or_told="records")
    cases: dict[str, tuple[Callable[[Path], Path], Expected]] = {
        "fields": (_saved({"data": {"x": X, "y": y}}), wanted),
        "fields, packed": (_saved({"data": {"x": X, "y": y}}, packed=True), wanted),
        "structures in structures": (_saved({"set": {"in": {"X": X}, "out": {"labels": y}}}), wanted),
        "beside an array": (_saved({"x": X, "more": {"y": y, "note": "by hand"}}), wanted),
        "several elements": (_saved({"x": X, "y": y, "records": several}), told),
        "ten within each other": (_saved({"deep": deep}), Expected(refused="structure")),
        "a structure that is cut": (_saved({"data": {"x": X, "y": y}}, cut=500), Expected(refused="cut")),
        "a field that is too long": (_lying, Expected(told=["data.*field that ends beyond"])),
        "no fields": (_saved({"data": {}}), Expected(refused="a.mat")),
    }
    return [
        Case("structures", title, make, want, is_quick=title in ("fields, packed", "several elements"))
        for title, (make, want) in cases.items()
    ]


CASES = tuple(_all())
