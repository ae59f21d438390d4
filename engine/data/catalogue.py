"""The data sets by name: what is known of each, its rows ready to train on, a few samples to look at.

`describe` is asked at every inference and reads once for each version of the files; `load` reads the data and
keeps the last few sets, so that a second Play does not read again. Both are safe to call from any thread, and
whatever goes wrong in a reader comes out as one `DataError`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from pathlib import Path, PurePath
from typing import Any, TypeVar

from nodes.data.source import DataSource
from nodes.data_sets.declaration import DataSetDeclaration
from nodes.data_sets.registry import data_sets
from nodes.reading import kept
from nodes.reading.dataset import DataInfo, DataSet
from nodes.reading.error import DataError, NoRoomError
from nodes.reading.excluded import places_of, set_without
from nodes.reading.look import DataLook, DataMatch, choosable
from nodes.reading.preview import SetPreview, of_set
from nodes.reading.progress import CalledOffError
from nodes.reading.split import DividedSamples
from nodes.reading.unseen.rows import ExpectedData, UnseenRows
from nodes.user_error import UserError

KEPT_SETS = 4
"""Loaded data sets that are kept for the next Play."""

V = TypeVar("V")
_described: kept.KeptAnswers[DataInfo] = kept.KeptAnswers(256)
_known: kept.KeptAnswers[DataInfo] = kept.KeptAnswers(256)
_read_last: kept.KeptAnswers[DataInfo] = kept.KeptAnswers(64)
_loaded: kept.KeptAnswers[DataSet] = kept.KeptAnswers(KEPT_SETS)
_looked: kept.KeptAnswers[DataLook] = kept.KeptAnswers(8)
_previewed: kept.KeptAnswers[SetPreview] = kept.KeptAnswers(64)
_told: ContextVar[Mapping[DataSource, DataInfo]] = ContextVar("told", default={})  # noqa: B039 - never changed


def names() -> tuple[str, ...]:
    """Every data set that a source can name."""
    return tuple(data_sets())


def declared(source: DataSource) -> DataSetDeclaration:
    """The declaration of the source's data set with the source's parameters. Raises `DataError`.

    A path that begins with `~/` starts at the home folder.
    """
    values = dict(source.values)
    path = str(values.get("path", ""))
    if PurePath(path).parts[:1] == ("~",):
        values["path"] = path = os.path.expanduser(path)  # noqa: PTH111 - it stays where there is no home
    _require_plain(path)
    return data_sets()[source.dataset](values)


def describe(source: DataSource) -> DataInfo:
    """What is known of the source's data set without reading it whole. Raises `DataError`."""
    told = _told.get().get(source)
    if told is not None:
        return told
    one = declared(source)
    info = _answer(_described, one, one.describe)
    _known.keep(source, info)
    return info


@contextmanager
def described_as(infos: Mapping[DataSource, DataInfo]) -> Iterator[None]:
    """Within it, in this thread, these sources are described so and their files are not looked at: a drawing
    is compiled as it was trained, though its data have changed or are gone.
    """
    token = _told.set(infos)
    try:
        yield
    finally:
        _told.reset(token)


def expected_of(source: DataSource, info: DataInfo) -> ExpectedData:
    """What a network that is trained on the source, described so, expects of others. Raises `DataError`."""
    one = declared(source)
    return _read(one, lambda: ExpectedData(info, one.columns_read(), one.levels_read(), rate=one.rate_read()))


def unseen(source: DataSource, path: Path, expected: ExpectedData) -> UnseenRows:
    """The rows of another file or folder, read as the source reads its own, without targets.

    Raises `DataError`.
    """
    _require_plain(str(path))
    one = declared(source)
    return _read(one, lambda: one.unseen(path, expected))


def told_apart(source: DataSource, blocks: Iterator[V]) -> Iterator[V]:
    """The same, read on demand; every failure of the reader is a `DataError`."""
    one = declared(source)
    while (block := _read(one, lambda: next(blocks, None))) is not None:
        yield block


def known(source: DataSource) -> DataInfo | None:
    """What `describe` found last of this source, if anything. Reads no file and waits for no reader."""
    return _known.held(source)


def known_loaded(source: DataSource) -> DataInfo | None:
    """What was learned of this source when it was last loaded, its vocabulary too; else what is `known`."""
    return _read_last.held(source) or _known.held(source)


def load(
    source: DataSource, *, seed: int = 0, paired: bool = False, follows: DividedSamples | None = None
) -> DataSet:
    """The data set ready to train on; the seed decides what is held back, or the set that it `follows`.

    `paired`: each of its rows goes with one of another set. Raises `DataError`.
    """
    one = declared(source)
    one.is_paired, one.follows = paired, follows
    parts = () if follows is None else (follows.train.tobytes(), follows.validation.tobytes())

    def read() -> DataSet:
        data = one.load(seed)
        return set_without(data, places_of(str(one.values.get("excluded", ""))), one.excluded_count or 0)

    data = _answer(_loaded, one, read, seed, paired, *parts)
    _read_last.keep(source, data.info)
    return data


def preview(source: DataSource, count: int = 9, *, seed: int = 0) -> SetPreview:
    """A few samples to look at. May read the data, so ask from a worker thread. Raises `DataError`."""
    one = declared(source)
    return _answer(
        _previewed, one, lambda: one.preview(seed) or of_set(load(source, seed=seed), count), count, seed
    )


def look(source: DataSource, *, seed: int = 0) -> DataLook:
    """What was understood of the source's data. May read them whole, so ask from a worker thread.

    Answers that would be refused are not among those of its doubts. Raises `DataError`.
    """
    one = declared(source)
    return _answer(_looked, one, lambda: choosable(one.look(seed), partial(_can_be, source)), seed)


def _can_be(source: DataSource, values: Mapping[str, Any]) -> bool:
    """Whether the source can be described with these values in place of its own."""
    try:
        describe(DataSource(**{**source.values, **values}))
    except UserError:
        return False
    return True


def recognised(path: Path) -> tuple[DataMatch, ...]:
    """The data sets that can read a file or folder, the surest first; none where nobody knows it.

    Looks at names and first bytes alone. Raises `DataError` for what is no file and no folder.
    """
    _require_plain(str(path))
    found = []
    for name, one in data_sets().items():
        answer = one.recognise(path)
        if answer is not None:
            found.append(DataMatch(name, one.title, answer, (path,)))
    return tuple(sorted(found, key=lambda each: -each.recognised.sureness))


def forget() -> None:
    """Drop what is kept, to free memory or to read files again."""
    kept.forget()


def _answer(
    store: kept.KeptAnswers[V], one: DataSetDeclaration, compute: Callable[[], V], *asked: Hashable
) -> V:
    """What is kept of this set with these parameters and files, or else is computed now."""
    version = one.signature()
    key = (one.name, *one.values.items(), version, *asked)
    return store.get(key, lambda: _read(one, compute), errors=one.keeps_errors and version is not None)


def _read(one: DataSetDeclaration, compute: Callable[[], V]) -> V:
    """What `compute` reads; every failure of a reader is a `DataError`: a bad file ends nothing else."""
    try:
        return compute()
    except (UserError, CalledOffError):
        raise
    except MemoryError as error:
        raise NoRoomError(
            f"{_place(one)}: Expected data that fit into memory. Received more than there is room for; "
            "use fewer samples or smaller ones."
        ) from error
    except OSError as error:
        reason = error.strerror or error
        raise DataError(f"{_place(one)}: Expected data that can be read. Received: {reason}.") from error
    except Exception as error:
        raise DataError(
            f"{_place(one)}: Expected data that can be read. Received an error that their reader does not "
            f"foresee ({type(error).__name__}: {error}). This is a mistake of the reader: please report it."
        ) from error


def _place(one: DataSetDeclaration) -> str:
    path = one.folder()
    return str(path) if path else one.title


def _require_plain(path: str) -> None:
    """Refuse pipes and devices, which would be read for ever: the path may come from somebody else's file."""
    try:
        mode = Path(path).stat().st_mode if path else 0
    except OSError:  # what is not there is told by the loader, which knows what it wants
        return
    except ValueError as error:  # a zero character, or half a character
        raise DataError(f"path: Expected the path of a file or a folder. Received {path!r}.") from error
    if mode and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise DataError(f"{path}: Expected a file or a folder. Received a device or a pipe.")
