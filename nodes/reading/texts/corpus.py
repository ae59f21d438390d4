"""Texts with what belongs to them: a label each, or a translation; out of rows, two files or a folder.

Which column is the text and which the label is found by looking, said with its reason, and can be chosen.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nodes.reading.error import DataError
from nodes.reading.folders.files_by_class import classed_files
from nodes.reading.folders.recognition import holds_mostly
from nodes.reading.kept import KeptAnswers, signature
from nodes.reading.labels.choices import AUTO, IN_COLUMNS, NO
from nodes.reading.labels.joined import joined_labels, labels_in, marks
from nodes.reading.look import Fact
from nodes.reading.spilled.cells import LineNames, SomeCells, SpilledCells
from nodes.reading.texts.delimited import Cell
from nodes.reading.texts.encoding import BYTES_FOR_ONE, encoding_of, fits, size_of
from nodes.reading.texts.folder_texts import folder_texts
from nodes.reading.texts.left_out import LeftOut
from nodes.reading.texts.paired_lines import paired_lines, spilled_lines
from nodes.reading.texts.records import ReadingChoice, Records, records
from nodes.shown_text import listed, quoted

ENDINGS = (".txt", ".md", ".text")
MOST_CLASSES = 1000
MOST_COUNTED = 1_000_000
"""Different labels that are counted where they are too many."""
MOST_JOINED = 20_000
"""Different cells of which it is looked whether they have several labels."""
LOOKED = 20
"""Cells that tell whether a column has lists."""
LABEL_NAMES = ("label", "class", "category", "sentiment", "target", "intent", "topic", "language", "tag")


@dataclass(frozen=True)
class Columns:
    """Names of the columns that somebody has chosen; empty where they are to be found."""

    text: str = ""
    label: str = ""
    other: str = ""


@dataclass(frozen=True)
class Corpus:
    """Texts in their order; labels as places in `classes`, other texts, words for parts and groups, or None.

    `stands` says where each text is. `columns` are the names of all columns with what each is for. `version`
    tells the files of a folder from those that it had at another time.
    """

    path: Path
    texts: Sequence[str]
    stands: Sequence[str]
    classes: tuple[str, ...] = ()
    labels: tuple[int, ...] | None = None
    others: Sequence[str] | None = None
    parts: tuple[int, ...] | None = None
    words: Sequence[str] | None = None
    groups: Sequence[str] | None = None
    columns: tuple[tuple[str, str], ...] = ()
    facts: tuple[Fact, ...] = ()
    notes: tuple[str, ...] = ()
    encoding: str = ""
    is_doubtful: bool = False
    has_header: bool | None = None
    records: Records | None = field(default=None, repr=False)
    is_on_disk: bool = False
    version: str = ""
    label_sign: str = NO
    """What parts several labels in a class, a word of `labels.choices.CHOICES`; "no": each is one class."""
    size: int = 0
    """Bytes of memory that its texts would take."""

    def __len__(self) -> int:
        return len(self.texts)


_folders: KeptAnswers[Corpus] = KeptAnswers(2)


def labelled(
    path: Path,
    how: ReadingChoice,
    columns: Columns,
    split_column: str,
    group_column: str,
    *,
    wants_label: bool,
    several: str = NO,
) -> Corpus:
    """The texts of a file or folder, with labels where it has any and they are wanted; `several` says how
    several labels of a text are written. Raises `DataError`."""
    if path.is_dir():
        return _folders.get((path, signature(path), how), lambda: _folder(path, how))
    found = records(path, how)
    text, text_why = _text_column(found, columns.text)
    label, label_why = None, ""
    if wants_label:
        label, label_why = _label_column(found, columns.label, text, joins=several != NO)
    places = [text] if label is None else [text, label]
    extra = [found.find(name) for name in (split_column, group_column) if name]
    rows, notes = _whole_rows(found, [*places, *extra])
    classes, labels, sign = None, None, NO
    facts = [Fact("Texts", f"column {quoted(found.names[text])}", text_why)]
    if label is not None:
        classes, labels, sign = _coded(path, _cells(found.columns[label], rows), several)
        facts.append(Fact("Labels", f"column {quoted(found.names[label])}", label_why))
    roles = {text: "input", **({label: "target"} if label is not None else {})}
    return replace(
        _corpus(found, rows, roles, facts, notes),
        texts=_cells(found.columns[text], rows),
        classes=classes or (),
        labels=labels,
        label_sign=sign,
        words=_cells(found.columns[found.find(split_column)], rows) if split_column else None,
        groups=_cells(found.columns[found.find(group_column)], rows) if group_column else None,
    )


def _corpus(
    found: Records, rows: Sequence[int], roles: dict[int, str], facts: list[Fact], notes: tuple[str, ...]
) -> Corpus:
    """What is known of these rows, without their texts; `roles` says what some columns are for."""
    encoding = found.encoding
    return Corpus(
        found.path,
        (),
        LineNames(found.stands, rows),
        columns=tuple((name, roles.get(i, "ignore")) for i, name in enumerate(found.names)),
        facts=(*found.facts, *facts),
        notes=(*found.notes, *notes),
        encoding=encoding.name if encoding else "",
        is_doubtful=encoding is not None and encoding.is_doubtful,
        has_header=found.has_header,
        records=found,
        is_on_disk=found.is_on_disk,
        size=BYTES_FOR_ONE * size_of(found.path),
    )


def _cells(column: Sequence[Cell], rows: Sequence[int]) -> Sequence[str]:
    if isinstance(column, SpilledCells):
        return SomeCells(column, rows)
    return tuple(cell for i in rows if (cell := column[i]) is not None)


def _whole_rows(found: Records, places: list[int]) -> tuple[Sequence[int], tuple[str, ...]]:
    """The rows that have each of these cells, and a sentence on the others."""
    left = LeftOut(found.path)
    rows = array("q")
    for i, cells in enumerate(zip(*(found.columns[place] for place in places), strict=True)):
        if None not in cells:
            rows.append(i)
        else:
            gap = places[cells.index(None)]
            left.add(f"rows without {quoted(found.names[gap])}", found.stands[i])
    return range(len(found)) if len(rows) == len(found) else rows, left.notes()


def _text_column(found: Records, wanted: str) -> tuple[int, str]:
    if wanted:
        return found.find(wanted), "it is chosen"
    if not found.names:
        raise DataError(f"{found.path}: Expected texts. Received an empty file.")
    if len(found.names) == 1:
        return 0, "there is no other"
    lengths = [0 if _has_lists(column) else sum(map(len, filter(None, column))) for column in found.columns]
    longest = max(range(len(lengths)), key=lengths.__getitem__)
    return longest, "its texts are the longest"


def _has_lists(column: Sequence[Cell]) -> bool:
    """Whether its first cells are lists of JSON."""
    first = [cell for cell in islice(column, LOOKED) if cell]
    return bool(first) and all(cell[0] == "[" and cell[-1] == "]" for cell in first)


def _label_column(found: Records, wanted: str, text: int, *, joins: bool) -> tuple[int | None, str]:
    """The column of labels, and why; None where none is like labels. `joins`: a cell may have several."""
    if wanted:
        return found.find(wanted), "it is chosen"
    likely: list[tuple[bool, int, int]] = []
    for i, column in enumerate(found.columns):
        few = max(2, min(MOST_CLASSES, len(found) // 3))
        values = _different(column, few + 1) - {None}
        if i != text and 1 < len(values) <= few:
            likely.append((found.names[i].lower() not in LABEL_NAMES, len(values), i))
    if not likely and joins:
        others = (i for i in range(len(found.columns)) if i != text)
        several = next((i for i in others if _joined(found.columns[i])), None)
        return several, "" if several is None else "its cells have several labels"
    if not likely:
        return None, ""
    is_unnamed, count, place = min(likely)
    return place, f"it has {count:,} different values" if is_unnamed else "of its name"


def _different(cells: Iterable[Cell], most: int) -> set[Cell]:
    """The different cells, as far as there are not more than so many."""
    found: set[Cell] = set()
    for cell in cells:
        found.add(cell)
        if len(found) > most:
            break
    return found


def _joined(column: Sequence[Cell]) -> bool:
    """Whether its cells surely have several labels."""
    found = joined_labels({cell for cell in _different(column, MOST_JOINED) if cell})
    return found is not None and found.is_likely


def sign_of(different: Collection[str], wanted: str) -> str:
    """What parts several labels in these cells, as is `wanted` or found; "no": each is one class."""
    if wanted != AUTO:
        return NO if wanted == IN_COLUMNS else wanted
    found = joined_labels(different) if len(different) <= MOST_JOINED else None
    return found.sign if found is not None and found.is_likely else NO


def _coded(path: Path, cells: Sequence[str], several: str) -> tuple[tuple[str, ...], tuple[int, ...], str]:
    """The classes, numbers by size and words by code points, and each label as its place among them; and what
    parts several labels in a class."""
    different = {cell for cell in _different(cells, MOST_COUNTED) if cell is not None}
    sign = sign_of(different, several)
    count = len(different) if sign == NO else len(labels_in(different, sign))
    if sign != NO and not 1 < count <= MOST_CLASSES:
        raise DataError(
            f"{path}: Choose what parts the labels, or “no” for several_labels. Expected 2 to "
            f"{MOST_CLASSES:,} different labels. Received {count:,}."
        )
    if count > MOST_CLASSES:
        more = "more than " if len(different) > MOST_COUNTED else ""
        count = min(len(different), MOST_COUNTED)
        raise DataError(
            f"{path}: Expected at most {MOST_CLASSES:,} classes. Received {more}{count:,} different "
            "labels; choose another label_column, or predict no label."
        )
    classes = sorted(different, key=float) if all(map(_is_number, different)) else sorted(different)
    places = {name: place for place, name in enumerate(classes)}
    return tuple(classes), tuple(places[cell] for cell in cells), sign


def labels_of(corpus: Corpus) -> tuple[str, ...]:
    """The labels of which several can hold of a text; none where each text has a class."""
    return () if corpus.label_sign == NO else labels_in(corpus.classes, corpus.label_sign)


def marks_of(corpus: Corpus) -> NDArray[np.float32]:
    """Which labels hold of each of its classes, `(classes, labels)` of 0 and 1."""
    return marks(corpus.classes, corpus.label_sign, labels_of(corpus))


def _is_number(cell: str) -> bool:
    return cell.isascii() and cell.lstrip("-").replace(".", "", 1).isdigit()


def _folder(path: Path, how: ReadingChoice) -> Corpus:
    """A file is a text, its folder the class."""
    is_bare = not holds_mostly(path, ENDINGS) and holds_mostly(path, ("",))
    files = classed_files(path, ("",) if is_bare else ENDINGS, "text files")
    found = folder_texts(path, files.paths, how)
    labels = tuple(files.labels[i] for i in found.kept) if files.classes else None
    facts = (
        Fact("Read as", "files", "a folder was chosen: each file is a text"),
        Fact("Encoding", listed(found.encodings) or "none", "each file by itself"),
    )
    return Corpus(
        path,
        found.texts,
        tuple(files.paths[i] for i in found.kept),
        files.classes,
        labels,
        parts=tuple(files.parts[i] for i in found.kept) if files.parts is not None else None,
        columns=(("text", "input"), *((("folder", "target"),) if files.classes else ())),
        facts=facts,
        notes=(*files.notes, *found.notes),
        encoding=next(iter(found.encodings), ""),
        is_on_disk=found.is_on_disk,
        version=found.version,
        size=found.size,
    )


def paired(path: Path, other: Path | None, how: ReadingChoice, columns: Columns) -> Corpus:
    """Texts and their translations: two columns of a file, or the lines of two files. Raises `DataError`."""
    return _columns_paired(path, how, columns) if other is None else _files_paired(path, other, how)


def _columns_paired(path: Path, how: ReadingChoice, columns: Columns) -> Corpus:
    found = records(path, how)
    if len(found.names) < 2:
        raise DataError(
            f"{path}: Expected two columns of texts, with a tab between them. Received one; "
            "choose the file with the translations too (target_path)."
        )
    wanted = (columns.text, columns.other)
    chosen = [found.find(name) if name else None for name in wanted]
    free = [i for i in range(len(found.names)) if i not in chosen]
    places = [free.pop(0) if place is None else place for place in chosen]
    rows, notes = _whole_rows(found, places)
    facts = []
    for name, place, choice in zip(("Texts", "Translations"), places, wanted, strict=True):
        why = "it is chosen" if choice else "the columns are taken in their order"
        facts.append(Fact(name, f"column {quoted(found.names[place])}", why))
    roles = {places[0]: "input", places[1]: "target"}
    return replace(
        _corpus(found, rows, roles, facts, notes),
        texts=_cells(found.columns[places[0]], rows),
        others=_cells(found.columns[places[1]], rows),
    )


def _files_paired(path: Path, other: Path, how: ReadingChoice) -> Corpus:
    """Line i of one file belongs to line i of the other, empty lines too."""
    encodings = [encoding_of(one, how.encoding) for one in (path, other)]
    read = paired_lines if fits(path) and fits(other) else spilled_lines
    found = read((path, other), (encodings[0], encodings[1]))
    facts = [
        Fact(f"Encoding of {one.name}", e.name, e.why)
        for one, e in zip((path, other), encodings, strict=True)
    ]
    return Corpus(
        path,
        found.texts,
        LineNames(found.lines, range(len(found.lines))),
        others=found.others,
        columns=((path.name, "input"), (other.name, "target")),
        facts=(Fact("Read as", "two files of lines", "two files are chosen"), *facts),
        notes=(*encodings[0].notes, *encodings[1].notes, *found.notes),
        encoding=encodings[0].name,
        is_doubtful=any(e.is_doubtful for e in encodings),
        is_on_disk=found.is_on_disk,
        version=repr(signature(other)),
        size=BYTES_FOR_ONE * (size_of(path) + size_of(other)),
    )
