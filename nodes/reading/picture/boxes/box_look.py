"""Whether a path that was dropped has pictures with boxes; what is told of them, and what is in doubt."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nodes.reading.look import Answer, DataPart, Doubt, Recognised
from nodes.reading.picture.boxes.box_files import source_of
from nodes.reading.picture.boxes.box_listing import BoxSet
from nodes.reading.picture.boxes.boxed import FORMS
from nodes.shown_text import listed

_SURE = {"table": (88, "a table of boxes"), "coco": (86, "a JSON file of boxes, as COCO has")} | {
    "voc": (84, "XML files of boxes, as Pascal VOC has"),
    "yolo": (84, "texts of boxes beside its pictures, as YOLO has"),
}


def recognise(path: Path) -> Recognised | None:
    """How sure it is that pictures have boxes."""
    found = source_of(path)
    if found is None:
        return None
    sureness, what = _SURE[found.kind]
    if found.files and not path.is_dir():
        return Recognised(sureness, {"path": str(path)}, f"it is {what}")
    return Recognised(sureness, {"path": str(found.root)}, f"it has {what}")


def box_part(one: BoxSet) -> DataPart:
    """The classes and how many boxes each has."""
    pairs = sorted(zip(one.classes[1:], one.counts, strict=True), key=lambda pair: -pair[1])
    what = "outlines and boxes" if any(boxed.outlines for boxed in one.drawn.boxed) else "boxes"
    return DataPart(
        "mask",
        "category",
        "target",
        f"{what}, drawn as a mask; the ground is a class too",
        roles=("target",),
        examples=one.classes[:5],
        distinct=len(one.classes),
        common=tuple(pairs[:100]),
    )


def box_doubts(one: BoxSet, values: Mapping[str, Any]) -> list[Doubt]:
    """What the four numbers of a box are, and what pictures are of which none is told."""
    told = []
    if not one.is_sure:
        titles = ("Left, top, right, bottom.", "Left, top, width, height.", "Centre, width, height.")
        answers = tuple(Answer(title, {"box_form": form}) for title, form in zip(titles, FORMS, strict=True))
        why = "no name of a column says it"
        where = listed(path.name for path in one.source.files)
        told.append(Doubt("What are the four numbers of a box?", why, answers, FORMS.index(one.form), where))
    if one.unlisted:
        answers = (
            Answer("Leave them out.", {"without_boxes": "leave out"}),
            Answer("They show background alone.", {"without_boxes": "background"}),
        )
        pictures = "1 picture lies" if one.unlisted == 1 else f"{one.unlisted:,} pictures lie"
        why = f"{pictures} beside the others, and no file says whether there are boxes in it"
        taken = int(values["without_boxes"] == "background")
        told.append(Doubt("What of pictures of which no box is told?", why, answers, taken))
    return told
