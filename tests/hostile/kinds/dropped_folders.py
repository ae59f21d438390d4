"""Folders of strangers: links out of them, pipes, names that lie, a hundred thousand files, endless depth."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from tests.hostile.case import Case
from tests.hostile.dropped import dropped

_BOUND = "Expected|samples"
_READ, _EITHER = (0,), (0, 2)


def _picture(path: Path, level: int = 9) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (8, 8), level).save(path, "PNG")


def _classes(folder: Path) -> Path:
    for name in ("cat", "dog"):
        for i in range(4):
            _picture(folder / "set" / name / f"{i}.png", 20 * i)
    return folder / "set"


def _and(more: Callable[[Path], object]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = _classes(folder)
        more(path)
        return path

    return make


def _link_out(path: Path) -> None:
    (path / "system").symlink_to("/etc")
    (path / "cat" / "home").symlink_to("/root")
    (path / "cat" / "9.png").symlink_to("/etc/passwd")


def _circle(path: Path) -> None:
    (path / "cat" / "again").symlink_to(path)


def _pipes(path: Path) -> None:
    os.mkfifo(path / "cat" / "9.png")
    os.mkfifo(path / "labels.csv")


def _names(path: Path) -> None:
    for name in (
        "\u202egnp.exe\n\x1b[31mred.png",
        "a" * 200 + ".png",
        "<img src=x>.png",
        "$(touch x).png",
        "--help.png",
    ):
        _picture(path / "dog" / name)
    _picture(path / "<b>class</b>\u202e" / "0.png")


def _deep(path: Path) -> None:
    place = os.fspath(path / "cat")
    kept = os.getcwd()  # noqa: PTH109 - such a path is too long to be named
    try:
        os.chdir(place)
        for _ in range(300):
            os.mkdir("d")  # noqa: PTH102
            os.chdir("d")
    finally:
        os.chdir(kept)


def _crowd(*endings: str) -> Callable[[Path], Path]:
    """A hundred thousand empty files with these endings in turn."""

    def make(folder: Path) -> Path:
        path = folder / "set"
        path.mkdir()
        for i in range(100_000):
            os.close(os.open(path / f"{i}.{endings[i % len(endings)]}", os.O_CREAT | os.O_WRONLY))
        return path

    return make


def _folders(folder: Path) -> Path:
    for i in range(20_000):
        (folder / "set" / f"class{i}").mkdir(parents=True)
    return folder / "set"


def _list(rows: list[list[str]]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = _classes(folder)
        with (path / "labels.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["file", "label"], *rows])
        return path / "labels.csv"

    return make


def _masks(folder: Path) -> Path:
    for i in range(6):
        _picture(folder / "set" / "images" / f"{i}.png", 30 * i)
    (folder / "set" / "masks").symlink_to("/etc")
    return folder / "set"


def _all() -> list[Case]:
    good = [[f"cat/{i}.png", "cat"] for i in range(4)] + [[f"dog/{i}.png", "dog"] for i in range(4)]
    out = [
        ["/etc/passwd", "cat"],
        ["../../../../etc/shadow", "dog"],
        ["cat/../../../etc/hosts", "dog"],
        ["~/.ssh/id_rsa", "cat"],
    ]
    nul = [["cat/0.png\0.txt", "cat"], ["http://127.0.0.1:9/a.png", "cat"], ["file:///etc/passwd", "cat"]]
    rule = "folder"
    return [
        dropped(
            rule, "links out of it", _and(_link_out), "^(?!.*root:).*8 |samples", exits=_READ, is_quick=True
        ),
        dropped(rule, "a circle of links", _and(_circle), "samples", exits=_READ),
        dropped(rule, "pipes among its files", _and(_pipes), "samples", exits=_READ),
        dropped(rule, "names that lie", _and(_names), r"^[^\x1b\u202e]*$", exits=_READ),
        dropped(rule, "300 folders in folders", _and(_deep), _BOUND, exits=_EITHER, seconds=4.0),
        dropped(rule, "100,000 empty pictures", _crowd("png"), "Expected", seconds=60.0),
        dropped(
            rule,
            "100,000 files of all kinds",
            _crowd("txt", "wav", "xyz", "csv"),
            _BOUND,
            exits=_EITHER,
            seconds=60.0,
        ),
        dropped(rule, "20,000 empty folders", _folders, "Expected", seconds=30.0),
        dropped(rule, "a folder of masks that is a link", _masks, _BOUND, exits=_EITHER),
        dropped(
            "list of pictures",
            "paths out of the folder",
            _list([*good, *out]),
            "^(?!.*root:)",
            exits=_EITHER,
            is_quick=True,
        ),
        dropped(
            "list of pictures", "addresses and zero characters", _list([*good, *nul]), _BOUND, exits=_EITHER
        ),
        dropped(
            "list of pictures",
            "nothing but paths out of the folder",
            _list(out * 4),
            "^(?!.*root:)",
            exits=_EITHER,
        ),
    ]


CASES = tuple(_all())
