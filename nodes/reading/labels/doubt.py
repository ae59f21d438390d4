"""The question whether a cell has several labels."""

from __future__ import annotations

from nodes.reading.labels.choices import LIST, MARKS, NO, SIGNS
from nodes.reading.labels.joined import JoinedLabels
from nodes.reading.look import Answer, Doubt
from nodes.shown_text import quoted, shown


def doubt(found: JoinedLabels, column: str, *, taken: bool, where: str) -> Doubt:
    """The question whether cells have several labels; `taken`: they are read so."""
    sign = {LIST: "is a list", MARKS: "is a list of 0 and 1"}.get(found.sign, "")
    sign = sign or f"has {quoted(SIGNS[found.sign])}"
    many = (
        f"{found.joined:,} of {found.cells:,} different cells have several parts, as {shown(found.example)}"
    )
    why = f"it {sign}: {many}; there are {len(found.labels):,} different parts"
    return Doubt(
        f"Are several labels in one cell of {shown(column)}?",
        why,
        (
            Answer(
                f"Yes: each label by itself ({len(found.labels):,} labels)", {"several_labels": found.sign}
            ),
            Answer("No: each cell is one class", {"several_labels": NO}),
        ),
        0 if taken else 1,
        where,
    )
