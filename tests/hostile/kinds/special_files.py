"""Pipes, devices and files of the system where a file is expected, and links to them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from engine.document import edits
from engine.document.storage.file import save
from tests.drawings import chain
from tests.hostile.case import Case

_SETS = {
    "csv": ({"dataset": "csv-file"}, "table.csv"),
    "text": ({"dataset": "text-file", "context": 4}, "words.txt"),
    "packed text": ({"dataset": "text-file", "context": 4}, "words.txt.gz"),
    "npy": ({"dataset": "array-file"}, "data.npy"),
    "npz": ({"dataset": "array-file"}, "data.npz"),
}


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _link_to(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


_STRANGE: dict[str, tuple[Callable[[Path], None], str]] = {
    "pipe": (_pipe, "pipe"),
    "link to /dev/zero": (_link_to("/dev/zero"), "device"),
    "link to /proc/self/pagemap": (_link_to("/proc/self/pagemap"), "file of the system"),
}


def _project_itself(strange: Callable[[Path], None]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        strange(folder / "p.loom")
        return folder / "p.loom"

    return make


def _data(params: dict[str, object], name: str, strange: Callable[[Path], None]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        strange(folder / name)
        project = chain(
            {**params, "path": str(folder / name)}, [("linear", "linear", {"out_features": 2})], "mse"
        )
        save(edits.set_settings(project, epochs=1), folder / "p.loom")
        return folder / "p.loom"

    return make


def _cases() -> list[Case]:
    found = [
        Case("special file as project", what, _project_itself(strange), "Expected", is_quick=what == "pipe")
        for what, (strange, _) in _STRANGE.items()
    ]
    for what, (strange, word) in _STRANGE.items():
        for kind, (params, name) in _SETS.items():
            for command in ("inspect", "train"):
                more = ("--device", "cpu") if command == "train" else ()
                found.append(
                    Case(
                        "special file as data",
                        f"{what} as {kind}, {command}",
                        _data(params, name, strange),
                        f"Expected.*{word}",
                        command=(command, "{}", *more),
                        exits=(0,)
                        if command == "inspect"
                        else (2,),  # a drawing is described with its errors
                        is_quick=what == "pipe" and kind == "csv",
                    )
                )
    return found


CASES = tuple(_cases())
