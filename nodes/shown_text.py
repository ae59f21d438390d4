"""Words of a file made showable: bounded in length, without characters that move, hide or reorder others.

Names, paths and values in messages may be a stranger's. Spaces of every width stay; control and format
characters (bidirectional marks, zero-width ones), surrogates and ends of lines are written as escapes.
"""

from __future__ import annotations

import re
import reprlib
import unicodedata
from collections.abc import Iterable

WORDS = 80
"""Characters of a name or a value in a message."""
LINE = 300
"""Characters of a line of a message."""
LINES = 20
"""Lines of a message, beside one that says how many more there are."""
LISTED = 8
"""Names that are listed before the rest is counted."""


def shown(text: str, most: int = WORDS) -> str:
    r"""The text on one line of at most `most` characters; of a longer one the start and the end.

    >>> shown("a\nb"), shown("abcdefghi", 6)
    ('a\\nb', 'abc…hi')
    """
    whole = _escaped(_cut(text, most))
    return whole if len(whole) <= most else _cut(whole, most)


def shown_lines(text: str) -> str:
    """The text with each line as `shown` makes it: `LINES` of them, and one that counts the others.

    In a line that is too long, names and paths are shortened before what is said of them.
    """
    if len(text) <= LINE and text.isprintable():
        return text
    lines = text.split("\n", LINES + 1)
    if len(lines) <= LINES + 1:
        return "\n".join(_line(line) for line in lines)
    told = [_line(line) for line in lines[:LINES]]
    told.append(more_of(2 + lines[LINES + 1].count("\n")))
    return "\n".join(told)


def more_of(count: int, *, at_least: bool = False) -> str:
    """The last line of a list that was cut."""
    return f"… and {'at least ' if at_least else ''}{count:,} more."


def quoted(value: object, most: int = WORDS) -> str:
    """The `repr` of a value, at most `most` characters."""
    try:
        return shown(_SHORT.repr(value), most)
    except ValueError:  # Python refuses to write whole numbers of thousands of digits
        return "a number of too many digits"


def listed(names: Iterable[str], most: int = LISTED) -> str:
    """The first names, and how many more there are: "a, b and 3 more"."""
    every = list(names)
    first = ", ".join(shown(name) for name in every[:most])
    return first if len(every) <= most else f"{first} and {len(every) - most:,} more"


def _line(line: str) -> str:
    line = _cut(line, 30 * LINE)  # words of a line of megabytes are not looked at one by one
    for most in (WORDS, WORDS // 2):
        if len(line) > LINE:
            line = _WORD.sub(lambda found, most=most: shown(found[0], most), line)  # type: ignore[misc]
    return shown(line, LINE)


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    end = (most - 1) // 3 + (most - 1) % 3 // 2
    return f"{text[: most - 1 - end]}…{text[len(text) - end :]}"


def _escaped(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(sign if _is_plain(sign) else repr(sign)[1:-1] for sign in text)


def _is_plain(sign: str) -> bool:
    return sign.isprintable() or unicodedata.category(sign) == "Zs"


_WORD = re.compile(r"\S+")
_SHORT = reprlib.Repr()
_SHORT.maxlevel, _SHORT.maxstring, _SHORT.maxlong, _SHORT.maxother = 2, 2 * LINE, 60, 2 * LINE
_SHORT.maxlist = _SHORT.maxtuple = _SHORT.maxdict = _SHORT.maxset = 12
