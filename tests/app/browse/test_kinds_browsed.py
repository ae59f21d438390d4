"""Sounds, captions, texts and translations are browsed as people know them: in pictures and words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.browse.browse_panel import BrowsePanel
from app.state.run_controller import RunController
from app.state.session import Session
from nodes.data.source import DataSource
from tests.app.browse.test_browse_panel import answered, choose, click, opened
from tests.app.data.test_kinds_dropped import text_pairs, with_captions
from tests.drawings import chain

Open = Callable[[dict[str, object]], BrowsePanel]


@pytest.fixture
def browse(session: Session, controller: RunController, tmp_path: Path, qtbot) -> Open:
    def open_(data: dict[str, object]) -> BrowsePanel:
        session.open(chain(DataSource(**data).changed(), [("flatten", "flatten")]), None)
        return opened(session, controller, tmp_path / "p.loom", qtbot)

    return open_


def tones(folder: Path) -> Path:
    """Two classes of short tones, the later half of each silent."""
    for name, height in (("high", 900), ("low", 150)):
        (folder / "tones" / name).mkdir(parents=True)
        for at in range(5):
            wave = 0.5 * np.sin(2 * np.pi * height * np.arange(2000) / 4000)
            wave[1000:] = 0.0
            soundfile.write(folder / "tones" / name / f"{at}.wav", wave.astype("float32"), 4000)
    return folder / "tones"


def reviews(folder: Path) -> Path:
    said = [("bad", "no"), ("good", "yes")] * 10
    lines = [f"the film number{at} was {word},{liked}" for at, (word, liked) in enumerate(said)]
    path = folder / "reviews.csv"
    path.write_text("review,liked\n" + "\n".join(lines) + "\n", "utf-8")
    return path


@pytest.mark.parametrize("sound_as", ["spectrogram", "waveform"])
def test_sounds_are_pictures_over_their_class(browse: Open, tmp_path: Path, sound_as: str) -> None:
    panel = browse({"dataset": "sounds", "path": str(tones(tmp_path)), "sound_as": sound_as, "seconds": 0.5})
    page = panel.model.answer.page
    assert page is not None
    assert page.pictures is not None
    assert {panel.model.label(row) for row in range(panel.model.rowCount())} == {"high", "low"}
    for picture, label in zip(page.pictures[:, 0], page.labels, strict=True):
        bright = (picture > 128).sum(axis=0)
        assert bright[1] > 2 * bright[-1], "the tone is at the beginning"
        if sound_as == "spectrogram":  # high tones are at the top
            assert (int(picture[:, 4].argmax()) < picture.shape[0] // 2) == (label == "high")


def test_captions_are_read_in_words_and_found_by_them(browse: Open, tmp_path: Path, qtbot) -> None:
    panel = browse({"dataset": "image-captions", "path": str(with_captions(tmp_path))})
    labels = {panel.model.label(row) for row in range(panel.model.rowCount())}
    assert labels >= {"a square at the left", "a square at the right"}
    assert panel.model.is_wordy
    QTest.keyClicks(panel.search, "at the right")
    answered(panel, qtbot)
    assert panel.model.rowCount()
    assert all("at the right" in panel.model.label(row) for row in range(panel.model.rowCount()))


def test_translations_stand_beside_their_texts(browse: Open, tmp_path: Path, qtbot) -> None:
    panel = browse({"dataset": "text-pairs", "path": str(text_pairs(tmp_path))})
    assert [column.title for column in panel.model.columns] == ["sample", "target", "text"]
    QTest.keyClicks(panel.search, "gato negro")
    answered(panel, qtbot)
    texts = panel.model.columns[2].cells
    assert texts
    assert all("black cat" in text for text in texts)


def test_an_excluded_text_leaves_the_words_of_the_others_as_they_are(
    browse: Open, tmp_path: Path, qtbot
) -> None:
    panel = browse({"dataset": "texts", "path": str(reviews(tmp_path))})
    before = panel.model.columns[-1].cells
    QTest.keyClicks(panel.search, "number3")
    answered(panel, qtbot)
    if not panel.model.rowCount():  # it is held back
        click(panel, qtbot, panel.part_buttons["validation"])
        before = ()
    choose(panel, 0)
    QTest.keyClick(panel.list, Qt.Key.Key_X)
    answered(panel, qtbot)
    assert panel.model.is_excluded(0)
    assert "number3" in panel.model.columns[-1].cells[0]
    QTest.keyClick(panel.search, Qt.Key.Key_Escape)
    answered(panel, qtbot)
    assert not before or panel.model.columns[-1].cells == before
