"""Pictures with captions: each picture has its own, those of one picture stay together, and the vocabulary is
that of the training part alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.data import catalogue
from engine.data.first_drawing import first_drawing
from engine.infer import infer
from nodes.data.source import DataSource
from nodes.reading.dataset import DataSet, DataSplit
from nodes.reading.picture import picture_files
from tests.corpus.kinds.captions import COUNT, captions_of, flickr_8k, json_lines, made, picture

SEVERAL = 3


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return made(json_lines, SEVERAL)(tmp_path)


def owners(data: DataSet, part: DataSplit) -> list[int]:
    """Which picture each row of a part is, by its pixels."""
    known = [np.moveaxis(picture(i), 2, 0) for i in range(COUNT)]
    rows = part.input.fetch(np.arange(len(part)))
    return [next(i for i, one in enumerate(known) if np.array_equal(one, row)) for row in rows]


def texts(data: DataSet, part: DataSplit) -> list[str]:
    assert part.target is not None
    assert data.info.target_vocabulary is not None
    return [data.info.target_vocabulary.text(row) for row in part.target.fetch(np.arange(len(part)))]


@given(
    seed=st.integers(0, 2**31),
    split=st.sampled_from(("auto", "random", "group")),
    share=st.floats(0.05, 0.6),
    limit=st.sampled_from((0, 7, 20)),
)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_captions_of_a_picture_are_never_in_two_parts(
    path: Path, seed: int, split: str, share: float, limit: int
) -> None:
    values = {"path": str(path), "split": split, "validation": share, "samples": limit}
    data = catalogue.load(DataSource(dataset="image-captions", **values), seed=seed)
    assert not set(owners(data, data.train)) & set(owners(data, data.validation))
    assert len(data.train) + len(data.validation) == (limit or COUNT * SEVERAL)


def test_each_caption_stands_beside_its_own_picture(tmp_path: Path) -> None:
    source = DataSource(dataset="image-captions", path=str(made(flickr_8k, SEVERAL)(tmp_path)))
    data = catalogue.load(source)
    cut = data.info.target_vocabulary.cutting  # type: ignore[union-attr]
    for owner, text in zip(owners(data, data.train), texts(data, data.train), strict=True):
        assert text in [" ".join(cut.tokens(one)) for one in captions_of(owner, SEVERAL)]


def test_what_comes_before_is_the_caption_shifted_by_its_beginning(path: Path) -> None:
    data = catalogue.load(DataSource(dataset="image-captions", path=str(path)))
    every = np.arange(len(data.train))
    target, more = data.train.target.fetch(every), data.train.more
    so_far, mask = more["decoder_input"].fetch(every), more["target_mask"].fetch(every)
    assert (so_far[:, 1:][mask[:, 1:] == 1] == target[:, :-1][mask[:, 1:] == 1]).all()
    assert ((target > 0) == (mask == 1)).all()


def test_the_vocabulary_is_that_of_the_captions_that_train(path: Path) -> None:
    data = catalogue.load(DataSource(dataset="image-captions", path=str(path), validation=0.5))
    vocabulary = data.info.target_vocabulary
    assert vocabulary is not None
    trained = {word for text in texts(data, data.train) for word in text.split()}
    assert set(vocabulary.tokens[vocabulary.cutting.specials :]) == trained
    held = {str(i) for i in owners(data, data.validation)} - {str(i) for i in owners(data, data.train)}
    assert held - trained  # the number of a picture that validates is a word that nobody has learnt


def test_a_picture_that_stands_in_has_its_own_caption(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_files, "CHECKED_AT_ONCE", 0)
    monkeypatch.setattr(picture_files, "SMALL_CLASS", 0)
    (path.parent / "images" / "5.jpg").write_bytes(b"no picture")
    data = catalogue.load(DataSource(dataset="image-captions", path=str(path), validation=0.0))
    found = owners(data, data.train)
    assert found.count(5) == 0
    for owner, text in zip(found, texts(data, data.train), strict=True):
        assert str(owner) in text.split()


def test_a_first_network_for_captions_has_no_problem(path: Path) -> None:
    source = DataSource(dataset="image-captions", path=str(path))
    assert infer(first_drawing(source, catalogue.describe(source))).problems == ()
