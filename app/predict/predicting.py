"""Predictions in a thread of their own: the first rows to look at, or all of them into a file.

Torch's random state belongs to the whole process, so nothing is predicted while a run goes in it, and a run
that is to begin waits until this thread has let go.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.state import warmup
from app.state.run_controller import RunController
from app.widgets.background_task import BackgroundTask
from nodes.user_error import UserError

MOST_SHOWN = 500
"""Rows that are looked at; a file gets all."""
MOST_NAMED = 20
"""Rows that could not be read and are named in the window."""
THUMBNAIL = 64
"""Pixels of the longer side of a picture in the table, at most about."""
Picture = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class PredictQuestion:
    """For which data to predict, with which run; `out`: into which file, None: to look at."""

    run: Path
    data: Path
    out: Path | None = None


@dataclass(eq=False)
class PredictAnswer:
    """The first rows, or what was written; `failed` says why there is nothing.

    `shares` are the columns that are shares of 1. `pictures` has, by column, a picture for each row or None.
    """

    failed: str = ""
    weights: str = ""
    headings: list[str] = field(default_factory=list)
    rows: list[tuple[str, ...]] = field(default_factory=list)
    shares: frozenset[int] = frozenset()
    pictures: dict[int, list[Picture]] = field(default_factory=dict)
    is_whole: bool = True
    skipped: int = 0
    named: list[str] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    written: int = 0
    files: int = 0


class Predicting(QObject):
    """Answers one question at a time. `answered` has the question and the answer."""

    changed = Signal()
    answered = Signal(object, object)
    counted = Signal(int)  # rows so far, of what is written

    def __init__(self, controller: RunController, parent: QObject) -> None:
        super().__init__(parent)
        self._controller = controller
        self.question: PredictQuestion | None = None
        self._work = BackgroundTask("predictions", self._predict, self)
        self._work.answered.connect(self._done)
        self._work.failed.connect(self._failed)

    @property
    def is_busy(self) -> bool:
        return self.question is not None

    def ask(self, question: PredictQuestion) -> None:
        """Predict. What was asked before is called off."""
        self._work.call_off()
        self.question = question
        self._controller.draws.hold_engine(question, self.cancel)
        self._work.ask(question)
        self.changed.emit()

    def cancel(self) -> None:
        """End what is under way, soon; nothing comes of it and no file is left."""
        self._work.call_off()
        if self.question is not None:
            self.question = None
            self.changed.emit()

    def wait(self) -> None:
        """Until no thread is at work."""
        self._work.wait()

    def _done(self, question: object, answer: object) -> None:
        if question is self.question:
            self.question = None
            self.answered.emit(question, answer)
            self.changed.emit()

    def _failed(self, question: object, error: str) -> None:
        self._done(question, PredictAnswer(error))

    def _predict(self, question: object) -> PredictAnswer:
        """In the thread: an answer, whatever comes. Raises `CalledOffError` where it is called off."""
        assert isinstance(question, PredictQuestion)
        try:
            warmup.load_engine()
            from engine.infer.layer import MODULE_ERRORS

            try:
                return self._answer(question)
            except UserError as error:
                return PredictAnswer(str(error))
            except OSError as error:
                place = question.out or question.data
                return PredictAnswer(f"{place}: Expected a place to write to. Received: {error.strerror}.")
            except MODULE_ERRORS as error:
                return PredictAnswer(f"{question.run.name}: {error}")
        finally:
            self._controller.draws.let_engine_go(question)

    def _answer(self, question: PredictQuestion) -> PredictAnswer:
        from engine.predict.network import TrainedNetwork
        from engine.predict.predictions import Predictions
        from engine.system.device import choose

        network = TrainedNetwork(question.run, choose("auto"))
        predictions = Predictions(network, question.data)
        kind = "best weights" if network.weights.kind == "best" else "last weights"
        answer = PredictAnswer(
            weights=f"{kind}, step {network.weights.step:,}",
            headings=predictions.headings,
            notes=predictions.notes,
        )
        if question.out is not None:
            self._save(predictions, question.out, answer)
        else:
            _look(predictions, answer)
        return answer

    def _save(self, predictions: Any, out: Path, answer: PredictAnswer) -> None:
        from engine.predict.written import write

        found = write(predictions, out, self.counted.emit)
        answer.written, answer.files = found.rows, found.files
        answer.skipped, answer.named = found.skipped, found.named[:MOST_NAMED]


def _look(predictions: Any, answer: PredictAnswer) -> None:
    """The first rows of the predictions."""
    from contextlib import closing

    from engine.predict.cells import is_beside, share_columns

    places = [1]
    shares: set[int] = set()
    for result in predictions.results:
        shares |= {places[-1] + at for at in share_columns(result)}
        places.append(places[-1] + len(predictions.headings_of(result)))
    answer.shares = frozenset(shares)
    with closing(predictions.blocks()) as blocks:
        for block in blocks:
            room = MOST_SHOWN - len(answer.rows)
            if room <= 0:
                answer.is_whole = False
                break
            answer.skipped += len(block.skipped)
            answer.named += block.skipped[: MOST_NAMED - len(answer.named)]
            columns: list[tuple[str, ...]] = [block.places]
            for result, one in zip(predictions.results, block.results, strict=False):
                columns += [("",) * len(block.places)] if is_beside(result) else list(one.columns)
            answer.rows += list(zip(*columns, strict=True))[:room] if block.places else []
            answer.is_whole = answer.is_whole and len(block.places) <= room
            _take_pictures(predictions, block, answer, places, room)


def _take_pictures(predictions: Any, block: Any, answer: PredictAnswer, places: list[int], room: int) -> None:
    """What went in, where that is a picture, and the pictures that were made, by their columns."""
    from engine.predict.cells import shown_picture

    if block.inputs.dtype == np.uint8 and block.inputs.ndim == 4 and block.inputs.shape[1] in (1, 3):
        answer.pictures.setdefault(0, []).extend(small(one) for one in block.inputs[:room])
    for place, result, one in zip(places, predictions.results, block.results, strict=False):
        if one.pictures is not None:
            made = (shown_picture(result, picture) for picture in one.pictures[:room])
            answer.pictures.setdefault(place, []).extend(small(picture) for picture in made)


def small(picture: Picture) -> Picture:
    """Every so many pixels of a picture `(channels, height, width)`, for a thumbnail."""
    step = max(1, max(picture.shape[1:]) // THUMBNAIL)
    return picture[:, ::step, ::step].copy()
