"""A network that names a token at each place: the words it said stand beside the true ones."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.lenses.painter import Context
from app.lenses.painters.prediction import PredictionPainter, PredictionPicture
from app.lenses.prediction import TokenTexts, prediction
from engine.data import catalogue
from engine.document.storage import gallery
from nodes.data.source import DataSource
from nodes.reading.texts.vocabulary import PADDING
from nodes.registry import REGISTRY
from tests.app.lenses.predicted import sent


def test_words_are_those_of_the_vocabulary_and_filling_is_left_out() -> None:
    source = REGISTRY.make("data", gallery.make("seq2seq-translation").main.nodes["data"].params)
    assert isinstance(source, DataSource)
    data = catalogue.load(source)
    info = catalogue.known_loaded(source)
    assert info is not None
    assert info.target_vocabulary is not None
    assert data.train.target is not None
    target = data.train.target.fetch(np.arange(1))[0]
    scores = np.eye(len(info.target_vocabulary))[target]
    scores[0] = np.eye(len(info.target_vocabulary))[target[1]]
    found = prediction(sent(scores, target), info)
    assert isinstance(found, TokenTexts)
    words = info.target_vocabulary.shown
    kept = [int(token) for token in target if token != PADDING]
    assert [true for _, true in found.rows] == [words[token] for token in kept]
    assert found.rows[0][0] == words[target[1]]
    assert (found.right, found.count) == (len(kept) - 1, len(kept))


def test_tokens_without_names_are_numbers() -> None:
    found = prediction(sent(np.eye(3), np.array([0, 2, -100])), None)
    assert found == TokenTexts((("0", "0"), ("1", "2")), 1, 2)


def test_wrong_words_are_told_in_words(qtbot: QtBot) -> None:
    view = PredictionPicture()
    qtbot.addWidget(view)
    arrays = sent(np.eye(3), np.array([0, 2, 1]))
    assert PredictionPainter().show(view, arrays, Context())
    assert view.texts() == ["1 of 3 right", "0 (true: 0)", "1 (true: 2)", "2 (true: 1)"]
    image = QImage(260, 120, QImage.Format.Format_RGB32)
    image.fill(0)
    view.resize(260, 120)
    view.render(image)
    assert len({image.pixel(x, y) for x in range(0, 260, 2) for y in range(0, 120, 2)}) > 4
