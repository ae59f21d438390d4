"""Boxes as Pascal VOC writes them: an XML file for each picture. Entities are refused, never expanded."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from nodes.reading.error import DataError
from nodes.reading.opened import plain
from nodes.reading.picture.boxes.box_numbers import number
from nodes.shown_text import shown

MOST_BYTES = 8 << 20
"""Bytes of an XML file about one picture."""
DEEPEST, MOST_BOXES = 32, 100_000


@dataclass
class VocFile:
    """What an XML file says: the name of the picture, its width and height, and its boxes with their classes.

    Boxes are as they are written: pixels from 1 on, both ends within.
    """

    filename: str = ""
    size: tuple[float, float] | None = None
    boxes: list[tuple[list[float], str]] = field(default_factory=list)


def read_voc(path: Path) -> VocFile:
    """The boxes of one picture. Raises `DataError` for what is no such file, or has a document type."""
    with plain(path, "an XML file of boxes") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise DataError(f"{path}: Expected at most {MOST_BYTES:,} bytes about a picture. Received more.")
    reader = _Reader(path)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.EntityDeclHandler = reader.refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise DataError(f"{path}: Expected XML. Received: {shown(str(error), 100)}.") from error
    if not reader.is_annotation:
        raise DataError(f"{path}: Expected an <annotation> as Pascal VOC has it. Received other XML.")
    return reader.found


def is_voc(path: Path) -> bool:
    """Whether the first bytes of a file are those of an annotation."""
    try:
        with plain(path, "an XML file of boxes") as file:
            start = file.read(2048)
    except DataError:
        return False
    return b"<annotation" in start


class _Reader:
    """Takes the elements of an annotation as they come."""

    def __init__(self, path: Path) -> None:
        self.found = VocFile()
        self.is_annotation = False
        self._path, self._inside, self._words = path, list[str](), ""
        self._name, self._box = "", dict[str, float]()
        self._size: dict[str, float] = {}

    def refuse(self, *_: object) -> None:
        raise DataError(
            f"{self._path}: Expected plain XML. Received a document type (<!DOCTYPE>), whose entities "
            "may unpack to any size; take it out."
        )

    def start(self, tag: str, _attributes: object) -> None:
        self.is_annotation = self.is_annotation or (not self._inside and tag == "annotation")
        self._inside.append(tag)
        self._words = ""
        if len(self._inside) > DEEPEST or len(self.found.boxes) > MOST_BOXES:
            raise DataError(
                f"{self._path}: Expected boxes of one picture. Received XML of other depth or length."
            )
        if self._inside[1:] == ["object"]:
            self._name, self._box = "", {}

    def text(self, words: str) -> None:
        self._words += words

    def end(self, tag: str) -> None:
        inside, words = self._inside[1:], self._words.strip()
        self._inside.pop()
        self._words = ""
        if inside == ["filename"]:
            self.found.filename = words
        elif inside[:1] == ["size"] and tag in ("width", "height"):
            self._size[tag] = number(words)
        elif inside == ["object", "name"]:
            self._name = words
        elif inside[:2] == ["object", "bndbox"] and tag in ("xmin", "ymin", "xmax", "ymax"):
            self._box[tag] = number(words)
        elif inside == ["object"] and self._box:
            values = [self._box.get(side, float("nan")) for side in ("xmin", "ymin", "xmax", "ymax")]
            self.found.boxes.append((values, self._name))
        elif inside == ["size"] and all(self._size.get(side, 0) > 0 for side in ("width", "height")):
            self.found.size = (self._size["width"], self._size["height"])
