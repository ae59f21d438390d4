"""Which files of a folder have captions of its pictures; and all of them, with their pictures."""

from __future__ import annotations

import os
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nodes.reading.error import DataError
from nodes.reading.kept import KeptAnswers
from nodes.reading.look import Fact, Recognised
from nodes.reading.opened import plain
from nodes.reading.picture.boxes.box_text import NAMES, is_yolo
from nodes.reading.picture.captions import caption_json, caption_table
from nodes.reading.picture.captions.captioned import Captions, CaptionSet
from nodes.reading.picture.files_beside import ByStem, files_below, folders_of, looked_at, parts_in
from nodes.reading.picture.folder_layout import Listing
from nodes.reading.picture.picture_formats import SUFFIXES
from nodes.reading.split import TEST, TRAIN, VALIDATION
from nodes.regular_file import is_regular
from nodes.shown_text import listed, shown

TABLES = (".csv", ".tsv", ".tab", ".txt", ".token")
MOST_OF_A_CAPTION = 1 << 16
"""Bytes of a text file that is the caption of one picture."""
_BESIDE = frozenset({"annotations", "annotation", "captions", "text", "labels"})
_sources: KeptAnswers[CaptionSource | None] = KeptAnswers(64)
_sets: KeptAnswers[CaptionSet] = KeptAnswers(2)


@dataclass(frozen=True)
class CaptionSource:
    """Where captions are: "table" and "json" have those of `files`, "texts" a file beside each picture."""

    kind: str
    root: Path
    files: tuple[Path, ...] = ()


def recognise(path: Path) -> Recognised | None:
    """How sure it is that pictures have captions."""
    found = source_of(path)
    if found is None:
        return None
    if found.kind == "texts":
        return Recognised(84, {"path": str(path)}, "beside its pictures are texts of the same names")
    where = found.files[0].name if len(found.files) == 1 else listed(one.name for one in found.files)
    return Recognised(87, {"path": str(path)}, f"{where} has names of pictures and sentences")


def source_of(path: Path) -> CaptionSource | None:
    """How a path that was dropped has captions; None: it has none. Looks at names and first bytes alone."""
    return _sources.of_file(path, lambda: _of_folder(path) if path.is_dir() else _of_file(path))


def _of_file(path: Path) -> CaptionSource | None:
    kind = _kind_of(path)
    root = path.parent.parent if path.parent.name.lower() in _BESIDE and kind == "json" else path.parent
    return CaptionSource(kind, root, (path,)) if kind else None


def _kind_of(path: Path) -> str:
    ending = path.suffix.lower()
    if not is_regular(path):
        return ""
    if ending in TABLES and caption_table.has_captions(path):
        return "table"
    is_json = ending in (".json", *caption_json.JSON_LINES) and caption_json.has_captions(path)
    return "json" if is_json else ""


def _of_folder(folder: Path) -> CaptionSource | None:
    every = list(looked_at(folder))
    pictures = [path for path in every if path.suffix.lower() in SUFFIXES]
    if not pictures:
        return None
    stems = {path.stem for path in pictures}
    texts = [path for path in every if path.suffix.lower() == ".txt" and path.name not in NAMES]
    beside = [path for path in texts if path.stem in stems]
    if len(beside) >= max(2, 0.5 * len(pictures)) and not all(map(is_yolo, beside[:5])):
        return CaptionSource("texts", folder) if all(map(_is_caption, beside[:5])) else None
    lists = [path for path in every if path.suffix.lower() in (*TABLES, ".json", *caption_json.JSON_LINES)]
    kinds = {path: _kind_of(path) for path in lists[:20] if path.stem not in stems}
    for kind in ("table", "json"):
        found = tuple(path for path, known in kinds.items() if known == kind)
        if found:
            return CaptionSource(kind, folder, found)
    return None


def _is_caption(path: Path) -> bool:
    try:
        return any(map(str.isalpha, _text(path)))
    except DataError:
        return False


def _text(path: Path) -> str:
    with plain(path, "a caption") as file:
        data = file.read(MOST_OF_A_CAPTION + 1)
    if len(data) > MOST_OF_A_CAPTION or b"\0" in data:
        raise DataError(
            f"{path}: Expected a text of at most {MOST_OF_A_CAPTION:,} bytes. Received another file."
        )
    return data.decode("utf-8-sig", "replace")


def kept_captions(source: CaptionSource, text_column: str, split_column: str, seen: Hashable) -> CaptionSet:
    """The captions, read once for each version `seen`. Raises `DataError`."""
    asked = (source, text_column, split_column, seen)
    return _sets.get(asked, lambda: _read(source, text_column, split_column), errors=False)


def _read(source: CaptionSource, text_column: str, split_column: str) -> CaptionSet:
    into, facts = Captions(source.root.name), list[Fact]()
    said: list[int | None] = []
    for path in source.files:
        if source.kind == "table":
            facts += caption_table.read_caption_table(path, into, text_column, split_column)
        else:
            facts += caption_json.read_caption_json(path, source.root, into, text_column)
        words = [*path.stem.replace("-", "_").split("_"), path.parent.name]
        said += [parts_in(words) if len(source.files) > 1 else None] * (len(into.texts) - len(said))
    if source.kind == "texts":
        facts += _beside(source.root, into)
        said = [parts_in(folders_of(str(source.root), picture)) for picture in into.pictures]
    places = {picture: place for place, picture in enumerate(dict.fromkeys(into.pictures))}
    if len(places) < 2:
        received = "; ".join([f"{len(places):,} of them", *into.every_note()])
        raise DataError(
            f"{shown(str(source.root), 100)}: Expected at least 2 pictures with captions. "
            f"Received {received}."
        )
    each = len(into.texts) / len(places)
    several = f"{each:.3g} for a picture: those of one picture all train or all validate" if each > 1 else ""
    facts.append(Fact("Captions", f"{len(into.texts):,} of {len(places):,} pictures", several))
    paths = tuple(places)
    listing = Listing(source.root, paths, np.zeros(len(paths), np.int64), (), notes=into.every_note())
    has_words = len(into.words) == len(into.texts) and bool(into.words)
    return CaptionSet(
        listing,
        tuple(into.texts),
        np.array([places[picture] for picture in into.pictures], np.int64),
        np.array(into.words) if has_words else None,
        into.split_name,
        _parts(said),
        tuple(dict.fromkeys(facts)),
    )


def _parts(said: list[int | None]) -> np.ndarray | None:
    """The part of each caption where names of files or folders say some that train and some that do not."""
    known = {TRAIN if part is None else part for part in said}
    if TRAIN not in known or not known & {VALIDATION, TEST}:
        return None
    return np.array([TRAIN if part is None else part for part in said], np.int64)


def _beside(root: Path, into: Captions) -> list[Fact]:
    """The text of the same name as each picture."""
    pictures, texts = files_below(root, ".txt")
    known, seen = ByStem(root, pictures), set[str]()
    for path in texts:
        picture = known.find(path)
        if picture:
            seen.add(picture)
            into.add(picture, " ".join(_text(Path(path)).split()), path[len(str(root)) + 1 :])
    lone = [os.path.basename(path) for path in pictures if path not in seen]  # noqa: PTH119
    if lone:
        what = "picture is" if len(lone) == 1 else "pictures are"
        into.notes.append(f"{len(lone):,} {what} left out, having no text beside: {listed(lone, 2)}")
    return [Fact("Captions in", "a text beside each picture", "their names are the same")]
