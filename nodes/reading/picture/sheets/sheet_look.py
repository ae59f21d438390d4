"""Whether a folder that was dropped has sheets of pictures; and what is told of them before they train."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nodes.reading.look import Answer, Doubt, Fact, Recognised
from nodes.reading.picture.sheets.sheet_files import LabelledSheets, candidates, is_row_of_pixels, side_of
from nodes.reading.picture.sheets.sheet_labels import count_of
from nodes.reading.picture.sheets.sheet_rows import SheetSet
from nodes.reading.split import TEST, TRAIN, VALIDATION
from nodes.shown_text import listed, shown

_PARTS = {TRAIN: "trains", VALIDATION: "validates", TEST: "held apart"}


def recognise(path: Path) -> Recognised | None:
    """How sure it is that pictures are sheets: surest where there are as many labels as rows of pixels."""
    folder = path if path.is_dir() else path.parent
    if folder != path and path.suffix.lower() != ".png":
        return None
    sheets, labels = candidates(folder)
    sheets = [sheet for sheet in sheets if is_row_of_pixels(sheet)]
    if not sheets or not labels or (folder != path and path not in [sheet.path for sheet in sheets]):
        return None
    rows = sum(sheet.rows for sheet in sheets)
    counts = [count_of(label) for label in labels]
    known = [count for count in counts if count is not None]
    values = {"path": str(folder)}
    said = f"{len(sheets):,} PNG sheet{'s' * (len(sheets) != 1)} with {rows:,} rows of pixels"
    if len(known) == len(counts) and (sum(known) == rows or _is_multiple(sum(known), rows)):
        return Recognised(92, values, f"it has {said} and as many labels beside them")
    if any(count is None or count > 2 * len(sheets) for count in counts) and rows > 4 * len(sheets):
        return Recognised(62, values, f"it has {said} and labels beside them")
    return None


def _is_multiple(count: int, rows: int) -> bool:
    """Whether so many bytes may be a row of zeros with one 1 for each row of pixels."""
    return count % rows == 0 and 2 <= count // rows <= 1000


def facts(one: SheetSet, sample: tuple[int, int, int]) -> list[Fact]:
    """Which sheets have whose labels, and what a row of pixels is taken for."""
    told = []
    for group, how in zip(one.found.groups, one.how, strict=True):
        does = "" if one.parts is None else f", {_PARTS[TRAIN if group.part is None else group.part]}"
        words = f"{shown(group.labels.name, 40)} for {_names(group)}, {group.rows:,} rows{does}"
        told.append(Fact("Labels", words, f"{how}; there are as many as rows"))
    channels, height, width = sample
    told.append(
        Fact(
            "A row of pixels",
            f"a picture of {width:,} × {height:,} px, {channels} channel{'s' * (channels > 1)}",
            f"rows have {one.found.first.width:,} pixels",
        )
    )
    return told


def _names(group: LabelledSheets) -> str:
    names = [sheet.path.name for sheet in group.sheets]
    return listed(names, 3) if len(names) < 4 else f"{names[0]} to {names[-1]}"


def warnings(one: SheetSet) -> list[str]:
    """What was left out, and sheets whose order nothing but their names says."""
    told = list(one.found.left_out)
    for group in one.found.groups:
        if len(group.sheets) > 1:
            names = listed([sheet.path.name for sheet in group.sheets], 20)
            told.append(
                f"The labels of {shown(group.labels.name, 60)} are taken to go on from sheet to sheet, in "
                f"the order {names}: no file says so. Look whether the samples have the right labels."
            )
    return told


def doubts(one: SheetSet, values: dict[str, Any], sample: tuple[int, int, int]) -> list[Doubt]:
    """In which order pixels follow each other, and what is the part that is held apart."""
    where = one.found.first.path.name
    answers = (
        Answer("Row by row.", {"pixel_order": "rows"}),
        Answer("Column by column.", {"pixel_order": "columns"}),
    )
    why = "nothing in the file says it; samples that lie on their side are read the wrong way"
    taken = int(values["pixel_order"] == "columns")
    told = [Doubt("How do the pixels of a picture follow each other?", why, answers, taken, where)]
    first = one.found.first
    if first.channels == 1 and first.width % 3 == 0 and side_of(first.width // 3):
        answers = (
            Answer("Pixel by pixel: red, green, blue.", {"row_colours": "pixels"}),
            Answer("Three planes: all red, all green, all blue.", {"row_colours": "planes"}),
        )
        why = f"rows of {first.width:,} greys are three times {sample[1]:,} × {sample[2]:,}"
        taken = int(values["row_colours"] == "planes")
        told.append(Doubt("How do the colours of a picture follow each other?", why, answers, taken, where))
    if one.parts is not None:
        held = [group for group in one.found.groups if group.part in (VALIDATION, TEST)]
        count, names = sum(group.rows for group in held), listed([group.labels.name for group in held], 2)
        answers = (
            Answer("Apart: they validate.", {"split": "auto"}),
            Answer("One set, held back at random.", {"split": "random"}),
        )
        taken = int(values["split"] == "random")
        question = f"What are the {count:,} pictures with the labels of {names}?"
        told.append(Doubt(question, "its name says so", answers, taken))
    return told
