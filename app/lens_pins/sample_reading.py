"""Reads what the strip of pinned samples shows, and what is dropped or typed, in a thread of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.document.project import Project
from engine.messages.pinned import GivenSample, Pinned
from nodes.shown_text import LINE, shown
from nodes.user_error import UserError

THUMBNAIL = 48
"""Pixels of the longer side of a thumbnail, at most about."""
POINTS = 400
"""Samples of the data that lie behind a point that is placed."""
Thumbnail = NDArray[np.uint8] | str
"""A picture (channels, height, width), or a few words."""


@dataclass(frozen=True, eq=False)
class SampleQuestion:
    """For which samples thumbnails are wanted, and what is to be read as a new one: a file or a text."""

    project: Project
    samples: tuple[Pinned, ...] = ()
    path: Path | None = None
    text: str = ""


@dataclass(frozen=True, eq=False)
class SampleAnswer:
    """Thumbnails by sample, the sample that was read, and points of the data where these are of a plane."""

    thumbnails: dict[Pinned, Thumbnail] = field(default_factory=dict)
    given: GivenSample | None = None
    points: NDArray[np.float64] | None = None
    failed: str = ""


def read(question: SampleQuestion) -> SampleAnswer:
    """An answer, whatever comes. Raises `CalledOffError` where it is called off."""
    from engine.lens.given import SampleReader

    try:
        reader = SampleReader(question.project)
        given = None
        if question.path is not None:
            given = reader.of_file(question.path)
        elif question.text:
            given = reader.of_text(question.text)
        samples = (*question.samples, *([given] if given is not None else []))
        thumbnails = {sample: thumbnail(reader.row(sample)[0]) for sample in samples}
        return SampleAnswer(thumbnails, given, _points(reader))
    except (UserError, OSError) as error:
        return SampleAnswer(failed=str(error))


def thumbnail(row: NDArray[np.generic]) -> Thumbnail:
    """A row as the data set stores it: small, or its first numbers."""
    if row.dtype == np.uint8 and row.ndim == 3 and row.shape[0] in (1, 3):
        step = max(1, -(-max(row.shape[1:]) // THUMBNAIL))
        return np.ascontiguousarray(row[:, ::step, ::step]).astype(np.uint8)
    flat = row.ravel()[:3]
    more = " …" if row.size > len(flat) else ""
    return shown(", ".join(f"{value:.3g}" for value in flat.astype(np.float64)) + more, LINE)


def _points(reader: object) -> NDArray[np.float64] | None:
    from engine.lens.given import SampleReader

    assert isinstance(reader, SampleReader)
    rows = reader.data.train.input
    if tuple(rows.shape[1:]) != (2,) or rows.dtype.kind != "f":
        return None
    return rows.fetch(np.arange(min(len(rows), POINTS))).astype(np.float64)
