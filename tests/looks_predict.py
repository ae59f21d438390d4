"""Pictures of predictions: of a table, of pictures, of data that cannot be read."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from app.predict.panel import PredictDeclaration
from engine.document.storage.file import load
from tests.drawings import Step, chain
from tests.engine.predict import trained_runs as runs

if TYPE_CHECKING:
    from tests.looks import Studio


def predict_screens(studio: Studio) -> None:
    with tempfile.TemporaryDirectory() as held:
        folder = Path(held)
        for name in ("table", "pictures"):
            (folder / name).mkdir()
        _table(studio, folder / "table")
        _pictures(studio, folder / "pictures")


def _open(studio: Studio, file: Path) -> None:
    window = studio.window
    window.controller.shutdown()
    window.controller.forget()
    window.session.open(load(file), file)
    window.files.is_open = True
    window.show_drawing()
    window.run_list.opened()
    studio.wait(lambda: window.workbench().made(PredictDeclaration) is not None)
    studio.wait(lambda: window.workbench().made(PredictDeclaration).record() is not None)
    window.workbench().show_lower("predict")
    studio.settle()


def _predict(studio: Studio, data: Path) -> None:
    panel = studio.window.workbench().made(PredictDeclaration)
    assert panel is not None
    panel.predict(data)
    studio.wait(lambda: not panel.predicting.is_busy)
    panel.predicting.wait()


def _table(studio: Studio, folder: Path) -> None:
    file, _ = runs.classifier(folder)
    _open(studio, file)
    studio.take("predict-empty")
    unseen = runs.people(40, target=False)
    unseen[4][1], unseen[9][0] = "purple", ""
    _predict(studio, runs.table(folder / "new people.csv", unseen, runs.NAMES))
    studio.take("predict-table")
    other = folder / "other.csv"
    other.write_text("age,income\n1,2\n")
    _predict(studio, other)
    studio.take("predict-refused")


def _pictures(studio: Studio, folder: Path) -> None:
    steps: list[Step] = [("flatten", "flatten"), ("linear1", "linear", {"out_features": 2})]
    file, _ = runs.ran(folder, chain(runs.picture_data(folder), steps), steps=60)
    _open(studio, file)
    _predict(studio, runs.pictures(folder / "new", 5))
    studio.take("predict-pictures")
