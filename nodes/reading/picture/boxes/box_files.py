"""Which files of a folder have boxes of pictures, in one of four formats."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nodes.reading.kept import KeptAnswers
from nodes.reading.picture.boxes.box_table import has_boxes
from nodes.reading.picture.boxes.box_text import NAMES, is_yolo, read_yolo
from nodes.reading.picture.boxes.box_xml import is_voc
from nodes.reading.picture.coco_json import is_coco
from nodes.reading.picture.files_beside import looked_at
from nodes.reading.picture.picture_formats import SUFFIXES
from nodes.regular_file import is_regular

TABLES = (".csv", ".tsv", ".tab", ".txt")
_BESIDE = frozenset({"annotations", "annotation", "labels", "label", "xmls", "xml", "ann"})
"""Folders with boxes alone: pictures lie beside them."""


@dataclass(frozen=True)
class BoxSource:
    """Where boxes are: "voc" and "yolo" have a file for each picture below `root`, "coco" and "table" those
    in `files`."""

    kind: str
    root: Path
    files: tuple[Path, ...] = ()


_sources: KeptAnswers[BoxSource | None] = KeptAnswers(64)


def source_of(path: Path) -> BoxSource | None:
    """How a path that was dropped has boxes; None: it has none. Looks at names and first bytes alone."""
    return _sources.of_file(path, lambda: _of_folder(path) if path.is_dir() else _of_file(path))


def _of_file(path: Path) -> BoxSource | None:
    root, ending = path.parent, path.suffix.lower()
    if not is_regular(path):
        return None
    outer = root.parent if root.name.lower() in _BESIDE else root
    if ending == ".xml" and is_voc(path):
        return BoxSource("voc", outer)
    if ending == ".json" and is_coco(path):
        return BoxSource("coco", outer, (path,))
    if ending in TABLES and has_boxes(path):
        return BoxSource("table", root, (path,))
    return None


def _of_folder(folder: Path) -> BoxSource | None:
    every = list(looked_at(folder))
    by_ending: dict[str, list[Path]] = {}
    for path in every:
        by_ending.setdefault(path.suffix.lower(), []).append(path)
    stems = {path.stem for path in every if path.suffix.lower() in SUFFIXES}
    found = [path for path in by_ending.get(".json", [])[:20] if is_coco(path)]
    if found:
        return BoxSource("coco", folder, tuple(found))
    tables = [path for ending in TABLES[:3] for path in by_ending.get(ending, [])[:10]]
    found = [path for path in tables if stems and has_boxes(path)]
    if found:
        return BoxSource("table", folder, tuple(found))
    files = by_ending.get(".xml", [])
    if files and stems and any(is_voc(path) for path in files[:3]):
        return BoxSource("voc", folder)
    texts = [path for path in by_ending.get(".txt", []) if path.stem in stems and path.name not in NAMES]
    some = texts[:5]
    if some and all(map(is_yolo, some)) and any(read_yolo(path) for path in some):
        return BoxSource("yolo", folder)
    return None
