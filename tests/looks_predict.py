"""Pictures of predictions: of a table, of pictures, of data that cannot be read; and of browsed samples."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from app.browse.panel import BrowseDeclaration
from app.predict.panel import PredictDeclaration
from engine.document.storage.file import load
from tests.drawings import Step, chain
from tests.engine.predict import trained_runs as runs

if TYPE_CHECKING:
    from app.browse.browse_panel import BrowsePanel
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
    panel = _browse(studio)
    panel.worst.click()
    _read(studio, panel)
    studio.take("browse-table")
    studio.window.workbench().show_lower(PredictDeclaration.id)
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
    _browse_pictures(studio)


def _browse(studio: Studio) -> BrowsePanel:
    studio.window.workbench().show_lower(BrowseDeclaration.id)
    panel = studio.window.workbench().made(BrowseDeclaration)
    assert panel is not None
    panel.node = "data"
    panel.worst.setChecked(False)
    panel.look()
    _read(studio, panel)
    return panel


def _read(studio: Studio, panel: BrowsePanel) -> None:
    studio.wait(lambda: not panel.browsing.is_busy)
    panel.browsing.wait()
    studio.settle()


def _browse_pictures(studio: Studio) -> None:
    panel = _browse(studio)
    panel.list.setCurrentIndex(panel.model.index(3))
    panel.toggle_excluded()
    _read(studio, panel)
    panel.list.setCurrentIndex(panel.model.index(1))
    studio.take("browse-pictures")
    panel.seen.click()
    panel.worst.click()
    _read(studio, panel)
    studio.take("browse-worst")
