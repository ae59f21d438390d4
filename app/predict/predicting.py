"""Predictions: the first rows to look at, or all of them into a file. Asked in a thread of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodes.reading.progress import tell
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
    `legend` has the classes of pictures of classes with their colours.
    """

    failed: str = ""
    weights: str = ""
    headings: list[str] = field(default_factory=list)
    rows: list[tuple[str, ...]] = field(default_factory=list)
    shares: frozenset[int] = frozenset()
    pictures: dict[int, list[Picture]] = field(default_factory=dict)
    legend: tuple[tuple[str, tuple[int, int, int]], ...] = ()
    is_whole: bool = True
    skipped: int = 0
    named: list[str] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    written: int = 0
    files: int = 0


def predict(question: PredictQuestion) -> PredictAnswer:
    """An answer, whatever comes. Raises `CalledOffError` where it is called off."""
    from engine.infer.layer import MODULE_ERRORS

    try:
        return _answer(question)
    except UserError as error:
        return PredictAnswer(str(error))
    except OSError as error:
        place = question.out or question.data
        return PredictAnswer(f"{place}: Expected a place to write to. Received: {error.strerror}.")
    except MODULE_ERRORS as error:
        return PredictAnswer(f"{question.run.name}: {error}")


def _answer(question: PredictQuestion) -> PredictAnswer:
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
        _save(predictions, question.out, answer)
    else:
        _look(predictions, answer)
    return answer


def _save(predictions: Any, out: Path, answer: PredictAnswer) -> None:
    from engine.predict.written import write

    found = write(predictions, out, lambda rows: tell(f"{rows:,} rows written"))
    answer.written, answer.files = found.rows, found.files
    answer.skipped, answer.named = found.skipped, found.named[:MOST_NAMED]


def _look(predictions: Any, answer: PredictAnswer) -> None:
    """The first rows of the predictions."""
    from contextlib import closing

    from engine.predict.cells import is_beside, legend, share_columns

    places = [1]  # the column of each result; texts that went in stand before them
    vocabulary = predictions.network.data.info.vocabulary
    if vocabulary is not None:
        places, answer.headings = [2], [answer.headings[0], "text", *answer.headings[1:]]
    shares: set[int] = set()
    for result in predictions.results:
        shares |= {places[-1] + at for at in share_columns(result)}
        places.append(places[-1] + len(predictions.headings_of(result)))
    answer.shares = frozenset(shares)
    answer.legend = tuple(entry for result in predictions.results for entry in legend(result))
    with closing(predictions.blocks()) as blocks:
        for block in blocks:
            room = MOST_SHOWN - len(answer.rows)
            if room <= 0:
                answer.is_whole = False
                break
            answer.skipped += len(block.skipped)
            answer.named += block.skipped[: MOST_NAMED - len(answer.named)]
            columns: list[tuple[str, ...]] = [block.places]
            if vocabulary is not None:
                columns.append(block.texts or ("",) * len(block.places))
            for result, one in zip(predictions.results, block.results, strict=False):
                beside = _told(result, one, len(block.places))
                columns += [beside] if is_beside(result) else list(one.columns)
            answer.rows += list(zip(*columns, strict=True))[:room] if block.places else []
            answer.is_whole = answer.is_whole and len(block.places) <= room
            _take_pictures(predictions, block, answer, places, room)


def _told(result: Any, one: Any, count: int) -> tuple[str, ...]:
    """What is said beside the picture that was made of each row."""
    from engine.predict.cells import held_shares

    if one.pictures is None:
        return ("",) * count
    return tuple(held_shares(result, picture) for picture in one.pictures)


def _take_pictures(predictions: Any, block: Any, answer: PredictAnswer, places: list[int], room: int) -> None:
    """What went in, where that is a picture, and the pictures that were made, by their columns."""
    from engine.predict.cells import shown_picture

    if predictions.network.data.info.kind == "sounds" and block.inputs.ndim in (3, 4):
        from nodes.reading.sound.sound_pictures import pictures_of

        answer.pictures.setdefault(0, []).extend(small(one) for one in pictures_of(block.inputs[:room]))
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
