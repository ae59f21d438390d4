"""Projects that are hard on a window: markup, lost nodes, heaps of nodes, notes and lists without end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.hostile.case import Case

MARKUP = "<img src='/dev/zero'> & [*]"
"""Qt reads it as HTML where it may, and then reads the device until memory ends."""
Layout = dict[str, Any]


def _project(nodes: dict[str, Any], wires: list[tuple[str, str]] = [], **layout: Any) -> bytes:  # noqa: B006
    ends = [{"source": [one, "output"], "target": [two, "input"]} for one, two in wires]
    main = {"nodes": nodes, "wires": ends, "layout": layout}
    return json.dumps({"format": 2, "name": "p", "graphs": {"main": main}}).encode()


def _row(count: int, layer: str = "relu") -> dict[str, Any]:
    return {f"r{at}": {"layer": layer.format(at)} for at in range(count)}


def _in_rows(count: int) -> Layout:
    return {f"r{at}": [200.0 * (at % 300), 120.0 * (at // 300)] for at in range(count)}


def _chain(count: int) -> list[tuple[str, str]]:
    return [(f"r{at}", f"r{at + 1}") for at in range(count - 1)]


def _markup() -> bytes:
    nodes = {
        "odd": {"layer": MARKUP, "params": {"text": MARKUP}},
        "data": {"layer": "data", "params": {"dataset": "csv-file", "path": MARKUP, "input_columns": MARKUP}},
    }
    frame = {"title": MARKUP, "x": -50.0, "y": -50.0, "width": 500.0, "height": 400.0}
    note = {"text": MARKUP, "x": 300.0, "y": 0.0, "width": 200.0}
    return _project(nodes, frames={"f": frame}, notes={"n": note})


def _lost(one: list[float], two: list[float]) -> bytes:
    nodes = {"a": {"layer": "relu"}, "b": {"layer": "relu"}, "c": {"layer": "relu"}}
    return _project(nodes, [("a", "b"), ("b", "c")], positions={"a": one, "b": two, "c": one})


def _notes() -> bytes:
    long = {"n": {"text": "words " * 40_000, "x": 0.0, "y": 0.0, "width": 200.0}}
    many = {f"n{at}": {"text": "words " * 40, "x": 9.0 * at, "y": 0.0, "width": 90.0} for at in range(20_000)}
    return _project(_row(2), notes={**long, **many})


_INPUTS: dict[str, Callable[[], bytes]] = {
    "markup in every word": _markup,
    "a wire across the whole sheet": lambda: _lost([-9e6, -9e6], [9e6, 9e6]),
    "wires back across the whole sheet": lambda: _lost([9e6, 9e6], [-9e6, -9e6]),
    "4,000 nodes in one place": lambda: _project(
        _row(4_000), _chain(4_000), positions={f"r{at}": [0.0, 0.0] for at in range(4_000)}
    ),
    "10,000 nodes in a row": lambda: _project(_row(10_000), _chain(10_000), positions=_in_rows(10_000)),
    "40,000 nodes in rows": lambda: _project(_row(40_000), positions=_in_rows(40_000)),
    "8,000 nodes without places": lambda: _project(_row(8_000)),
    "20,000 unknown layers": lambda: _project(_row(20_000, "x.y{}"), positions=_in_rows(20_000)),
    "notes without end": _notes,
    "a path of a megabyte": lambda: _project(
        {"data": {"layer": "data", "params": {"dataset": "csv-file", "path": "x/" * 500_000}}}
    ),
}


def _made(data: Callable[[], bytes]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / "p.loom").write_bytes(data())
        return folder / "p.loom"

    return make


def _honest_table(folder: Path) -> Path:
    """90 MB of honest numbers, which take seconds to read."""
    row = ",".join(f"{at * 0.731:.3f}" for at in range(20))
    with (folder / "d.csv").open("w") as file:
        file.write(",".join(f"c{at}" for at in range(21)) + "\n")
        file.writelines(f"{row},{at % 2}\n" for at in range(700_000))
    data = {"layer": "data", "params": {"dataset": "csv-file", "path": "d.csv"}}
    (folder / "p.loom").write_bytes(_project({"data": data}))
    return folder / "p.loom"


def _odd_name(name: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = Path(str(folder), name.decode("utf-8", "surrogateescape"))
        path.write_bytes(_markup())
        return path

    return make


CASES = (
    *(
        Case("hard on a window", what, _made(data), ".", exits=(0, 2), seconds=8.0)
        for what, data in _INPUTS.items()
    ),
    Case("hard on a window", "an honest table of 90 MB", _honest_table, ".", exits=(0, 2), seconds=30.0),
    Case("hard on a window", "a name that is not UTF-8", _odd_name(b"p\xff\xfe.loom"), ".", exits=(0, 2)),
    Case(
        "hard on a window", "a name of odd characters",
        _odd_name("a\n\u202e<b>&\x1b[31m.loom".encode()), ".", exits=(0, 2),
    ),
)  # fmt: skip
WORST = (
    *(case.title for case in CASES),
    *("special file as project / pipe", "special file as project / link to /dev/zero"),
    "special file as project / link to /proc/self/pagemap",
    *("special file as data / pipe as csv, inspect", "special file as data / pipe as npz, inspect"),
    "special file as data / link to /proc/self/pagemap as text, inspect",
    *("special files among pictures / a pipe", "special files among pictures / a class that is a link to /"),
    *("places that are no pictures / /, inspect", "pictures of other formats / EPS"),
    *("greedy pictures / JPEG of 4,000 scans", "IDX / a label that is no number, inspect"),
    *("IDX / a bomb: pictures of 3 GB, inspect", "text / a bomb: 900 MB of one letter, inspect"),
    *("table / 6 GB without an end of line, inspect", "many values / floats as parameter"),
    *("many values / strange nodes as nodes", "pipe in a run / metrics.sqlite, runs"),
    "sqlite that computes / a view for a table, runs",
    "words without end / notes and figures, runs",
)
"""What the proof asks a window about: the inputs above, and the worst of the other rooms."""
