"""Whether the last row of a table holds the totals of the others."""

from __future__ import annotations

from collections.abc import Sequence

from nodes.reading.csv_columns import is_number
from nodes.reading.look import Answer, Doubt
from nodes.shown_text import quoted

_WORDS = frozenset(
    {
        "total",
        "totals",
        "grand total",
        "sum",
        "summe",
        "gesamt",
        "insgesamt",
        "gesamtsumme",
        "totale",
        "totaal",
    }
    | {"overall", "all", "average", "mean", "mittelwert", "durchschnitt", "moyenne", "media", "somme", "suma"}
    | {"total general", "totalt", "yhteensä", "итого", "всего", "合计", "总计", "合計", "总和"}
)


def doubts_of(last: Sequence[str], rows: int, where: str) -> tuple[Doubt, ...]:
    """The question whether the last of so many rows is one of totals, where its first words say so."""
    cells = [cell.strip() for cell in last]
    words = [cell for cell in cells if cell and not is_number(cell)]
    numbers = sum(map(is_number, cells))
    if rows < 3 or not numbers or not words:
        return ()
    first = words[0].casefold().strip(" :.*")
    if first not in _WORDS and first.partition(" ")[0].strip(":") not in (
        "total",
        "summe",
        "gesamt",
        "итого",
    ):
        return ()
    answers = (
        Answer("It is a row like the others.", {"excluded": ""}),
        Answer("Leave it out.", {"excluded": str(rows)}),
    )
    why = f"it begins with {quoted(words[0])}"
    return (Doubt("Has the last row the totals of the others?", why, answers, 0, where),)
