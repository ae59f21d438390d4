"""Texts with what belongs to them: a label each, or a translation; out of rows, two files or a folder.

Which column is the text and which the label is found by looking, said with its reason, and can be chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from nodes.reading import budget
from nodes.reading.error import DataError
from nodes.reading.folders.files_by_class import ClassedFiles, classed_files
from nodes.reading.folders.recognition import holds_mostly
from nodes.reading.kept import KeptAnswers, signature
from nodes.reading.look import Fact
from nodes.reading.texts.delimited import Cell
from nodes.reading.texts.encoding import encoding_of, lines_of, require_room
from nodes.reading.texts.left_out import LeftOut
from nodes.reading.texts.records import CELL_BYTES, ReadingChoice, Records, records
from nodes.shown_text import listed, quoted, shown

ENDINGS = (".txt", ".md", ".text")
MOST_CLASSES = 1000
LABEL_NAMES = ("label", "class", "category", "sentiment", "target", "intent", "topic", "language", "tag")
_NAMED = 20
"""Files that cannot be read and are named one by one."""


@dataclass(frozen=True)
class Columns:
    """Names of the columns that somebody has chosen; empty where they are to be found."""

    text: str = ""
    label: str = ""
    other: str = ""


@dataclass(frozen=True)
class Corpus:
    """Texts in their order; labels as places in `classes`, other texts, words for parts and groups, or None.

    `stands` says where each text is. `columns` are the names of all columns with what each is for.
    """

    path: Path
    texts: tuple[str, ...]
    stands: tuple[str, ...]
    classes: tuple[str, ...] = ()
    labels: tuple[int, ...] | None = None
    others: tuple[str, ...] | None = None
    parts: tuple[int, ...] | None = None
    words: tuple[str, ...] | None = None
    groups: tuple[str, ...] | None = None
    columns: tuple[tuple[str, str], ...] = ()
    facts: tuple[Fact, ...] = ()
    notes: tuple[str, ...] = ()
    encoding: str = ""
    is_doubtful: bool = False
    has_header: bool | None = None
    records: Records | None = field(default=None, repr=False)

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
) -> Corpus:
    """The texts of a file or folder, with labels where it has any and they are wanted. Raises `DataError`."""
    if path.is_dir():
        return _folders.get((path, signature(path), how), lambda: _folder(path, how))
    found = records(path, how)
    text, text_why = _text_column(found, columns.text)
    label, label_why = None, ""
    if wants_label:
        label, label_why = _label_column(found, columns.label, text)
    places = [text] if label is None else [text, label]
    extra = [found.find(name) for name in (split_column, group_column) if name]
    rows, notes = _whole_rows(found, [*places, *extra])
    classes, labels = None, None
    facts = [Fact("Texts", f"column {quoted(found.names[text])}", text_why)]
    if label is not None:
        classes, labels = _coded(path, [found.columns[label][i] for i in rows])
        facts.append(Fact("Labels", f"column {quoted(found.names[label])}", label_why))
    roles = {text: "input", **({label: "target"} if label is not None else {})}
    return replace(
        _corpus(found, rows, roles, facts, notes),
        texts=_cells(found.columns[text], rows),
        classes=classes or (),
        labels=labels,
        words=_cells(found.columns[found.find(split_column)], rows) if split_column else None,
        groups=_cells(found.columns[found.find(group_column)], rows) if group_column else None,
    )


def _corpus(
    found: Records, rows: list[int], roles: dict[int, str], facts: list[Fact], notes: tuple[str, ...]
) -> Corpus:
    """What is known of these rows, without their texts; `roles` says what some columns are for."""
    encoding = found.encoding
    return Corpus(
        found.path,
        (),
        tuple(f"line {found.stands[i]:,}" for i in rows),
        columns=tuple((name, roles.get(i, "ignore")) for i, name in enumerate(found.names)),
        facts=(*found.facts, *facts),
        notes=(*found.notes, *notes),
        encoding=encoding.name if encoding else "",
        is_doubtful=encoding is not None and encoding.is_doubtful,
        has_header=found.has_header,
        records=found,
    )


def _cells(column: Sequence[Cell], rows: list[int]) -> tuple[str, ...]:
    return tuple(cell for i in rows if (cell := column[i]) is not None)


def _whole_rows(found: Records, places: list[int]) -> tuple[list[int], tuple[str, ...]]:
    """The rows that have each of these cells, and a sentence on the others."""
    left = LeftOut(found.path)
    rows = []
    for i in range(len(found)):
        gap = next((place for place in places if found.columns[place][i] is None), None)
        if gap is None:
            rows.append(i)
        else:
            left.add(f"rows without {quoted(found.names[gap])}", found.stands[i])
    return rows, left.notes()


def _text_column(found: Records, wanted: str) -> tuple[int, str]:
    if wanted:
        return found.find(wanted), "it is chosen"
    if not found.names:
        raise DataError(f"{found.path}: Expected texts. Received an empty file.")
    if len(found.names) == 1:
        return 0, "there is no other"
    lengths = [sum(map(len, filter(None, column))) for column in found.columns]
    longest = max(range(len(lengths)), key=lengths.__getitem__)
    return longest, "its texts are the longest"


def _label_column(found: Records, wanted: str, text: int) -> tuple[int | None, str]:
    """The column of labels, and why; None where no column is like labels."""
    if wanted:
        return found.find(wanted), "it is chosen"
    likely: list[tuple[bool, int, int]] = []
    for i, column in enumerate(found.columns):
        values = set(column) - {None}
        few = max(2, min(MOST_CLASSES, len(found) // 3))
        if i != text and 1 < len(values) <= few:
            likely.append((found.names[i].lower() not in LABEL_NAMES, len(values), i))
    if not likely:
        return None, ""
    is_unnamed, count, place = min(likely)
    return place, f"it has {count:,} different values" if is_unnamed else "of its name"


def _coded(path: Path, cells: Sequence[Cell]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The classes, numbers by size and words by code points, and each label as its place among them."""
    different = {cell for cell in cells if cell is not None}
    if len(different) > MOST_CLASSES:
        raise DataError(
            f"{path}: Expected at most {MOST_CLASSES:,} classes. Received {len(different):,} different "
            "labels; choose another label_column, or predict no label."
        )
    classes = sorted(different, key=float) if all(map(_is_number, different)) else sorted(different)
    places = {name: place for place, name in enumerate(classes)}
    return tuple(classes), tuple(places[cell] for cell in cells if cell is not None)


def _is_number(cell: str) -> bool:
    return cell.isascii() and cell.lstrip("-").replace(".", "", 1).isdigit()


def _folder(path: Path, how: ReadingChoice) -> Corpus:
    """A file is a text, its folder the class."""
    is_bare = not holds_mostly(path, ENDINGS) and holds_mostly(path, ("",))
    files = classed_files(path, ("",) if is_bare else ENDINGS, "text files")
    texts, kept, notes, encodings = _contents(path, files, how)
    labels = tuple(files.labels[i] for i in kept) if files.classes else None
    facts = (
        Fact("Read as", "files", "a folder was chosen: each file is a text"),
        Fact("Encoding", listed(sorted(encodings)) or "none", "each file by itself"),
    )
    return Corpus(
        path,
        texts,
        tuple(files.paths[i] for i in kept),
        files.classes,
        labels,
        parts=tuple(files.parts[i] for i in kept) if files.parts is not None else None,
        columns=(("text", "input"), *((("folder", "target"),) if files.classes else ())),
        facts=facts,
        notes=(*files.notes, *notes),
        encoding=next(iter(encodings), ""),
    )


def _contents(
    folder: Path, files: ClassedFiles, how: ReadingChoice
) -> tuple[tuple[str, ...], list[int], list[str], set[str]]:
    """The text of each file that has one, their places, what is left out, and the encodings there are."""
    texts, kept, notes, encodings, broken, empty, size = [], [], [], set[str](), 0, [], 0
    for i, name in enumerate(files.paths):
        path = Path(name)
        try:
            require_room(path)
            encoding = encoding_of(path, how.encoding)
            text = "\n".join(lines_of(path, encoding)).strip()
        except DataError as error:
            broken += 1
            if broken <= _NAMED:
                notes.append(str(error))
            continue
        size += len(text) + CELL_BYTES
        budget.require_room(str(folder), 4 * size, f"{i + 1:,} texts or more")
        notes += encoding.notes[: max(0, _NAMED - len(notes))]
        if not text:
            empty.append(path.name)
            continue
        encodings.add(encoding.name)
        texts.append(text)
        kept.append(i)
    if broken > _NAMED:
        notes.append(f"and {broken - _NAMED:,} more files that cannot be read")
    if empty:
        notes.append(f"left out: empty files ({len(empty):,}: {listed(empty)})")
    return tuple(texts), kept, notes, encodings


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
    both, encodings = [], []
    for one in (path, other):
        require_room(one)
        encodings.append(encoding_of(one, how.encoding))
        both.append([line.strip() for line in lines_of(one, encodings[-1])])
    first, second = both
    if len(first) != len(second):
        raise DataError(
            f"{shown(str(other))}: Expected {len(first):,} lines, as in {path.name}. Received "
            f"{len(second):,}; a line of one file is the translation of that line of the other."
        )
    left = LeftOut(path)
    rows = []
    for i, pair in enumerate(zip(first, second, strict=True)):
        if all(pair):
            rows.append(i)
        else:
            left.add("lines without text in one of the files, from both", i + 1)
    facts = [
        Fact(f"Encoding of {one.name}", e.name, e.why)
        for one, e in zip((path, other), encodings, strict=True)
    ]
    return Corpus(
        path,
        tuple(first[i] for i in rows),
        tuple(f"line {i + 1:,}" for i in rows),
        others=tuple(second[i] for i in rows),
        columns=((path.name, "input"), (other.name, "target")),
        facts=(Fact("Read as", "two files of lines", "two files are chosen"), *facts),
        notes=(*encodings[0].notes, *encodings[1].notes, *left.notes()),
        encoding=encodings[0].name,
        is_doubtful=any(e.is_doubtful for e in encodings),
    )
